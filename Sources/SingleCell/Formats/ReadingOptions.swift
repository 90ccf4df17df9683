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
    /// Which part of a file of several modalities (MuData) is read; nil takes the only one, and is an error where there are
    /// more.
    public var modality: String?
    /// The genome whose genes a 10x HDF5 file gives, such as `GRCh38`; nil takes all where they share a matrix, and is an
    /// error where there are several matrices.
    public var genome: String?
    /// The types of features that a 10x file or folder gives, such as `Gene Expression` or `CRISPR Guide Capture`; nil takes all.
    public var featureTypes: [String]?

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
    try openAnnotated(path, options: options).load()
}

extension AnnotatedSource {
    mutating func nameGenes(by column: String, path: String) throws(FormatError) {
        guard let labels = annotation.genes[column]?.labels else {
            let found = annotation.genes.columns.map(\.name).joined(separator: ", ")
            throw FormatError(
                code: "MISSING_ELEMENT", file: path, element: "/var/\(column)",
                message: "expected a column \(column), found \(found.isEmpty ? "none" : found)",
                remedy: "set read.geneNameColumn to one of these columns")
        }
        let uses = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +)
        let rows = Set(annotation.genes.names)
        var kept = 0
        for (gene, label) in labels.enumerated() {
            if let label, !label.isEmpty, uses[label] == 1, !rows.contains(label) {
                annotation.genes.names[gene] = label
            } else {
                kept += label == annotation.genes.names[gene] ? 0 : 1
            }
        }
        if kept > 0 {
            notices.append(
                Notice(
                    code: "GENE_NAMES_KEPT",
                    message: "\(kept) genes without a name of their own in \(column) kept the name of their row."))
        }
    }
}
