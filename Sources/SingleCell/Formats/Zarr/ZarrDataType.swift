import HDF5

/// What one element of a zarr array is: as version 2 names it, after NumPy (`<f4`, `|b1`, `<U5`, a list of fields), or as
/// version 3 does (`float32`, `{"name": "fixed_length_utf32", …}`).
struct ZarrDataType: Sendable, Equatable {
    enum Layout: Sendable, Equatable {
        case number
        /// Four bytes a character, filled up with zeros.
        case utf32
        /// UTF-8 or other bytes, filled up with zeros.
        case bytes
        /// Texts of any length, which a codec of their own has written.
        case variable
        case record([Field])
        /// Nothing that is read here, with its name.
        case opaque(String)
    }

    struct Field: Sendable, Equatable {
        let name: String
        let offset: Int
        let type: ZarrDataType
    }

    private static let widest = 1 << 24

    let layout: Layout
    let kind: HDF5Kind
    /// Bytes of an element; 0 where it varies.
    let width: Int
    var isBigEndian = false

    private init(_ layout: Layout, _ kind: HDF5Kind, _ width: Int, isBigEndian: Bool = false) {
        self.layout = layout
        self.kind = kind
        self.width = width
        self.isBigEndian = isBigEndian
    }

    private static func number(_ kind: HDF5Kind, _ width: Int, isBigEndian: Bool = false) -> ZarrDataType {
        ZarrDataType(.number, kind, width, isBigEndian: isBigEndian)
    }

    private static func opaque(_ name: String, _ width: Int) -> ZarrDataType {
        ZarrDataType(.opaque(name), .other(name), width)
    }

    private static let variable = ZarrDataType(.variable, .string, 0)

    /// Fields one after the other, without gaps.
    private static func record(_ fields: [(String, ZarrDataType)]) -> ZarrDataType? {
        var placed: [Field] = []
        var offset = 0
        for (name, type) in fields {
            guard type.layout != .variable, type.width <= widest - offset else { return nil }
            placed.append(Field(name: name, offset: offset, type: type))
            offset += type.width
        }
        guard offset > 0 else { return nil }
        return ZarrDataType(.record(placed), .compound(fields: fields.map(\.0)), offset)
    }

    /// - Returns: nil where this is no data type.
    init?(version2 json: JSONValue) {
        let type: ZarrDataType? =
            switch json {
            case .string(let name): Self.numpy(name)
            case .list(let fields):
                Self.fields(fields) { ZarrDataType(version2: $0) }.flatMap(Self.record)
            default: nil
            }
        guard let type else { return nil }
        self = type
    }

    /// - Returns: nil where this is no data type.
    init?(version3 json: JSONValue) {
        guard let name = json.string ?? json["name"]?.string else { return nil }
        let width = json["configuration"]?["length_bytes"]?.count
        let type: ZarrDataType? =
            switch name {
            case "bool": .number(.boolean, 1)
            case "int8", "int16", "int32", "int64": Self.number(name)
            case "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64": Self.number(name)
            case "string": .variable
            case "variable_length_bytes", "bytes": .variable
            case "fixed_length_utf32": width.flatMap { Self.text(.utf32, $0) }
            case "null_terminated_bytes": width.flatMap { Self.text(.bytes, $0) }
            case "structured", "struct":
                (json["configuration"]?["fields"]?.list).flatMap { Self.fields($0) { ZarrDataType(version3: $0) } }
                    .flatMap(Self.record)
            case "raw_bytes": width.map { .opaque("raw bytes", min($0, Self.widest)) }
            case "complex64", "numpy.datetime64", "numpy.timedelta64": .opaque(name, 8)
            case "complex128": .opaque(name, 16)
            case _ where name.hasPrefix("r"):
                Int(name.dropFirst()).map { .opaque("raw bytes", min(max($0 / 8, 1), Self.widest)) }
            default: nil
            }
        guard let type else { return nil }
        self = type
    }

    private static func number(_ name: String) -> ZarrDataType? {
        guard let bits = Int(name.drop { !$0.isNumber }) else { return nil }
        let bytes = bits / 8
        let isFloat = name.hasPrefix("float")
        return .number(isFloat ? .float(bytes: bytes) : .integer(bytes: bytes, signed: name.hasPrefix("int")), bytes)
    }

    private static func text(_ layout: Layout, _ width: Int) -> ZarrDataType? {
        guard width <= widest, layout != .utf32 || width % 4 == 0 else { return nil }
        return ZarrDataType(layout, .string, width)
    }

    private static func numpy(_ name: String) -> ZarrDataType? {
        let characters = Array(name.utf8)
        guard characters.count >= 2, let order = characters.first, "<>|".utf8.contains(order) else { return nil }
        let isBigEndian = order == UInt8(ascii: ">")
        let rest = name.dropFirst(2)
        switch characters[1] {
        case UInt8(ascii: "O"): return .variable
        case UInt8(ascii: "M"), UInt8(ascii: "m"): return .opaque("times", 8)
        default: break
        }
        guard let size = Int(rest), 0...widest / 4 ~= size else { return nil }
        switch (characters[1], size) {
        case (UInt8(ascii: "b"), 1): return .number(.boolean, 1)
        case (UInt8(ascii: "i"), 1), (UInt8(ascii: "i"), 2), (UInt8(ascii: "i"), 4), (UInt8(ascii: "i"), 8):
            return .number(.integer(bytes: size, signed: true), size, isBigEndian: isBigEndian)
        case (UInt8(ascii: "u"), 1), (UInt8(ascii: "u"), 2), (UInt8(ascii: "u"), 4), (UInt8(ascii: "u"), 8):
            return .number(.integer(bytes: size, signed: false), size, isBigEndian: isBigEndian)
        case (UInt8(ascii: "f"), 2), (UInt8(ascii: "f"), 4), (UInt8(ascii: "f"), 8):
            return .number(.float(bytes: size), size, isBigEndian: isBigEndian)
        case (UInt8(ascii: "c"), 8), (UInt8(ascii: "c"), 16): return .opaque("complex numbers", size)
        case (UInt8(ascii: "U"), _): return ZarrDataType(.utf32, .string, 4 * size, isBigEndian: isBigEndian)
        case (UInt8(ascii: "S"), _): return ZarrDataType(.bytes, .string, size)
        case (UInt8(ascii: "V"), _): return .opaque("raw bytes", size)
        default: return nil
        }
    }

    /// Pairs of a name and a type, or objects of them; nil where there is anything else, such as a shape within.
    private static func fields(
        _ json: [JSONValue], _ type: (JSONValue) -> ZarrDataType?
    ) -> [(String, ZarrDataType)]? {
        let fields = json.compactMap { field -> (String, ZarrDataType)? in
            let pair = field.list ?? [field["name"], field["data_type"]].compactMap { $0 }
            guard pair.count == 2, let name = pair[0].string, let type = type(pair[1]) else { return nil }
            return (name, type)
        }
        return fields.count == json.count ? fields : nil
    }

    /// The same type with its numbers, and those of its fields, in one byte order.
    func ordered(bigEndian: Bool) -> ZarrDataType {
        var layout = layout
        if case .record(let fields) = layout {
            layout = .record(
                fields.map { Field(name: $0.name, offset: $0.offset, type: $0.type.ordered(bigEndian: bigEndian)) })
        }
        return ZarrDataType(layout, kind, width, isBigEndian: bigEndian)
    }
}
