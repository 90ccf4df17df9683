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
    /// The var column that names genes for people, such as `symbol`; nil takes the names of the rows. Where it has no value,
    /// or one that another gene has, too, the name of the row stays.
    public var geneNameColumn: String?

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
    let (format, file) = try FileFormat.open(path)
    if format == .h5ad, let file {
        var reader = try H5ADReader(file)
        let result = try reader.read()
        if let column = options.geneNameColumn { return try result.namingGenes(by: column, path: path) }
        return result
    } else if format == .delimitedText {
        return try DelimitedMatrix.read(path, orientation: options.orientation)
    } else if format == .tenXDirectory || format == .matrixMarket {
        let result = try TenXDirectory.read(path, options: options)
        if let column = options.geneNameColumn { return try result.namingGenes(by: column, path: path) }
        return result
    } else {
        throw FormatError(
            code: "NOT_THIS_FORMAT", file: path, message: "h5ad or delimited text expected, this is \(format.name)",
            remedy: "convert it to h5ad, for instance with scanpy")
    }
}

extension ReadingResult {
    func namingGenes(by column: String, path: String) throws(FormatError) -> ReadingResult {
        guard let labels = data.genes[column]?.labels else {
            let found = data.genes.columns.map(\.name).joined(separator: ", ")
            throw FormatError(
                code: "MISSING_ELEMENT", file: path, element: "/var/\(column)",
                message: "expected a column \(column), found \(found.isEmpty ? "none" : found)",
                remedy: "set read.geneNameColumn to one of these columns")
        }
        var result = self
        let uses = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +)
        let rows = Set(data.genes.names)
        var kept = 0
        for (gene, label) in labels.enumerated() {
            if let label, !label.isEmpty, uses[label] == 1, !rows.contains(label) {
                result.data.genes.names[gene] = label
            } else {
                kept += label == data.genes.names[gene] ? 0 : 1
            }
        }
        if kept > 0 {
            result.notices.append(
                Notice(
                    code: "GENE_NAMES_KEPT",
                    message: "\(kept) genes without a name of their own in \(column) kept the name of their row."))
        }
        return result
    }
}
