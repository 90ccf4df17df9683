/// The type of one element. Format specification, section IV.A.2.d, versions 1 to 5.
struct Datatype: Sendable {
    indirect enum Form: Sendable {
        case integer(IntegerForm)
        case float(FloatForm)
        case fixedString(isSpacePadded: Bool)
        case variableString
        case enumeration(base: Datatype, names: [String], values: [[UInt8]])
        case compound([Member])
        /// In words, such as "object references".
        case other(String)
    }

    struct IntegerForm: Sendable, Equatable {
        var isSigned: Bool
        var isBigEndian: Bool
        /// The first bit counted from the lowest, and how many there are.
        var offset: Int
        var precision: Int
    }

    struct FloatForm: Sendable, Equatable {
        var isBigEndian: Bool
        /// Whether the first bit of the mantissa is 1 and not stored.
        var hasImpliedBit: Bool
        var sign: Int
        var exponent: Range<Int>
        var mantissa: Range<Int>
        var bias: Int
    }

    struct Member: Sendable {
        let name: String
        let offset: Int
        let type: Datatype
    }

    /// Bytes of an element.
    let size: Int
    let form: Form

    private static let deepest = 16

    init(_ message: ByteReader) throws(HDF5Error) {
        var reader = message
        self = try Self.parse(&reader, depth: 0)
    }

    private init(size: Int, form: Form) {
        self.size = size
        self.form = form
    }

    private static func parse(_ reader: inout ByteReader, depth: Int) throws(HDF5Error) -> Datatype {
        guard depth < deepest else { throw .corrupt("types within types without end") }
        let head = try reader.byte()
        let version = head >> 4
        guard (1...5).contains(version) else {
            throw version > 5 ? .newer("a type has version \(version)") : .corrupt("a type of version \(version)")
        }
        let bits = try reader.count(3)
        let size = try reader.count(4)
        guard size > 0 else { throw .corrupt("elements of 0 bytes") }
        let form: Form
        switch head & 15 {
        case 0: form = try integer(&reader, bits, size)
        case 1: form = try float(&reader, bits, size)
        case 2: form = .other("times")
        case 3: form = .fixedString(isSpacePadded: bits & 15 == 2)
        case 4: form = .other("bit fields")
        case 5: form = .other("opaque bytes")
        case 6: form = try compound(&reader, bits & 0xFFFF, size, version, depth)
        case 7: form = .other("object references")
        case 8: form = try enumeration(&reader, bits & 0xFFFF, size, version, depth)
        case 9: form = bits & 15 == 1 ? .variableString : .other("lists of varying length")
        case 10: form = .other("arrays")
        case 11: form = .other("complex numbers")
        default: form = .other("values of an unknown type")
        }
        // What follows a type inside a compound type must be found: the fields that the forms above do not need.
        switch head & 15 {
        case 2: try reader.skip(2)
        case 4: try reader.skip(4)
        case 5: try reader.skip(bits & 0xFF)
        case 9, 11: _ = try parse(&reader, depth: depth + 1)
        case 10:
            let rank = try reader.byte()
            try reader.skip(version < 3 ? 3 + 8 * rank : 4 * rank)
            _ = try parse(&reader, depth: depth + 1)
        default: break
        }
        if case .variableString = form, size != 8 + reader.widths.address {
            throw .corrupt("texts of varying length in \(size) bytes")
        }
        return Datatype(size: size, form: form)
    }

    private static func integer(_ reader: inout ByteReader, _ bits: Int, _ size: Int) throws(HDF5Error) -> Form {
        let offset = try reader.count(2)
        let precision = try reader.count(2)
        guard [1, 2, 4, 8].contains(size), precision > 0, offset + precision <= 8 * size else {
            return .other("integers of an unusual form")
        }
        return .integer(
            IntegerForm(isSigned: bits & 8 != 0, isBigEndian: bits & 1 != 0, offset: offset, precision: precision))
    }

    private static func float(_ reader: inout ByteReader, _ bits: Int, _ size: Int) throws(HDF5Error) -> Form {
        let offset = try reader.count(2)
        let precision = try reader.count(2)
        let exponent = (location: try reader.byte(), size: try reader.byte())
        let mantissa = (location: try reader.byte(), size: try reader.byte())
        let bias = try reader.count(4)
        let sign = bits >> 8 & 0xFF
        // Bits 0 and 6 together stand for the order of the VAX; a mantissa whose first bit is always stored as 1 is that
        // of the long floats of x86.
        let isKnown = bits & 0x40 == 0 && offset == 0 && precision <= 8 * size
        guard isKnown, [2, 4, 8, 16].contains(size), sign < precision, (1...20).contains(exponent.size),
            (1...64).contains(mantissa.size), exponent.location + exponent.size <= precision,
            mantissa.location + mantissa.size <= precision
        else { return .other("floats of an unusual form") }
        return .float(
            FloatForm(
                isBigEndian: bits & 1 != 0, hasImpliedBit: bits >> 4 & 3 == 2, sign: sign,
                exponent: exponent.location..<exponent.location + exponent.size,
                mantissa: mantissa.location..<mantissa.location + mantissa.size, bias: bias))
    }

    private static func compound(
        _ reader: inout ByteReader, _ count: Int, _ size: Int, _ version: Int, _ depth: Int
    ) throws(HDF5Error) -> Form {
        var members: [Member] = []
        for _ in 0..<count {
            let name = try reader.terminatedName(isPadded: version < 3)
            let offset = try reader.count(version < 3 ? 4 : BTree2.width(of: size))
            var dimensions = 0
            if version == 1 {
                dimensions = try reader.byte()
                try reader.skip(27)
            }
            let type = try parse(&reader, depth: depth + 1)
            guard offset <= size, type.size <= size - offset else { throw .corrupt("a field outside of its element") }
            members.append(
                Member(
                    name: name, offset: offset,
                    type: dimensions == 0 ? type : Datatype(size: type.size, form: .other("arrays"))))
        }
        return .compound(members)
    }

    private static func enumeration(
        _ reader: inout ByteReader, _ count: Int, _ size: Int, _ version: Int, _ depth: Int
    ) throws(HDF5Error) -> Form {
        let base = try parse(&reader, depth: depth + 1)
        guard base.size == size else { throw .corrupt("an enumeration whose values have another size") }
        var names: [String] = []
        for _ in 0..<count { names.append(try reader.terminatedName(isPadded: version < 3)) }
        var values: [[UInt8]] = []
        for _ in 0..<count { values.append([UInt8](try reader.take(size))) }
        return .enumeration(base: base, names: names, values: values)
    }
}

extension Datatype {
    var kind: HDF5Kind {
        switch form {
        case .integer(let form): .integer(bytes: size, signed: form.isSigned)
        case .float: .float(bytes: size)
        case .fixedString, .variableString: .string
        case .enumeration(_, let names, _):
            names.sorted() == ["FALSE", "TRUE"] && size <= 8 ? .boolean : .other("an enumeration")
        case .compound(let members): .compound(fields: members.map(\.name))
        case .other(let words): .other(words)
        }
    }
}
