/// Text that grows by names and numbers, for files.
struct TextLines {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(contentsOf text: TextLines) { bytes.append(contentsOf: text.bytes) }

    @inline(__always)
    mutating func append(byte: UInt8) { bytes.append(byte) }

    mutating func append(_ number: Int) {
        guard number >= 0 else { return append(String(number)) }
        if number < 10 { return bytes.append(0x30 + UInt8(number)) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var (rest, first) = (number, digits.count)
            while rest > 0 {
                first -= 1
                digits[first] = 0x30 + UInt8(rest % 10)
                rest /= 10
            }
            bytes.append(contentsOf: digits[first...])
        }
    }

    /// The fewest digits that give the number back; whole numbers without a fraction.
    mutating func append(_ number: Float) {
        if abs(number) < 0x1p24, let whole = Int(exactly: number) { append(whole) } else { append(number.description) }
    }

    mutating func append(_ number: Double) {
        if abs(number) < 0x1p53, let whole = Int(exactly: number) { append(whole) } else { append(number.description) }
    }
}
