import AnnotatedData
import CKernels
import Matrices

/// Packs the cells of a block one after the other.
struct CellPacker {
    var packed: PackedCells
    private var gaps: [UInt8] = []
    private var codes: [UInt8] = []

    /// - Parameter capacity: Bytes that there is room for at first.
    init(capacity: Int = 0) { packed = PackedCells(capacity: capacity) }

    /// A cell as it lies in the block, without zeros and with rising columns, while it is packed.
    struct Cell {
        let columns: UnsafeBufferPointer<Int32>
        let values: UnsafeBufferPointer<Float>
        /// The value where it is a whole number of 1…255, else 0.
        let codes: UnsafeBufferPointer<UInt8>
        let codedCount: Int

        var count: Int { columns.count }
        var largestCode: UInt8 { codes.baseAddress.map { kernel_code_maximum($0, codes.count) } ?? 0 }
    }

    /// Packs one row of a block; entries given twice are summed, zeros are dropped.
    ///
    /// - Parameter body: Sees the cell as it is packed.
    mutating func pack(row: Int, of matrix: CellMatrix, body: (Cell) -> Void) {
        switch matrix {
        case .sparse(let matrix):
            let entries = matrix.rowStarts[row]..<matrix.rowStarts[row + 1]
            let isPacked = matrix.columnIndices.withUnsafeBufferPointer { columns in
                matrix.values.withUnsafeBufferPointer { values in
                    pack(
                        columns: UnsafeBufferPointer(rebasing: columns[entries]),
                        values: UnsafeBufferPointer(rebasing: values[entries]), body)
                }
            }
            guard !isPacked else { return }
            let ordered = matrix.selectingRows([row]).canonical
            packNonzero(columns: ordered.columnIndices, values: ordered.values, body)
        case .dense(let matrix):
            matrix.values.withUnsafeBufferPointer { values in
                let row = UnsafeBufferPointer(rebasing: values[row * matrix.columns..<(row + 1) * matrix.columns])
                packNonzero(columns: 0..<Int32(row.count), values: row, body)
            }
        }
    }

    private mutating func packNonzero(
        columns: some Collection<Int32>, values: some Collection<Float>, _ body: (Cell) -> Void
    ) {
        var keptColumns: [Int32] = []
        var keptValues: [Float] = []
        keptColumns.reserveCapacity(columns.count)
        keptValues.reserveCapacity(columns.count)
        for (column, value) in zip(columns, values) where value != 0 {
            keptColumns.append(column)
            keptValues.append(value)
        }
        let isPacked = keptColumns.withUnsafeBufferPointer { columns in
            keptValues.withUnsafeBufferPointer { pack(columns: columns, values: $0, body) }
        }
        precondition(isPacked, "columns that rise and values that are not 0 can be packed")
    }

    /// - Returns: false where columns do not rise or a value is 0; nothing is packed then.
    private mutating func pack(
        columns: UnsafeBufferPointer<Int32>, values: UnsafeBufferPointer<Float>, _ body: (Cell) -> Void
    ) -> Bool {
        let count = columns.count
        if gaps.count < count {
            gaps = [UInt8](repeating: 0, count: 2 * count)
            codes = gaps
        }
        guard count > 0, let columnBase = columns.baseAddress, let valueBase = values.baseAddress else {
            appendHeader(0, 0, 0)
            packed.endCell()
            body(
                Cell(columns: columns, values: values, codes: UnsafeBufferPointer(start: nil, count: 0), codedCount: 0))
            return true
        }
        let gapCount = gaps.withUnsafeMutableBufferPointer { kernel_column_gaps(columnBase, $0.baseAddress, count) }
        guard gapCount >= 0 else { return false }
        let codedCount = codes.withUnsafeMutableBufferPointer { kernel_count_codes(valueBase, $0.baseAddress, count) }
        if codedCount < count, zip(codes, values).contains(where: { $0 == 0 && $1 == 0 }) { return false }
        appendHeader(count, count - gapCount, count - codedCount)
        packed.bytes.append(contentsOf: gaps[..<count])
        if codedCount > 0 { packed.bytes.append(contentsOf: codes[..<count]) }
        if gapCount < count {
            var before: Int32 = -1
            for entry in 0..<count {
                if gaps[entry] == 0 { append(UInt32(bitPattern: columns[entry] &- before)) }
                before = columns[entry]
            }
        }
        if codedCount < count {
            for entry in 0..<count where codes[entry] == 0 { append(values[entry].bitPattern) }
        }
        packed.endCell()
        codes.withUnsafeBufferPointer { codes in
            body(
                Cell(
                    columns: columns, values: values, codes: UnsafeBufferPointer(rebasing: codes[..<count]),
                    codedCount: codedCount))
        }
        return true
    }

    private mutating func appendHeader(_ count: Int, _ wideGaps: Int, _ wideValues: Int) {
        for number in [count, wideGaps, wideValues] { append(UInt32(number)) }
    }

    private mutating func append(_ word: UInt32) {
        withUnsafeBytes(of: word) { packed.bytes.append(contentsOf: $0) }
    }
}
