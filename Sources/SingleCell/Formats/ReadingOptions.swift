import AnnotatedData

/// Which way a table of numbers lies.
public enum Orientation: String, Sendable, Codable, CaseIterable {
    case cellsByGenes
    case genesByCells
}

/// How a file is read where it does not say so itself.
public struct ReadingOptions: Sendable, Codable, Equatable {
    /// Which way a delimited file lies; nil: by its row and column names, and an error where these do not tell.
    public var orientation: Orientation?

    public init(orientation: Orientation? = nil) {
        self.orientation = orientation
    }
}

/// A matrix with what is to be known about its file.
public struct ReadingResult: Sendable, Equatable {
    public var data: AnnotatedMatrix
    public var format: FileFormat
    /// How the main matrix is stored: `csr`, `csc` or `dense`.
    public var layout: String
    /// The type of its values in the file, such as `float32`.
    public var dtype: String
    /// What was odd and was lived with, or had to be assumed.
    public var notices: [Notice]

    public init(data: AnnotatedMatrix, format: FileFormat, layout: String, dtype: String, notices: [Notice]) {
        self.data = data
        self.format = format
        self.layout = layout
        self.dtype = dtype
        self.notices = notices
    }
}

/// Reads cells × genes from a file of any known format.
/// - Throws: `FormatError`, which names the file and the place in it.
public func readAnnotated(_ path: String, options: ReadingOptions = .init()) throws(FormatError) -> ReadingResult {
    let format = try FileFormat.recognise(path)
    switch format {
    case .h5ad:
        var reader = try H5ADReader(path)
        return try reader.read()
    case .delimitedText:
        return try DelimitedMatrix.read(path, orientation: options.orientation)
    case .tenXHDF5, .loom, .tenXDirectory, .zarr:
        throw FormatError(
            code: "NOT_THIS_FORMAT", file: path, message: "h5ad or delimited text expected, this is \(format.name)",
            remedy: "convert it to h5ad, for instance with scanpy")
    }
}
