/// What groups and datasets share: a place in a file, and attributes.
public protocol HDF5Object: Sendable {
    var file: HDF5File { get }
    /// The path inside the file.
    var path: String { get }
    func attribute(_ name: String) throws(HDF5Error) -> HDF5Values?
}

/// Where an object is: in a file that is read, or in one that the library writes.
enum HDF5Place: Sendable {
    case stored(ObjectHeader)
    case written(Handle)

    var header: ObjectHeader {
        guard case .stored(let header) = self else { preconditionFailure("the file is being written, not read") }
        return header
    }

    var handle: Handle {
        guard case .written(let handle) = self else { preconditionFailure("the file is being read, not written") }
        return handle
    }
}

protocol Placed {
    var place: HDF5Place { get }
}

extension HDF5Group: Placed {}
extension HDF5Dataset: Placed {}

/// A dataset: values with attributes.
public struct HDF5Dataset: HDF5Object {
    let place: HDF5Place
    public let file: HDF5File
    public let path: String
    private let stored: HDF5Values?

    /// The values of a dataset in a file that is read.
    public var values: HDF5Values {
        guard let stored else { preconditionFailure("\(path) is being written, not read") }
        return stored
    }

    init(_ header: ObjectHeader, file: HDF5File, path: String) throws(HDF5Error) {
        place = .stored(header)
        self.file = file
        self.path = path
        stored = try HDF5Error.locating(file.path, path) { () throws(HDF5Error) in
            guard let type = header.first(.datatype), let space = header.first(.dataspace) else {
                throw .corrupt("the type or the shape is missing")
            }
            let datatype = try Datatype(header.reader(type))
            let dataspace = try Dataspace(header.reader(space))
            let array = try StoredArray(file.structures, header, datatype, dataspace)
            return HDF5Values(.dataset(array), datatype, dataspace, file, path)
        }
    }

    init(written handle: Handle, file: HDF5File, path: String) {
        place = .written(handle)
        self.file = file
        self.path = path
        stored = nil
    }

    /// One field of a compound dataset.
    public func field(_ name: String) throws(HDF5Error) -> HDF5Values { try values.field(name) }
}

extension HDF5Object {
    /// The attribute of that name; nil where there is none.
    public func attribute(_ name: String) throws(HDF5Error) -> HDF5Values? {
        guard let header = (self as? any Placed)?.place.header else { return nil }
        let element = "\(path)@\(name)"
        return try HDF5Error.locating(file.path, element) { () throws(HDF5Error) in
            guard let found = try AttributeMessage.named(name, of: header, file.structures) else { return nil }
            return HDF5Values(.attribute(found.type, found.bytes), found.type, found.space, file, element)
        }
    }
}
