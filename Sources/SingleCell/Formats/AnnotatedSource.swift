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
    /// One row a gene of `raw` (`raw/varm`).
    public var rawGeneLoadings: [String: AlignedArray]
    /// Everything but the matrices, which are nil and empty here.
    public var annotation: AnnotatedMatrix
    /// What was odd and was lived with, or had to be assumed.
    public var notices: [Notice]

    public init(
        format: FileFormat, layout: String, dtype: String, x: (any MatrixBlocks)?,
        layers: [String: any MatrixBlocks] = [:], raw: (x: any MatrixBlocks, genes: AnnotationTable)? = nil,
        rawGeneLoadings: [String: AlignedArray] = [:], annotation: AnnotatedMatrix, notices: [Notice] = []
    ) {
        self.format = format
        self.layout = layout
        self.dtype = dtype
        self.x = x
        self.layers = layers
        self.raw = raw
        self.rawGeneLoadings = rawGeneLoadings
        self.annotation = annotation
        self.notices = notices
    }
}

/// Opens a file of any known format; its matrices stay where they are until they are walked through.
/// - Throws: `FormatError`, which names the file and the place in it. What is wrong with the values of a matrix is thrown
///   where they are walked through.
public func openAnnotated(_ path: String, options: ReadingOptions = .init()) throws(FormatError) -> AnnotatedSource {
    let (format, file) = try FileFormat.open(path)
    var source: AnnotatedSource
    switch (format, file) {
    case (.tenXHDF5, let file?): source = try TenXReader.open(file, options: options)
    case (.loom, let file?): source = try LoomReader.open(file, options: options)
    case (_, let file?):
        let root = try FormatError.translating { () throws(HDF5Error) in try file.root }
        var reader = AnnDataReader(root.store, path: path, format: format)
        source = try reader.open(options)
    case (.zarr, nil):
        var reader = AnnDataReader(try ZarrStore.root(path), path: path, format: format)
        source = try reader.open(options)
    case (.tenXDirectory, nil), (.matrixMarket, nil): source = try TenXDirectory.open(path, options: options)
    default: source = AnnotatedSource(try DelimitedMatrix.read(path, orientation: options.orientation))
    }
    if let column = options.geneNameColumn { try source.nameGenes(by: column, path: path) }
    return source
}

extension AnnotatedSource {
    /// A file that was read whole.
    init(_ result: ReadingResult) {
        var annotation = result.data
        annotation.x = nil
        annotation.layers = [:]
        annotation.raw = nil
        self.init(
            format: result.format, layout: result.layout, dtype: result.dtype, x: result.data.x,
            layers: result.data.layers, raw: result.data.raw.map { ($0.x, $0.genes) },
            rawGeneLoadings: result.data.raw?.geneLoadings ?? [:], annotation: annotation, notices: result.notices)
    }

    /// Everything in memory.
    public func load() throws(FormatError) -> ReadingResult {
        var result = ReadingResult(
            data: annotation, format: format, layout: layout, dtype: dtype, notices: notices)
        if let x { result.data.x = try Self.load(x, &result.notices) }
        for (name, matrix) in layers.sorted(by: { $0.key < $1.key }) {
            result.data.layers[name] = try Self.load(matrix, &result.notices)
        }
        if let raw {
            result.data.raw = RawMatrix(
                x: try Self.load(raw.x, &result.notices), genes: raw.genes, geneLoadings: rawGeneLoadings)
        }
        return result
    }

    private static func load(_ matrix: any MatrixBlocks, _ notices: inout [Notice]) throws(FormatError) -> CellMatrix {
        if let matrix = matrix as? CellMatrix { return matrix }
        let stored = matrix as? any LoadableBlocks
        let (loaded, found) = if let stored { try stored.load() } else { try matrix.gathered() }
        notices += found
        return loaded
    }
}
