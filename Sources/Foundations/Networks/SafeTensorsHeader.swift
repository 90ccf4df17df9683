/// The header of a safetensors file: what each tensor is and where its data lie, and texts beside them.
struct SafeTensorsHeader {
    struct Tensor {
        let name: String
        /// As the file names it: `F32`, `BF16` …
        let type: String
        let shape: [Int]
        /// Bytes, counted from the end of the header.
        let start, end: Int
    }

    /// What is wrong, and with which name of the file.
    struct Problem: Error {
        var code = "MALFORMED"
        let message: String
        var element: String?
    }

    /// In the order of the file.
    var tensors: [Tensor] = []
    var metadata: [String: String] = [:]
}

// Reading.
extension SafeTensorsHeader {
    /// Parses just the JSON that a header may hold, two levels of objects and no more; a name that comes twice is refused.
    init(parsing bytes: [UInt8]) throws(Problem) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Problem(message: "the header is not UTF-8", element: nil)
        }
        var parser = Parser(bytes: bytes)
        try parser.object { (parser, name) throws(Problem) in
            if name == "__metadata__" {
                try parser.object { (parser, key) throws(Problem) in metadata[key] = try parser.string() }
            } else {
                tensors.append(try parser.tensor(name))
            }
        }
        try parser.end()
    }

    private struct Parser {
        let bytes: [UInt8]
        var position = 0
        /// The names inside which the parser is.
        var path: [String] = []

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func tensor(_ name: String) throws(Problem) -> Tensor {
            var type: String?
            var shape, offsets: [Int]?
            try object { (parser, key) throws(Problem) in
                switch key {
                case "dtype": type = try parser.string()
                case "shape": shape = try parser.wholeNumbers()
                case "data_offsets": offsets = try parser.wholeNumbers()
                default: throw parser.problem("expected dtype, shape and data_offsets, found \(key)")
                }
            }
            guard let type, let shape, let offsets, offsets.count == 2 else {
                throw Problem(message: "expected a dtype, a shape and two data_offsets", element: name)
            }
            return Tensor(name: name, type: type, shape: shape, start: offsets[0], end: offsets[1])
        }

        mutating func object(
            _ member: (inout Parser, _ name: String) throws(Problem) -> Void
        ) throws(Problem) {
            try expect("{")
            var names: Set<String> = []
            if take("}") { return }
            repeat {
                let name = try string()
                guard names.insert(name).inserted else { throw problem("the name \(name) comes twice") }
                try expect(":")
                path.append(name)
                try member(&self, name)
                path.removeLast()
            } while take(",")
            try expect("}")
        }

        mutating func wholeNumbers() throws(Problem) -> [Int] {
            try expect("[")
            var numbers: [Int] = []
            if take("]") { return numbers }
            repeat { numbers.append(try wholeNumber()) } while take(",")
            try expect("]")
            return numbers
        }

        private mutating func wholeNumber() throws(Problem) -> Int {
            skipSpace()
            let start = position
            while position < bytes.count, "+-.0123456789eE".utf8.contains(bytes[position]) { position += 1 }
            let text = String(decoding: bytes[start..<position].prefix(40), as: UTF8.self)
            guard let number = Int(text), number >= 0, text == String(number) else {
                throw problem("expected a whole number below 2⁶³, found \(text.isEmpty ? found : text)")
            }
            return number
        }

        mutating func string() throws(Problem) -> String {
            try expect("\"")
            var text: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"): text += String(try escaped()).utf8
                case 0..<0x20: throw problem("found a control character inside a text")
                default: text.append(byte)
                }
            }
            throw problem("found a text without its end")
        }

        /// What follows a backslash.
        private mutating func escaped() throws(Problem) -> Unicode.Scalar {
            let byte = position < bytes.count ? bytes[position] : 0
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{C}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"):
                let first = try hexadecimal()
                if let scalar = Unicode.Scalar(first) { return scalar }
                // Half of a surrogate pair; its other half must follow.
                if first < 0xDC00, bytes[min(position, bytes.count)...].starts(with: "\\u".utf8) {
                    position += 2
                    let second = try hexadecimal()
                    if 0xDC00..<0xE000 ~= second,
                        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
                    {
                        return scalar
                    }
                }
                throw problem("found half a character: \\u\(String(first, radix: 16))")
            default: throw problem("found a backslash before something else than JSON allows")
            }
        }

        private mutating func hexadecimal() throws(Problem) -> UInt32 {
            let digits = bytes[min(position, bytes.count)...].prefix(4)
            guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw problem("expected four hexadecimal digits after \\u") }
            position += 4
            return value
        }

        mutating func end() throws(Problem) {
            skipSpace()
            if position < bytes.count { throw problem("expected the end of the header, found \(found)") }
        }

        private mutating func expect(_ character: Unicode.Scalar) throws(Problem) {
            guard take(character) else { throw problem("expected \(character), found \(found)") }
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        private mutating func skipSpace() {
            while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        }

        private var found: String {
            position < bytes.count ? String(decoding: bytes[position...].prefix(12), as: UTF8.self) : "its end"
        }

        private func problem(_ message: String) -> Problem {
            Problem(message: "\(message) at byte \(position) of the header", element: path.first)
        }
    }
}

// Writing.
extension SafeTensorsHeader {
    /// In the form in which the Python package writes: nothing between the tokens, and spaces behind so that the data
    /// begin on a multiple of eight bytes.
    var encoded: [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }.map { "\(Self.quoted($0)):\(Self.quoted($1))" }
            members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
        }
        for tensor in tensors {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(Self.quoted(tensor.name)):{\"dtype\":\(Self.quoted(tensor.type)),\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(tensor.start),\(tensor.end)]}")
        }
        let json = Array("{\(members.joined(separator: ","))}".utf8)
        return json + Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case "\u{0}"..<"\u{20}":
                result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
