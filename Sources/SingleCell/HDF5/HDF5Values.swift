import CHDF5

/// What one value is.
public enum HDF5Kind: Sendable, Equatable {
    case integer(bytes: Int, signed: Bool)
    case float(bytes: Int)
    /// An enumeration of FALSE and TRUE.
    case boolean
    case string
    case compound(fields: [String])
    /// In words, such as "object references".
    case other(String)

    /// The usual short name, such as `float32`.
    public var name: String {
        switch self {
        case .integer(let bytes, let signed): "\(signed ? "int" : "uint")\(8 * bytes)"
        case .float(let bytes): "float\(8 * bytes)"
        case .boolean: "bool"
        case .string: "string"
        case .compound: "compound"
        case .other(let words): words
        }
    }

    public var isNumeric: Bool {
        switch self {
        case .integer, .float, .boolean: true
        case .string, .compound, .other: false
        }
    }
}

/// The values of a dataset, of one field of a compound dataset, or of an attribute, not yet read.
public struct HDF5Values: Sendable {
    public let file: HDF5File
    /// The path inside the file; `path@name` for an attribute.
    public let element: String
    public let shape: [Int]
    /// Whether there is no value at all (a null dataspace), not even an empty list.
    public let isNull: Bool
    public let kind: HDF5Kind
    let handle: Handle
    let isAttribute: Bool
    let fieldName: String?
    /// The type in the file, of the field where there is one.
    let type: Handle

    /// A single value has an empty shape and a count of 1.
    public var count: Int { isNull ? 0 : shape.reduce(1, *) }

    init(dataset: Handle, file: HDF5File, element: String) throws(HDF5Error) {
        let (type, space) = HDF5Library.locked {
            (Handle.type(H5Dget_type(dataset.id)), Handle.space(H5Dget_space(dataset.id)))
        }
        try self.init(dataset, isAttribute: false, fieldName: nil, type, space, file, element)
    }

    init(attribute: Handle, file: HDF5File, element: String) throws(HDF5Error) {
        let (type, space) = HDF5Library.locked {
            (Handle.type(H5Aget_type(attribute.id)), Handle.space(H5Aget_space(attribute.id)))
        }
        try self.init(attribute, isAttribute: true, fieldName: nil, type, space, file, element)
    }

    private init(
        _ handle: Handle, isAttribute: Bool, fieldName: String?, _ type: Handle?, _ space: Handle?, _ file: HDF5File,
        _ element: String
    ) throws(HDF5Error) {
        guard let type, let space else { throw .corrupt(file.path, element, "type or shape cannot be read") }
        let extents: (isNull: Bool, shape: [Int])? = HDF5Library.locked {
            switch H5Sget_simple_extent_type(space.id) {
            case H5S_NULL: return (true, [])
            case H5S_SCALAR: return (false, [])
            case H5S_SIMPLE:
                let rank = Int(H5Sget_simple_extent_ndims(space.id))
                guard rank >= 0, rank <= 32 else { return nil }
                var extents = [hsize_t](repeating: 0, count: rank)
                guard rank == 0 || H5Sget_simple_extent_dims(space.id, &extents, nil) >= 0 else { return nil }
                // The product must be a number of elements that memory can count.
                var product = 1
                for extent in extents {
                    guard let extent = Int(exactly: extent) else { return nil }
                    let (next, overflow) = max(product, 1).multipliedReportingOverflow(by: max(extent, 1))
                    guard !overflow, next < 1 << 48 else { return nil }
                    product = next
                }
                return (false, extents.map(Int.init))
            default: return nil
            }
        }
        guard let extents else {
            throw HDF5Error(
                code: "LIMIT", file: file.path, element: element,
                message: "the shape in the file cannot be that of data",
                remedy: "the file is damaged: fetch or write it again")
        }
        self.file = file
        self.element = element
        self.handle = handle
        self.isAttribute = isAttribute
        self.fieldName = fieldName
        self.type = type
        (isNull, shape) = extents
        kind = HDF5Library.locked { Self.kind(of: type.id) }
    }

    func field(_ name: String) throws(HDF5Error) -> HDF5Values {
        let member = HDF5Library.locked { () -> (Handle?, Handle?) in
            let position = H5Tget_member_index(type.id, name)
            guard position >= 0 else { return (nil, nil) }
            return (
                Handle.type(H5Tget_member_type(type.id, UInt32(position))), Handle.space(H5Dget_space(handle.id))
            )
        }
        return try HDF5Values(
            handle, isAttribute: isAttribute, fieldName: name, member.0, member.1, file, "\(element)[\(name)]")
    }

    private static func kind(of type: hid_t) -> HDF5Kind {
        let bytes = H5Tget_size(type)
        switch H5Tget_class(type) {
        case H5T_INTEGER:
            guard isSound(type, [1, 2, 4, 8]) else { return .other("integers of an unusual form") }
            return .integer(bytes: bytes, signed: H5Tget_sign(type) == H5T_SGN_2)
        case H5T_FLOAT:
            guard isSound(type, [2, 4, 8, 16]), hasSoundFields(type) else { return .other("floats of an unusual form") }
            return .float(bytes: bytes)
        case H5T_STRING: return .string
        case H5T_ENUM:
            let names = memberNames(of: type)
            return names.sorted() == ["FALSE", "TRUE"] && bytes <= 8 ? .boolean : .other("an enumeration")
        case H5T_COMPOUND: return .compound(fields: memberNames(of: type))
        case H5T_REFERENCE: return .other("object references")
        case H5T_OPAQUE: return .other("opaque bytes")
        case H5T_VLEN: return .other("lists of varying length")
        case H5T_ARRAY: return .other("arrays")
        default: return .other("values of an unknown type")
        }
    }

    /// The library converts without checking that the bits of a number lie within its bytes.
    private static func isSound(_ type: hid_t, _ sizes: [Int]) -> Bool {
        let (bytes, precision, offset) = (H5Tget_size(type), H5Tget_precision(type), H5Tget_offset(type))
        return sizes.contains(bytes) && precision > 0 && offset >= 0 && precision + Int(offset) <= 8 * bytes
    }

    private static func hasSoundFields(_ type: hid_t) -> Bool {
        var (sign, exponent, exponentSize, mantissa, mantissaSize) = (0, 0, 0, 0, 0)
        guard H5Tget_fields(type, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize) >= 0 else { return false }
        let bits = H5Tget_precision(type)
        return sign < bits && exponent < bits && exponentSize <= bits - exponent && mantissa < bits
            && mantissaSize <= bits - mantissa && exponentSize > 0 && mantissaSize > 0
    }

    private static func memberNames(of type: hid_t) -> [String] {
        let count = H5Tget_nmembers(type)
        guard count > 0 else { return [] }
        return (0..<UInt32(count)).map { position in
            guard let name = H5Tget_member_name(type, position) else { return "" }
            defer { H5free_memory(name) }
            return String(cString: name)
        }
    }
}
