/// A set of structural features folded to a fixed number of bits.
public struct Fingerprint: Sendable, Hashable, Codable {
    /// Bit i is bit 7 − i % 8 of `bytes[i / 8]`.
    public let bytes: [UInt8]

    public var bitCount: Int { bytes.count * 8 }

    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads hexadecimal text, bit 0 the highest bit of the first digit: the order of RDKit's `ToBitString()`.
    public init(hex: String) throws(ChemistryError) {
        let digits = Array(hex.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var position = 0
        while position + 1 < digits.count, let high = Self.nibble(digits[position]),
            let low = Self.nibble(digits[position + 1])
        {
            bytes.append(high << 4 | low)
            position += 2
        }
        guard position == digits.count, position > 0 else {
            throw ChemistryError(
                code: "BAD_FINGERPRINT", element: String(hex.prefix(40)),
                message: "expected pairs of hexadecimal digits, found something else at character \(position + 1)",
                remedy: "write fingerprints as hexadecimal digits of RDKit's ToBitString()")
        }
        self.bytes = bytes
    }

    public subscript(bit: Int) -> Bool { bytes[bit >> 3] >> (7 - (bit & 7)) & 1 == 1 }

    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Number of bits that are set.
    public var population: Int { bytes.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// 0 or 1 for each bit.
    public var values: [Float] { (0..<bitCount).map { self[$0] ? 1 : 0 } }

    /// Shared bits over bits set in either; two empty fingerprints are fully similar.
    public func tanimoto(_ other: Fingerprint) -> Double {
        precondition(bitCount == other.bitCount, "fingerprints of \(bitCount) and \(other.bitCount) bits")
        var shared = 0
        var either = 0
        for (a, b) in zip(bytes, other.bytes) {
            shared += (a & b).nonzeroBitCount
            either += (a | b).nonzeroBitCount
        }
        return either == 0 ? 1 : Double(shared) / Double(either)
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
