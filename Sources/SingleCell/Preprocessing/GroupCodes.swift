/// The group of each cell that counts, such as its batch.
struct GroupCodes: Sendable {
    /// −1 for cells that don't count; nil where all cells count as one group.
    private let codes: [Int32]?
    let groups: Int

    /// - Parameters:
    ///   - cells: Cells that count; all where nil.
    ///   - batches: One a cell, −1 for cells without; one group where nil.
    init(cellCount: Int, cells: [Int]?, batches: [Int32]?) {
        precondition(batches.map { $0.count == cellCount } ?? true, "one batch a cell")
        if let cells {
            var codes = [Int32](repeating: -1, count: cellCount)
            for cell in cells { codes[cell] = batches?[cell] ?? 0 }
            self.codes = codes
        } else {
            codes = batches
        }
        groups = max(1, Int(codes?.max() ?? 0) + 1)
    }

    /// Of consecutive cells.
    subscript(rows: Range<Int>) -> [Int32]? { codes.map { Array($0[rows]) } }
}
