import AnnotatedData
import HDF5

/// A compressed matrix in a file: its lines are cells (csr) or genes (csc). The pointers are in memory and checked, the
/// entries are read and checked line by line.
struct StoredLines: Sendable {
    let element: String
    let axes: MatrixAxes
    let isByCells: Bool
    /// Whether values that are not finite are an error.
    let isMain: Bool
    /// Line k owns the entries `starts[k]..<starts[k + 1]`.
    let starts: [Int]
    let indices: any StoreValues
    let data: any StoreValues

    var lineCount: Int { starts.count - 1 }
    var entryCount: Int { starts[lineCount] }

    /// Entries of some lines.
    struct Part: Sendable {
        let lines: Range<Int>
        let indices: [Int32]
        let numbers: StoredNumbers
        var notices: [Notice] = []
    }

    /// The lines cut into ranges of at most that many entries, or of one line.
    func ranges(ofEntries most: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var first = 0
        for line in 0..<lineCount where starts[line + 1] - starts[first] > most || line - first >= most {
            if line > first { ranges.append(first..<line) }
            first = max(first, line)
        }
        if first < lineCount { ranges.append(first..<lineCount) }
        return ranges
    }

    /// - Throws: `INDEX_RANGE`, `NONFINITE`, and what the store throws.
    func read(_ lines: Range<Int>) throws(FormatError) -> Part {
        let entries = starts[lines.lowerBound]..<starts[lines.upperBound]
        let indices = try self.indices.smallIntegers(in: entries)
        let repeated = try checkIndices(indices, lines)
        let numbers = try StoredNumbers(data, in: entries)
        var part = Part(lines: lines, indices: indices, numbers: numbers)
        if let repeated {
            let place = place(repeated.line, repeated.index)
            part.notices.append(
                Notice(
                    code: "DUPLICATE_ENTRIES",
                    message: "\(element): entries are given twice and count as their sums, first that of cell "
                        + "'\(axes.cells[place.cell])' and gene '\(axes.genes[place.gene])'"))
        }
        if let notice = numbers.notice { part.notices.append(notice) }
        if let position = StoredNumbers.firstNotFinite(numbers.floats) {
            let place = place(line(of: entries.lowerBound + position), indices[position])
            part.notices.append(
                try axes.notFinite(
                    numbers.floats[position], element, cell: place.cell, gene: place.gene, isMain: isMain))
        }
        return part
    }

    /// The indices of some lines' entries, checked.
    func readIndices(_ lines: Range<Int>) throws(FormatError) -> [Int32] {
        let indices = try self.indices.smallIntegers(in: starts[lines.lowerBound]..<starts[lines.upperBound])
        _ = try checkIndices(indices, lines)
        return indices
    }

    private func place(_ line: Int, _ index: Int32) -> (cell: Int, gene: Int) {
        isByCells ? (line, Int(index)) : (Int(index), line)
    }

    /// The line that owns an entry: the last one that starts at or before it.
    private func line(of entry: Int) -> Int {
        var (low, high) = (0, lineCount)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= entry { low = middle } else { high = middle }
        }
        return low
    }

    /// Every index must be inside the matrix. Lines are mostly sorted, and then one comparison an entry is enough.
    /// - Returns: The first entry that its line has twice.
    private func checkIndices(
        _ indices: [Int32], _ lines: Range<Int>
    ) throws(FormatError) -> (line: Int, index: Int32)? {
        let extent = isByCells ? axes.genes.count : axes.cells.count
        let offset = starts[lines.lowerBound]
        var repeated: (line: Int, index: Int32)?
        let outside: Int? = indices.withUnsafeBufferPointer { indices in
            for line in lines {
                let range = starts[line] - offset..<starts[line + 1] - offset
                var previous: Int32 = -1
                var isRising = true
                for entry in range {
                    isRising = isRising && indices[entry] > previous
                    previous = indices[entry]
                }
                if isRising, Int(previous) < extent { continue }
                if let entry = range.first(where: { indices[$0] < 0 || Int(indices[$0]) >= extent }) { return entry }
                if repeated == nil {
                    var seen: Set<Int32> = []
                    repeated = range.first { !seen.insert(indices[$0]).inserted }.map { (line, indices[$0]) }
                }
            }
            return nil
        }
        guard let outside else { return repeated }
        throw .unsound(
            "INDEX_RANGE", axes.file, "\(self.indices.element)[\(offset + outside)]",
            "the index is \(indices[outside]) in \(isByCells ? "cell" : "gene") \(line(of: offset + outside)), "
                + "but there are \(extent) \(isByCells ? "genes" : "cells")")
    }
}
