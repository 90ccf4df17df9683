import Matrices

/// A matrix over the same cells with genes of its own.
public struct RawMatrix: Sendable, Equatable {
    public var x: CellMatrix
    public var genes: AnnotationTable
    /// One row a gene (`raw/varm`).
    public var geneLoadings: [String: AlignedArray]

    public init(x: CellMatrix, genes: AnnotationTable, geneLoadings: [String: AlignedArray] = [:]) {
        self.x = x
        self.genes = genes
        self.geneLoadings = geneLoadings
    }
}

/// Cells × genes, stored dense or by compressed rows, as the file had it.
public enum CellMatrix: Sendable, Equatable {
    case dense(Matrix<Float>)
    case sparse(SparseMatrix)

    public var rows: Int {
        switch self {
        case .dense(let matrix): matrix.rows
        case .sparse(let matrix): matrix.rows
        }
    }

    public var columns: Int {
        switch self {
        case .dense(let matrix): matrix.columns
        case .sparse(let matrix): matrix.columns
        }
    }

    public var dense: Matrix<Float> {
        switch self {
        case .dense(let matrix): matrix
        case .sparse(let matrix): matrix.dense
        }
    }

    /// The stored values: all of them where dense.
    public var storedValues: [Float] {
        switch self {
        case .dense(let matrix): matrix.values
        case .sparse(let matrix): matrix.values
        }
    }

    /// The sum of all values.
    public var sum: Double {
        switch self {
        case .dense(let matrix): matrix.values.reduce(into: 0) { $0 += Double($1) }
        case .sparse(let matrix): matrix.values.reduce(into: 0) { $0 += Double($1) }
        }
    }
}
