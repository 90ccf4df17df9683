import CHDF5
import Foundation

/// Values to be written, of one shape.
public enum HDF5Content: Sendable {
    case floats([Float])
    case doubles([Double])
    case integers([Int64])
    case smallIntegers([Int32])
    case codes([Int8])
    case booleans([Bool])
    /// Variable-length UTF-8.
    case strings([String])

    var count: Int {
        switch self {
        case .floats(let values): values.count
        case .doubles(let values): values.count
        case .integers(let values): values.count
        case .smallIntegers(let values): values.count
        case .codes(let values): values.count
        case .booleans(let values): values.count
        case .strings(let values): values.count
        }
    }
}

/// Writing: the same calls give the same bytes, since no time stamps are kept.
extension HDF5Group {
    /// Elements of a chunk; smaller arrays are one chunk.
    private static let chunkElements = 1 << 16
    private static let deflateLevel: UInt32 = 4

    /// Makes a group at the path below this one, and those on the way to it.
    @discardableResult
    public func makeGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
        let element = try self.element(name)
        let made: Handle? = HDF5Library.locked {
            guard let link = Self.linkCreation(), let creation = Handle.properties(H5Pcreate(chdf5_group_creation()))
            else { return nil }
            H5Pset_obj_track_times(creation.id, false)
            return Handle.object(H5Gcreate2(handle.id, name, link.id, creation.id, chdf5_default()))
        }
        guard let made else { throw .cannotWrite(file.path, element, "the group cannot be made") }
        return HDF5Group(handle: made, file: file, path: element)
    }

    /// Writes a dataset; a nil shape means one dimension, an empty one a single value. Arrays are compressed.
    @discardableResult
    public func write(_ name: String, _ content: HDF5Content, shape: [Int]? = nil) throws(HDF5Error) -> HDF5Dataset {
        let element = try self.element(name)
        let shape = shape ?? [content.count]
        precondition(shape.reduce(1, *) == content.count, "\(content.count) values for the shape \(shape)")
        let made: Handle? = HDF5Library.locked {
            guard let type = Self.type(of: content), let space = Self.space(shape), let link = Self.linkCreation(),
                let creation = Handle.properties(H5Pcreate(chdf5_dataset_creation()))
            else { return nil }
            H5Pset_obj_track_times(creation.id, false)
            if !shape.isEmpty, content.count > 0 {
                let chunk = Self.chunk(shape)
                guard H5Pset_chunk(creation.id, Int32(chunk.count), chunk) >= 0,
                    H5Pset_deflate(creation.id, Self.deflateLevel) >= 0
                else { return nil }
            }
            guard
                let dataset = Handle.object(
                    H5Dcreate2(handle.id, name, type.id, space.id, link.id, creation.id, chdf5_default()))
            else { return nil }
            guard content.count > 0 else { return dataset }
            let done = Self.withBytes(content) { bytes in
                H5Dwrite(dataset.id, type.id, chdf5_all(), chdf5_all(), chdf5_default(), bytes) >= 0
            }
            return done ? dataset : nil
        }
        guard let made else { throw .cannotWrite(file.path, element, "the values cannot be written") }
        return try HDF5Dataset(handle: made, file: file, path: element)
    }

    private func element(_ name: String) throws(HDF5Error) -> String {
        let element = path == "/" ? "/\(name)" : "\(path)/\(name)"
        let components = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !components.contains(where: { $0.isEmpty || $0 == "." }), !name.utf8.contains(0) else {
            throw HDF5Error(
                code: "CANNOT_WRITE", file: file.path, element: element, message: "HDF5 cannot hold the name '\(name)'",
                remedy: "rename this column or entry")
        }
        return element
    }

    private static func linkCreation() -> Handle? {
        guard let link = Handle.properties(H5Pcreate(chdf5_link_creation())) else { return nil }
        H5Pset_create_intermediate_group(link.id, 1)
        H5Pset_char_encoding(link.id, H5T_CSET_UTF8)
        return link
    }

    /// Whole rows of the last axes where they fit.
    private static func chunk(_ shape: [Int]) -> [hsize_t] {
        var rest = chunkElements
        var chunk = shape
        for axis in shape.indices.reversed() {
            chunk[axis] = max(1, min(shape[axis], rest))
            rest /= chunk[axis]
        }
        return chunk.map { hsize_t($0) }
    }
}

extension HDF5Object {
    /// Writes an attribute; an empty shape means a single value.
    public func writeAttribute(_ name: String, _ content: HDF5Content, shape: [Int]? = nil) throws(HDF5Error) {
        guard let handle = (self as? any Handled)?.handle else { return }
        let shape = shape ?? [content.count]
        precondition(shape.reduce(1, *) == content.count, "\(content.count) values for the shape \(shape)")
        let done: Bool = HDF5Library.locked {
            guard let type = HDF5Group.type(of: content), let space = HDF5Group.space(shape),
                let attribute = Handle.attribute(
                    H5Acreate2(handle.id, name, type.id, space.id, chdf5_default(), chdf5_default()))
            else { return false }
            return content.count == 0
                || HDF5Group.withBytes(content) { H5Awrite(attribute.id, type.id, $0) >= 0 }
        }
        guard done else { throw .cannotWrite(file.path, "\(path)@\(name)", "the attribute cannot be written") }
    }

    /// Writes a single text as an attribute.
    public func writeAttribute(_ name: String, _ text: String) throws(HDF5Error) {
        try writeAttribute(name, .strings([text]), shape: [])
    }
}

extension HDF5Group {
    fileprivate static func space(_ shape: [Int]) -> Handle? {
        shape.isEmpty
            ? Handle.space(H5Screate(H5S_SCALAR))
            : Handle.space(H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil))
    }

    fileprivate static func type(of content: HDF5Content) -> Handle? {
        switch content {
        case .floats: return Handle.type(H5Tcopy(chdf5_native_float()))
        case .doubles: return Handle.type(H5Tcopy(chdf5_native_double()))
        case .integers: return Handle.type(H5Tcopy(chdf5_native_int64()))
        case .smallIntegers: return Handle.type(H5Tcopy(chdf5_native_int32()))
        case .codes: return Handle.type(H5Tcopy(chdf5_native_int8()))
        case .booleans:
            guard let type = Handle.type(H5Tenum_create(chdf5_native_int8())) else { return nil }
            for (name, value) in [("FALSE", Int8(0)), ("TRUE", Int8(1))] {
                var value = value
                guard H5Tenum_insert(type.id, name, &value) >= 0 else { return nil }
            }
            return type
        case .strings:
            guard let type = Handle.type(H5Tcopy(chdf5_c_string())),
                H5Tset_size(type.id, chdf5_variable_length()) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0
            else { return nil }
            return type
        }
    }

    fileprivate static func withBytes(_ content: HDF5Content, _ body: (UnsafeRawPointer) -> Bool) -> Bool {
        switch content {
        case .floats(let values): return values.withUnsafeBytes { body($0.baseAddress!) }
        case .doubles(let values): return values.withUnsafeBytes { body($0.baseAddress!) }
        case .integers(let values): return values.withUnsafeBytes { body($0.baseAddress!) }
        case .smallIntegers(let values): return values.withUnsafeBytes { body($0.baseAddress!) }
        case .codes(let values): return values.withUnsafeBytes { body($0.baseAddress!) }
        case .booleans(let values): return values.map { Int8($0 ? 1 : 0) }.withUnsafeBytes { body($0.baseAddress!) }
        case .strings(let values):
            let texts = values.map { strdup($0) }
            defer { for text in texts { free(text) } }
            return texts.withUnsafeBytes { body($0.baseAddress!) }
        }
    }
}
