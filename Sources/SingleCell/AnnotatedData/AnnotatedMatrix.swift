import Matrices

/// Cells × genes with columns on both sides: AnnData in memory.
///
/// Every matrix has `cells.count` rows and `genes.count` columns, except `raw`, which has variables of its own.
public struct AnnotatedMatrix: Sendable, Equatable {
    /// The main matrix (`X`); nil where the file has none.
    public var x: CellMatrix?
    /// One row a cell (`obs`).
    public var cells: AnnotationTable
    /// One row a gene (`var`).
    public var genes: AnnotationTable
    public var layers: [String: CellMatrix]
    /// The matrix kept before filtering or scaling, with its genes (`raw`).
    public var raw: RawMatrix?
    /// Unstructured annotation (`uns`).
    public var unstructured: [String: AnnotationValue]

    public init(
        x: CellMatrix?, cells: AnnotationTable, genes: AnnotationTable, layers: [String: CellMatrix] = [:],
        raw: RawMatrix? = nil, unstructured: [String: AnnotationValue] = [:]
    ) {
        for matrix in layers.values + (x.map { [$0] } ?? []) {
            precondition(
                matrix.rows == cells.count && matrix.columns == genes.count,
                "a matrix of \(matrix.rows) × \(matrix.columns) for \(cells.count) cells × \(genes.count) genes")
        }
        self.x = x
        self.cells = cells
        self.genes = genes
        self.layers = layers
        self.raw = raw
        self.unstructured = unstructured
    }
}
