import CKernels

/// Consecutive cells packed into bytes, about two an entry where values are small whole numbers. No value is changed;
/// zeros are left out.
///
/// A cell is a header of three UInt32 (entries n, gaps without a code, values without a code), then n gap codes (the
/// distance to the column before, 0 where it is above 255), then n value codes (1…255, 0 for any other value; left out
/// where no value has one), then the gaps without a code as UInt32 and the values without one as Float.
struct PackedCells: Sendable {
    var bytes: [UInt8] = []
    /// Where each cell begins, and the end.
    private(set) var starts: [Int] = [0]

    var count: Int { starts.count - 1 }

    static let headerSize = 12

    /// Says that what was appended to `bytes` since the last call is a cell.
    mutating func endCell() { starts.append(bytes.count) }

    mutating func append(_ other: PackedCells, cells: Range<Int>) {
        let offset = bytes.count - other.starts[cells.lowerBound]
        other.bytes.withUnsafeBytes {
            bytes.append(contentsOf: $0[other.starts[cells.lowerBound]..<other.starts[cells.upperBound]])
        }
        for cell in cells { starts.append(other.starts[cell + 1] + offset) }
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        starts = [0]
    }

    /// - Parameter capacity: Bytes that there is room for at first.
    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    init(bytes: [UInt8], starts: [Int]) {
        self.bytes = bytes
        self.starts = starts
    }

    /// Calls `body` with the packed cells in order.
    func forEachCell(_ body: (_ cell: Int, PackedCell) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { bytes in
            for cell in 0..<count {
                try body(cell, PackedCell(UnsafeRawBufferPointer(rebasing: bytes[starts[cell]...])))
            }
        }
    }

    func withCell<Result>(_ cell: Int, _ body: (PackedCell) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { try body(PackedCell(UnsafeRawBufferPointer(rebasing: $0[starts[cell]...]))) }
    }
}

/// One packed cell; valid while the bytes that it lies in are held.
struct PackedCell {
    let count: Int
    private let gaps: UnsafePointer<UInt8>
    /// nil where no value has a code.
    let codes: UnsafePointer<UInt8>?
    private let wideGaps: UnsafeRawPointer
    private let wideValues: UnsafeRawPointer
    private let wideValueCount: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        func header(_ place: Int) -> Int { Int(bytes.loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self)) }
        let (count, wideGapCount, wideValueCount) = (header(0), header(1), header(2))
        self.count = count
        let base = bytes.baseAddress! + PackedCells.headerSize
        gaps = UnsafePointer(base.assumingMemoryBound(to: UInt8.self))
        codes = wideValueCount < count ? (base + count).assumingMemoryBound(to: UInt8.self) : nil
        wideGaps = base + count + (wideValueCount < count ? count : 0)
        wideValues = wideGaps + 4 * wideGapCount
        self.wideValueCount = wideValueCount
    }

    var hasCodesOnly: Bool { wideValueCount == 0 }

    /// The value without a code at that place among those.
    func wideValue(_ place: Int) -> Float { wideValues.loadUnaligned(fromByteOffset: 4 * place, as: Float.self) }

    /// Writes the columns of all entries.
    func readColumns(_ columns: UnsafeMutablePointer<Int32>) {
        kernel_columns(gaps, wideGaps.assumingMemoryBound(to: UInt8.self), columns, count)
    }

    /// Adds every value to the sum of its column.
    ///
    /// - Parameter columns: Room for all columns of the cell.
    func add(to sums: UnsafeMutablePointer<Double>, columns: UnsafeMutablePointer<Int32>) {
        readColumns(columns)
        if let codes { kernel_add_codes(columns, codes, sums, count) }
        guard !hasCodesOnly else { return }
        var place = 0
        for entry in 0..<count where (codes.map { $0[entry] } ?? 0) == 0 {
            sums[Int(columns[entry])] += Double(wideValue(place))
            place += 1
        }
    }

    /// Writes the entries of the genes kept, in their order.
    ///
    /// - Parameters:
    ///   - positions: Where each column goes; −1 for those left out.
    ///   - values: Written only where not all values have a code.
    ///   - keptCodes: The value where it is a whole number of 1…255, else 0.
    /// - Returns: How many entries were written; room for all of them is needed.
    func unpack(
        positions: UnsafeBufferPointer<Int32>, columns: UnsafeMutablePointer<Int32>,
        values: UnsafeMutablePointer<Float>, codes keptCodes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        if let codes = self.codes, hasCodesOnly, let base = positions.baseAddress {
            return kernel_kept_columns(
                gaps, wideGaps.assumingMemoryBound(to: UInt8.self), codes, base, columns, keptCodes, count)
        }
        var (wideGap, wideValue) = (wideGaps, wideValues)
        var column: Int32 = -1
        var kept = 0
        for entry in 0..<count {
            let gap = gaps[entry]
            if gap != 0 {
                column &+= Int32(gap)
            } else {
                column &+= Int32(bitPattern: wideGap.loadUnaligned(as: UInt32.self))
                wideGap += 4
            }
            let code = codes.map { $0[entry] } ?? 0
            if code != 0 {
                values[kept] = Float(code)
            } else {
                values[kept] = wideValue.loadUnaligned(as: Float.self)
                wideValue += 4
            }
            let position = positions[Int(column)]
            keptCodes[kept] = code
            columns[kept] = position
            // Overwritten by the next entry where the gene is left out.
            kept &+= position >= 0 ? 1 : 0
        }
        return kept
    }
}
