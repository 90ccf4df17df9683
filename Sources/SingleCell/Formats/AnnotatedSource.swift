import AnnotatedData
import HDF5

/// An opened file: its annotation in memory, its matrices where they are, to be walked through in blocks or loaded whole.
public struct AnnotatedSource: Sendable {
    public var format: FileFormat
    /// How the main matrix is stored: `csr`, `csc` or `dense`.
    public var layout: String
    /// The type of its values in the file, such as `float32`.
    public var dtype: String
    /// The main matrix; nil where the file has none.
    public var x: (any MatrixBlocks)?
    public var layers: [String: any MatrixBlocks]
    /// The matrix kept before filtering or scaling, with its genes.
    public var raw: (x: any MatrixBlocks, genes: AnnotationTable)?
    /// Everything but the matrices, which are nil and empty here.
    public var annotation: AnnotatedMatrix
    /// What was odd and was lived with, or had to be assumed.
    public var notices: [Notice]

    public init(
        format: FileFormat, layout: String, dtype: String, x: (any MatrixBlocks)?,
        layers: [String: any MatrixBlocks] = [:], raw: (x: any MatrixBlocks, genes: AnnotationTable)? = nil,
        annotation: AnnotatedMatrix, notices: [Notice] = []
    ) {
        self.format = format
        self.layout = layout
        self.dtype = dtype
        self.x = x
        self.layers = layers
        self.raw = raw
        self.annotation = annotation
        self.notices = notices
    }
}

/// Opens a file of any known format; its matrices stay where they are until they are walked through.
/// - Throws: `FormatError`, which names the file and the place in it.
public func openAnnotated(_ path: String, options: ReadingOptions = .init()) throws(FormatError) -> AnnotatedSource {
    let (format, file) = try FileFormat.open(path)
    if let file, let source = try openHDF5(format, file, options) { return source }
    let result = try readAnnotated(path, options: options)
    var annotation = result.data
    annotation.x = nil
    annotation.layers = [:]
    annotation.raw = nil
    return AnnotatedSource(
        format: result.format, layout: result.layout, dtype: result.dtype, x: result.data.x,
        layers: result.data.layers, raw: result.data.raw.map { ($0.x, $0.genes) }, annotation: annotation,
        notices: result.notices)
}

/// The formats of HDF5 files whose matrices stay there; nil for others.
func openHDF5(
    _ format: FileFormat, _ file: HDF5File, _ options: ReadingOptions
) throws(FormatError) -> AnnotatedSource? {
    switch format {
    case .tenXHDF5: try TenXReader.open(file, options: options)
    case .loom: try LoomReader.open(file, options: options)
    case .h5ad, .delimitedText, .tenXDirectory, .zarr: nil
    }
}
