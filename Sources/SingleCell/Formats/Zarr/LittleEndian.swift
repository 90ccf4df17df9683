extension Collection where Element == UInt8, Index == Int {
    /// The unsigned number of `width` bytes, least first, that starts `offset` bytes in; nil where the bytes end before.
    func littleEndian(_ offset: Int, _ width: Int) -> UInt64? {
        guard offset >= 0, width <= 8, offset <= count - width else { return nil }
        var number: UInt64 = 0
        for byte in 0..<width { number |= UInt64(self[startIndex + offset + byte]) << UInt64(8 * byte) }
        return number
    }

    /// The same as a size; nil also where memory cannot have it.
    func littleEndianSize(_ offset: Int, _ width: Int) -> Int? {
        littleEndian(offset, width).flatMap { Int(exactly: $0) }
    }
}
