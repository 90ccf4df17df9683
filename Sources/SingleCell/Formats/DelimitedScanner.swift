import Foundation

/// Walks through the fields of delimited text (RFC 4180, with tabs, semicolons or spaces as well as commas).
///
/// Fields in double quotes may hold separators, line ends and doubled quotes. Blank lines, and lines that begin with `#`
/// before the header, are passed over.
struct DelimitedScanner {
    /// A field's bytes without its quotes.
    struct Field {
        var range: Range<Int>
        var isQuoted: Bool
    }

    let path: String
    let bytes: [UInt8]
    let separator: UInt8
    private var position = 0
    private var nextLine = 1
    /// The line of the row that was read last, from 1.
    private(set) var line = 0

    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    init(_ path: String) throws(FormatError) {
        self.path = path
        bytes = try TextSource.read(path)
        while position < bytes.count, bytes[position] == UInt8(ascii: "#") {
            position = bytes[position...].firstIndex(of: Self.newline).map { $0 + 1 } ?? bytes.count
            nextLine += 1
        }
        separator = Self.separator(of: bytes[position...].prefix { $0 != Self.newline })
    }

    /// The separator that stands most often in the header, outside quotes; a tab or comma before the others.
    private static func separator(of header: ArraySlice<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in header {
            if byte == quote { isQuoted.toggle() } else if !isQuoted { counts[byte, default: 0] += 1 }
        }
        let candidates = [UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: " ")]
        return candidates.first { counts[$0, default: 0] > 0 } ?? candidates[1]
    }

    /// The fields of the next row; nil after the last one.
    mutating func nextRow() throws(FormatError) -> [Field]? {
        while position < bytes.count, bytes[position] == Self.newline || bytes[position] == Self.carriageReturn {
            if bytes[position] == Self.newline { nextLine += 1 }
            position += 1
        }
        guard position < bytes.count else { return nil }
        line = nextLine
        var fields: [Field] = []
        while true {
            fields.append(try nextField())
            guard position < bytes.count else { return fields }
            let end = bytes[position]
            position += 1
            if end == Self.newline {
                nextLine += 1
                return fields
            }
            if position == bytes.count {
                fields.append(Field(range: position..<position, isQuoted: false))
                return fields
            }
        }
    }

    /// Reads up to the separator or line end, which it leaves.
    private mutating func nextField() throws(FormatError) -> Field {
        let start = position
        guard position < bytes.count, bytes[position] == Self.quote else {
            while position < bytes.count, bytes[position] != separator, bytes[position] != Self.newline {
                position += 1
            }
            var end = position
            if end > start, bytes[end - 1] == Self.carriageReturn,
                position == bytes.count || bytes[position] == Self.newline
            {
                end -= 1
            }
            return Field(range: start..<end, isQuoted: false)
        }
        position += 1
        while position < bytes.count {
            if bytes[position] == Self.newline { nextLine += 1 }
            guard bytes[position] == Self.quote else {
                position += 1
                continue
            }
            if position + 1 < bytes.count, bytes[position + 1] == Self.quote {
                position += 2
                continue
            }
            let field = Field(range: start + 1..<position, isQuoted: true)
            position += 1
            if position < bytes.count, bytes[position] == Self.carriageReturn { position += 1 }
            guard position == bytes.count || bytes[position] == separator || bytes[position] == Self.newline else {
                throw FormatError(
                    code: "CSV_VALUE", file: path, element: "line \(nextLine)",
                    message: "a separator expected after a closing quote, found other text",
                    remedy: "double the quotes inside quoted text")
            }
            return field
        }
        throw FormatError(
            code: "CSV_VALUE", file: path, element: "line \(line)", message: "a quote is opened and never closed",
            remedy: "close the quote, or double it where it belongs to the text")
    }

    func text(_ field: Field) -> String {
        let text = String(decoding: bytes[field.range], as: UTF8.self)
        return field.isQuoted && text.contains("\"\"") ? text.replacingOccurrences(of: "\"\"", with: "\"") : text
    }

    /// The number that the field holds in decimal notation; nil for anything else, infinities and NaN among it.
    func number(_ field: Field) -> Double? {
        bytes.withUnsafeBufferPointer { bytes in
            var start = field.range.lowerBound
            var end = field.range.upperBound
            while start < end, bytes[start] == 0x20 { start += 1 }
            while start < end, bytes[end - 1] == 0x20 { end -= 1 }
            guard start < end else { return nil }
            let isNegative = bytes[start] == UInt8(ascii: "-")
            let digits = start + (isNegative ? 1 : 0)
            if digits < end, end - digits <= 15 {
                var value = 0
                var place = digits
                while place < end, bytes[place] >= 0x30, bytes[place] <= 0x39 {
                    value = value * 10 + Int(bytes[place] - 0x30)
                    place += 1
                }
                if place == end { return Double(isNegative ? -value : value) }
            }
            let allowed: (UInt8) -> Bool = { byte in
                byte >= 0x30 && byte <= 0x39 || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
            }
            guard bytes[start..<end].allSatisfy(allowed),
                let value = Double(String(decoding: bytes[start..<end], as: UTF8.self)), value.isFinite
            else { return nil }
            return value
        }
    }
}
