import AnnotatedData
import Foundation
import HDF5

/// Where a matrix stands in an h5ad file.
public enum H5ADPlace: Sendable, Hashable {
    /// `X`.
    case main
    case layer(String)
    /// `raw/X`.
    case raw
}

/// An h5ad file that is written while its matrices are being made, so that none need be in memory whole.
///
/// Matrices first, block by block; `finish` adds the annotation and gives the file its name. Without it nothing is left.
/// Matrices written one after another give the same bytes, however they are cut into blocks.
public final class H5ADOutput {
    private let path: String
    private let partial: String
    private let file: HDF5File
    private let root: HDF5Group
    private let layers: HDF5Group
    private var rawGroup: HDF5Group?
    private let writer: H5ADWriter
    private var matrices: [H5ADPlace: H5ADMatrixOutput] = [:]
    private var isFinished = false

    /// - Throws: `CANNOT_WRITE`.
    public init(to path: String, compression: HDF5Compression = .gzip(level: 4)) throws(FormatError) {
        self.path = path
        let partial = try WholeFile.partialPath(for: path)
        self.partial = partial
        let writer = H5ADWriter(compression: compression)
        self.writer = writer
        (file, root, layers) = try Self.writing(path) { () throws(HDF5Error) in
            let file = try HDF5File(creating: partial)
            let root = try file.root
            try writer.encode(root, "anndata")
            return (file, root, try writer.dictionary("layers", in: root))
        }
    }

    deinit {
        if !isFinished { unlink(partial) }
    }

    /// Starts a matrix of cells × `columns` genes; its blocks may be appended in turn with those of others.
    /// - Parameter type: the type of its numbers in the file.
    public func makeMatrix(
        at place: H5ADPlace, columns: Int, type: HDF5ElementType = .float32
    ) throws(FormatError) -> H5ADMatrixOutput {
        precondition(matrices[place] == nil, "\(place) is written already")
        let matrix: H5ADMatrixOutput
        switch place {
        case .main: matrix = H5ADMatrixOutput(root, "X", columns, type, writer, path)
        case .layer(let name): matrix = H5ADMatrixOutput(layers, name, columns, type, writer, path)
        case .raw:
            let (root, writer) = (root, writer)
            let group = try writing { () throws(HDF5Error) in
                let group = try root.makeGroup("raw")
                try writer.encode(group, "raw")
                return group
            }
            rawGroup = group
            matrix = H5ADMatrixOutput(group, "X", columns, type, writer, path)
        }
        matrices[place] = matrix
        return matrix
    }

    /// Writes everything but the matrices, which `annotation` need not hold, and gives the file its name.
    /// - Parameter raw: the genes of the matrix at `raw`.
    public func finish(
        _ annotation: AnnotatedMatrix, raw: (genes: AnnotationTable, geneLoadings: [String: AlignedArray])? = nil
    ) throws(FormatError) {
        precondition((raw == nil) == (matrices[.raw] == nil), "raw is a matrix with genes")
        for (place, matrix) in matrices.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            let columns = place == .raw ? raw?.genes.count : annotation.genes.count
            precondition(
                matrix.rows == annotation.cells.count && matrix.columns == columns,
                "\(matrix.rows) × \(matrix.columns) values written for \(annotation.cells.count) cells × \(columns ?? 0)"
            )
            try matrix.finish()
        }
        let (root, rawGroup, file, writer) = (root, rawGroup, file, writer)
        try writing { () throws(HDF5Error) in
            try writer.table(annotation.cells, at: "obs", in: root)
            try writer.table(annotation.genes, at: "var", in: root)
            try writer.aligned(annotation.cellEmbeddings, at: "obsm", in: root)
            try writer.aligned(annotation.geneLoadings, at: "varm", in: root)
            try writer.aligned(annotation.cellGraphs, at: "obsp", in: root)
            try writer.aligned(annotation.geneGraphs, at: "varp", in: root)
            if let raw, let rawGroup {
                try writer.table(raw.genes, at: "var", in: rawGroup)
                try writer.aligned(raw.geneLoadings, at: "varm", in: rawGroup)
            }
            try writer.dictionary(annotation.unstructured, at: "uns", in: root)
            try file.close()
        }
        try WholeFile.commit(partial, as: path)
        isFinished = true
    }

    private func writing<Result>(_ body: () throws(HDF5Error) -> Result) throws(FormatError) -> Result {
        try Self.writing(path, body)
    }

    /// Errors name the file by its final name.
    static func writing<Result>(
        _ path: String, _ body: () throws(HDF5Error) -> Result
    ) throws(FormatError) -> Result {
        do throws(HDF5Error) {
            return try body()
        } catch {
            var error = FormatError(error)
            error.file = path
            throw error
        }
    }
}
