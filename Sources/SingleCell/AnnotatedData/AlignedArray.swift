/// What is kept for each cell or for each gene beside the matrices: an entry of `obsm`, `varm`, `obsp` or `varp`.
public enum AlignedArray: Sendable, Equatable {
    /// Any rank from one on; the first axis goes along the cells or genes.
    case numbers(NumberArray)
    case sparse(CompressedNumbers)
    case table(AnnotationTable)

    /// The number of cells or genes it goes along.
    public var count: Int {
        switch self {
        case .numbers(let array): array.shape.first ?? 0
        case .sparse(let matrix): matrix.rows
        case .table(let table): table.count
        }
    }

    /// The extent of the second axis: dimensions of an embedding, neighbours of a graph; nil where there is none.
    public var width: Int? {
        switch self {
        case .numbers(let array): array.shape.count > 1 ? array.shape[1] : nil
        case .sparse(let matrix): matrix.columns
        case .table(let table): table.columns.count
        }
    }

    /// The given rows, in the order given.
    public func selecting(_ selection: [Int]) -> AlignedArray {
        switch self {
        case .numbers(let array): .numbers(array.selecting(selection))
        case .sparse(let matrix): .sparse(matrix.selectingRows(selection))
        case .table(let table): .table(table.selecting(selection))
        }
    }

    /// Of a graph, whose first two axes both go along the cells or genes: those given, in the order given.
    public func selectingBoth(_ selection: [Int]) -> AlignedArray {
        switch self {
        case .numbers(let array): .numbers(array.selecting(selection).selecting(selection, axis: 1))
        case .sparse(let matrix): .sparse(matrix.selectingRows(selection).selectingColumns(selection))
        case .table: preconditionFailure("a table is no graph")
        }
    }
}
