import AnnotatedData
import Matrices

/// A matrix compressed by genes (csc), handed out by cells.
///
/// Turning it costs one pass over the indices, which counts the entries of each cell, and then one pass over the file for
/// every 32 million entries; so many are held at a time (8 bytes each, 16 where `Float` does not hold the values).
struct StoredColumns: Sendable {
    let lines: StoredLines
    let windowEntries: Int

    init(_ lines: StoredLines, windowEntries: Int = 1 << 25) {
        self.lines = lines
        self.windowEntries = windowEntries
    }

    /// Entries of consecutive cells, compressed by cells.
    struct Window {
        let rows: Range<Int>
        let columns: Int
        /// From the first entry of the window; one more than there are rows.
        let starts: [Int]
        var indices: [Int32]
        var floats: [Float]
        var exact: [Double]?
        var notices: [Notice]

        func matrix(_ part: Range<Int>) -> SparseMatrix {
            guard part != rows else {
                return SparseMatrix(
                    rows: rows.count, columns: columns, rowStarts: starts, columnIndices: indices, values: floats)
            }
            let entries = entries(part)
            return SparseMatrix(
                rows: part.count, columns: columns,
                rowStarts: starts[part.lowerBound - rows.lowerBound...part.upperBound - rows.lowerBound].map {
                    $0 - entries.lowerBound
                }, columnIndices: Array(indices[entries]), values: Array(floats[entries]))
        }

        func entries(_ part: Range<Int>) -> Range<Int> {
            starts[part.lowerBound - rows.lowerBound]..<starts[part.upperBound - rows.lowerBound]
        }
    }

    func forEachBlock(ofEntries most: Int, body: (MatrixBlock) throws -> Void) throws {
        let counts = try entryCounts()
        for rows in Self.ranges(counts[...], most: windowEntries) {
            let window = try window(rows, counts: counts)
            for (index, part) in Self.ranges(counts[rows], most: most).enumerated() {
                try body(
                    MatrixBlock(
                        firstRow: part.lowerBound, matrix: .sparse(window.matrix(part)),
                        exact: window.exact.map { Array($0[window.entries(part)]) },
                        notices: index == 0 ? window.notices : []))
            }
        }
    }

    func window(_ rows: Range<Int>) throws(FormatError) -> Window { try window(rows, counts: try entryCounts()) }

    /// The entries of each cell.
    private func entryCounts() throws(FormatError) -> [Int] {
        var counts = [Int](repeating: 0, count: lines.axes.cells.count)
        for range in lines.ranges(ofEntries: StoredMatrix.blockEntries) {
            for row in try lines.readIndices(range) { counts[Int(row)] += 1 }
        }
        return counts
    }

    private func window(_ rows: Range<Int>, counts: [Int]) throws(FormatError) -> Window {
        var starts = [0]
        starts.reserveCapacity(rows.count + 1)
        for row in rows { starts.append(starts[starts.count - 1] + counts[row]) }
        let total = starts[rows.count]
        var next = starts
        var window = Window(
            rows: rows, columns: lines.axes.genes.count, starts: starts, indices: [Int32](repeating: 0, count: total),
            floats: [Float](repeating: 0, count: total), exact: nil, notices: [])
        for range in lines.ranges(ofEntries: StoredMatrix.blockEntries) {
            let part = try lines.read(range)
            let known = Set(window.notices.map(\.code))
            window.notices += part.notices.filter { !known.contains($0.code) }
            if part.numbers.exact != nil, window.exact == nil { window.exact = window.floats.map(Double.init) }
            let offset = lines.starts[range.lowerBound]
            for line in range {
                for entry in lines.starts[line] - offset..<lines.starts[line + 1] - offset {
                    let row = Int(part.indices[entry])
                    guard rows.contains(row) else { continue }
                    let place = next[row - rows.lowerBound]
                    guard place < starts[row - rows.lowerBound + 1] else { throw changed() }
                    next[row - rows.lowerBound] += 1
                    window.indices[place] = Int32(truncatingIfNeeded: line)
                    window.floats[place] = part.numbers.floats[entry]
                    if window.exact != nil {
                        window.exact![place] = part.numbers.exact?[entry] ?? Double(part.numbers.floats[entry])
                    }
                }
            }
        }
        return window
    }

    private func changed() -> FormatError {
        .unsound(
            "CORRUPT_HDF5", lines.axes.file, lines.indices.element, "the values differ from one reading to the next",
            remedy: "wait until the file is written, and read it again")
    }

    /// Consecutive rows of at most that many entries, or of one row.
    private static func ranges(_ counts: ArraySlice<Int>, most: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var (first, entries) = (counts.startIndex, 0)
        for row in counts.indices {
            if row > first, entries + counts[row] > most || row - first >= most {
                ranges.append(first..<row)
                (first, entries) = (row, 0)
            }
            entries += counts[row]
        }
        if first < counts.endIndex { ranges.append(first..<counts.endIndex) }
        return ranges
    }
}
