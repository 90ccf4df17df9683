import AnnotatedData
import Matrices

extension AnnotatedSource {
    /// The whole file in memory.
    /// - Throws: What is wrong with entries, which shows only as they are read.
    func loaded() throws(FormatError) -> ReadingResult {
        var (data, notices) = (annotation, notices)
        var layers: [String: CellMatrix] = [:]
        if let x {
            let (matrix, isRounded) = try x.gathered()
            data.x = matrix
            if isRounded { notices.append(Self.roundingNotice("the main matrix")) }
            let repeated = matrix.repeatedEntries
            if repeated > 0 {
                notices.append(
                    Notice(
                        code: "DUPLICATE_ENTRIES",
                        message: "\(repeated) entries are given twice; they count as their sums"))
            }
        }
        for (name, layer) in self.layers.sorted(by: { $0.key < $1.key }) {
            let (matrix, isRounded) = try layer.gathered()
            layers[name] = matrix
            if isRounded { notices.append(Self.roundingNotice("layer \(name)")) }
        }
        data.layers = layers
        if let raw { data.raw = RawMatrix(x: try raw.x.gathered().matrix, genes: raw.genes) }
        return ReadingResult(data: data, format: format, layout: layout, dtype: dtype, notices: notices)
    }

    private static func roundingNotice(_ what: String) -> Notice {
        Notice(code: "PRECISION", message: "\(what): some values are rounded to 24 bits")
    }
}

extension MatrixBlocks {
    /// All blocks as one matrix, and whether whole numbers were rounded on the way.
    func gathered() throws(FormatError) -> (matrix: CellMatrix, isRounded: Bool) {
        var isRounded = false
        var dense: [Float] = []
        var (starts, columnIndices, values): ([Int], [Int32], [Float]) = ([0], [], [])
        starts.reserveCapacity(rows + 1)
        var isDense = false
        let count = storedCount
        do {
            try forEachBlock { block in
                if let exact = block.exact {
                    isRounded = isRounded || exact.contains { $0.rounded() == $0 && Double(Float($0)) != $0 }
                }
                switch block.matrix {
                case .dense(let matrix):
                    isDense = true
                    if dense.isEmpty { dense.reserveCapacity(count) }
                    dense.append(contentsOf: matrix.values)
                case .sparse(let matrix):
                    if values.isEmpty {
                        columnIndices.reserveCapacity(count)
                        values.reserveCapacity(count)
                    }
                    let offset = values.count
                    starts.append(contentsOf: matrix.rowStarts.dropFirst().lazy.map { $0 + offset })
                    columnIndices.append(contentsOf: matrix.columnIndices)
                    values.append(contentsOf: matrix.values)
                }
            }
        } catch let error as FormatError {
            throw error
        } catch {
            preconditionFailure("a matrix in a file throws FormatError, not \(error)")
        }
        if isDense { return (.dense(Matrix(rows: rows, columns: columns, values: dense)), isRounded) }
        return (
            .sparse(
                SparseMatrix(
                    rows: rows, columns: columns, rowStarts: starts, columnIndices: columnIndices, values: values)),
            isRounded
        )
    }
}

extension CellMatrix {
    /// Entries whose place has one before.
    var repeatedEntries: Int {
        guard case .sparse(let matrix) = self else { return 0 }
        var lastRow = [Int32](repeating: -1, count: matrix.columns)
        var repeated = 0
        for row in 0..<matrix.rows {
            for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                let column = Int(matrix.columnIndices[entry])
                if lastRow[column] == Int32(truncatingIfNeeded: row) { repeated += 1 }
                lastRow[column] = Int32(truncatingIfNeeded: row)
            }
        }
        return repeated
    }
}
