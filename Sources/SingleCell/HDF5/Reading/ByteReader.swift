/// How many bytes addresses and lengths have in a file (format specification, section II.A).
struct FieldWidths: Sendable, Equatable {
    var address = 8
    var length = 8
}

/// Reads fields one after the other, all little-endian, and throws where the bytes end: nothing in a file may lead outside
/// of what was taken from it.
struct ByteReader {
    let bytes: ArraySlice<UInt8>
    let widths: FieldWidths
    private(set) var position: Int

    init(_ bytes: ArraySlice<UInt8>, _ widths: FieldWidths) {
        self.bytes = bytes
        self.widths = widths
        position = bytes.startIndex
    }

    init(_ bytes: [UInt8], _ widths: FieldWidths) { self.init(bytes[...], widths) }

    var remaining: Int { bytes.endIndex - position }
    /// Bytes read so far.
    var offset: Int { position - bytes.startIndex }

    mutating func take(_ count: Int) throws(HDF5Error) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else {
            throw .corrupt("a structure ends too early: \(count) bytes are missing from \(remaining)")
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func skip(_ count: Int) throws(HDF5Error) { _ = try take(count) }

    mutating func byte() throws(HDF5Error) -> Int { Int(try take(1).first!) }

    mutating func number(_ width: Int) throws(HDF5Error) -> UInt64 {
        guard width <= 8 else { throw .corrupt("a number of \(width) bytes") }
        return try take(width).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number that counts something in memory.
    mutating func count(_ width: Int) throws(HDF5Error) -> Int {
        let number = try number(width)
        guard let count = Int(exactly: number) else { throw .corrupt("\(number) of something") }
        return count
    }

    mutating func length() throws(HDF5Error) -> Int { try count(widths.length) }

    /// An address; nil for the undefined one, whose bits are all set.
    mutating func address() throws(HDF5Error) -> UInt64? {
        let number = try number(widths.address)
        return number == UInt64.max >> UInt64(64 - 8 * widths.address) ? nil : number
    }

    mutating func definedAddress() throws(HDF5Error) -> UInt64 {
        guard let address = try address() else { throw .corrupt("an address is not defined") }
        return address
    }

    mutating func signature(_ expected: String) throws(HDF5Error) {
        let found = try take(4)
        guard found.elementsEqual(expected.utf8) else { throw .corrupt("\(expected) expected, found other bytes") }
    }

    mutating func version(_ expected: Int, of name: String) throws(HDF5Error) {
        let found = try byte()
        guard found == expected else { throw .corrupt("\(name) of the unknown version \(found)") }
    }

    /// Bytes up to a zero, which is skipped with the padding to a multiple of 8 where there is one.
    mutating func terminatedName(isPadded: Bool) throws(HDF5Error) -> String {
        guard let end = bytes[position...].firstIndex(of: 0) else { throw .corrupt("a name does not end") }
        let name = try take(end - position)
        try skip(1)
        if isPadded {
            let padding = (8 - (name.count + 1) % 8) % 8
            try skip(padding)
        }
        return String(decoding: name, as: UTF8.self)
    }
}
