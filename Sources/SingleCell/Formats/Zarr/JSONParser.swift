/// Where and why a text is not JSON.
struct JSONProblem: Error, Equatable {
    let byte: Int
    let message: String
}

/// Parses JSON (RFC 8259) of any origin: depth is bounded, and memory by the length of the text.
struct JSONParser {
    private static let deepest = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func parse(_ bytes: [UInt8]) throws(JSONProblem) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.problem("something follows the end of the document") }
        return value
    }

    private func problem(_ message: String) -> JSONProblem { JSONProblem(byte: position, message: message) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let next, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { position += 1 }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard length <= bytes.count - position,
            (0..<length).allSatisfy({ bytes[position + $0] == text.utf8Start[$0] })
        else { return false }
        position += length
        return true
    }

    private mutating func value() throws(JSONProblem) -> JSONValue {
        skipSpace()
        guard depth < Self.deepest else { throw problem("more than \(Self.deepest) levels inside each other") }
        depth += 1
        defer { depth -= 1 }
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "\""): return .string(try string())
        default: break
        }
        if take("null") { return .null }
        if take("true") { return .boolean(true) }
        if take("false") { return .boolean(false) }
        if take("NaN") { return .number(.nan) }
        if take("Infinity") { return .number(.infinity) }
        if take("-Infinity") { return .number(-.infinity) }
        return try number()
    }

    private mutating func object() throws(JSONProblem) -> JSONValue {
        position += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw problem("a name in quotes expected") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw problem("':' expected") }
            members[name] = try value()
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw problem("',' or '}' expected") }
        }
    }

    private mutating func list() throws(JSONProblem) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if take("]") { return .list(values) }
        while true {
            values.append(try value())
            skipSpace()
            if take("]") { return .list(values) }
            guard take(",") else { throw problem("',' or ']' expected") }
        }
    }

    private mutating func number() throws(JSONProblem) -> JSONValue {
        let start = position
        while let next, "+-.eE0123456789".utf8.contains(next) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text) else {
            position = start
            throw problem("a value expected")
        }
        return .number(number)
    }

    private mutating func string() throws(JSONProblem) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw problem("this is not UTF-8") }
                return string
            case UInt8(ascii: "\\"): text += String(try escaped()).utf8
            case 0..<0x20: throw problem("a control character inside a text")
            default: text.append(byte)
            }
        }
        throw problem("a text without its end")
    }

    /// What follows a backslash; half of a surrogate pair becomes U+FFFD.
    private mutating func escaped() throws(JSONProblem) -> Unicode.Scalar {
        guard let byte = next else { throw problem("a text without its end") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"):
            let first = try codeUnit()
            let beforeSecond = position
            if 0xD800..<0xDC00 ~= first, take("\\u") {
                let second = try codeUnit()
                if 0xDC00..<0xE000 ~= second {
                    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
                }
                position = beforeSecond
            }
            return Unicode.Scalar(first) ?? "\u{FFFD}"
        default: throw problem("an unknown escape")
        }
    }

    private mutating func codeUnit() throws(JSONProblem) -> UInt32 {
        guard bytes.count - position >= 4,
            let unit = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw problem("four hexadecimal digits expected") }
        position += 4
        return unit
    }
}
