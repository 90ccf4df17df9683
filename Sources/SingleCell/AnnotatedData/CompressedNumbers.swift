/// A sparse matrix as a file has it, by rows or by columns, with numbers of their own type: graphs between cells and sparse
/// annotation, which are kept and cut but not computed with. `SparseMatrix` is for expression.
public struct CompressedNumbers: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    /// Whether lines are rows (csr) or columns (csc).
    public let isByRows: Bool
    /// Line k owns the entries `starts[k]..<starts[k + 1]`.
    public let starts: [Int]
    /// Of the entries: their columns, or by columns their rows.
    public let indices: [Int32]
    /// One number an entry.
    public let values: NumberArray

    public init(rows: Int, columns: Int, isByRows: Bool, starts: [Int], indices: [Int32], values: NumberArray) {
        let lines = isByRows ? rows : columns
        precondition(starts.count == lines + 1, "\(lines + 1) starts expected, \(starts.count) given")
        precondition(starts.first == 0 && starts.last == indices.count, "starts must span all entries")
        precondition(values.shape == [indices.count], "each entry has one index and one value")
        self.rows = rows
        self.columns = columns
        self.isByRows = isByRows
        self.starts = starts
        self.indices = indices
        self.values = values
    }

    public func selectingRows(_ selection: [Int]) -> CompressedNumbers {
        isByRows ? selectingLines(selection) : selectingAcross(selection)
    }

    public func selectingColumns(_ selection: [Int]) -> CompressedNumbers {
        isByRows ? selectingAcross(selection) : selectingLines(selection)
    }

    private func selectingLines(_ selection: [Int]) -> CompressedNumbers {
        var (selected, entries) = ([0], [Int]())
        for line in selection {
            entries += starts[line]..<starts[line + 1]
            selected.append(entries.count)
        }
        return CompressedNumbers(
            rows: isByRows ? selection.count : rows, columns: isByRows ? columns : selection.count, isByRows: isByRows,
            starts: selected, indices: entries.map { indices[$0] }, values: values.selecting(entries))
    }

    private func selectingAcross(_ selection: [Int]) -> CompressedNumbers {
        // A place may be selected more than once.
        var places = [[Int32]](repeating: [], count: isByRows ? columns : rows)
        for (place, old) in selection.enumerated() { places[old].append(Int32(place)) }
        var (selected, entries, moved) = ([0], [Int](), [Int32]())
        for line in 0..<starts.count - 1 {
            for entry in starts[line]..<starts[line + 1] {
                for place in places[Int(indices[entry])] {
                    entries.append(entry)
                    moved.append(place)
                }
            }
            selected.append(entries.count)
        }
        return CompressedNumbers(
            rows: isByRows ? rows : selection.count, columns: isByRows ? selection.count : columns, isByRows: isByRows,
            starts: selected, indices: moved, values: values.selecting(entries))
    }
}
