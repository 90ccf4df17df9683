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
    /// One row a cell: principal components, maps, guide counts (`obsm`).
    public var cellEmbeddings: [String: AlignedArray]
    /// One row a gene, such as the weights of principal components (`varm`).
    public var geneLoadings: [String: AlignedArray]
    /// Cells × cells, such as distances to neighbours (`obsp`).
    public var cellGraphs: [String: AlignedArray]
    /// Genes × genes (`varp`).
    public var geneGraphs: [String: AlignedArray]

    public init(
        x: CellMatrix?, cells: AnnotationTable, genes: AnnotationTable, layers: [String: CellMatrix] = [:],
        raw: RawMatrix? = nil, unstructured: [String: AnnotationValue] = [:],
        cellEmbeddings: [String: AlignedArray] = [:], geneLoadings: [String: AlignedArray] = [:],
        cellGraphs: [String: AlignedArray] = [:], geneGraphs: [String: AlignedArray] = [:]
    ) {
        for matrix in layers.values + (x.map { [$0] } ?? []) {
            precondition(
                matrix.rows == cells.count && matrix.columns == genes.count,
                "a matrix of \(matrix.rows) × \(matrix.columns) for \(cells.count) cells × \(genes.count) genes")
        }
        for (arrays, count) in [(cellEmbeddings, cells.count), (geneLoadings, genes.count)] {
            precondition(arrays.values.allSatisfy { $0.count == count }, "an array has not \(count) rows")
        }
        for (graphs, count) in [(cellGraphs, cells.count), (geneGraphs, genes.count)] {
            precondition(
                graphs.values.allSatisfy { $0.count == count && $0.width == count },
                "a graph is not \(count) × \(count)"
            )
        }
        self.x = x
        self.cells = cells
        self.genes = genes
        self.layers = layers
        self.raw = raw
        self.unstructured = unstructured
        self.cellEmbeddings = cellEmbeddings
        self.geneLoadings = geneLoadings
        self.cellGraphs = cellGraphs
        self.geneGraphs = geneGraphs
    }
}
