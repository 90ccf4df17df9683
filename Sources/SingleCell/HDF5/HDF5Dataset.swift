import CHDF5

/// What groups and datasets share: a place in a file, and attributes.
public protocol HDF5Object: Sendable {
    var file: HDF5File { get }
    /// The path inside the file.
    var path: String { get }
    func attribute(_ name: String) throws(HDF5Error) -> HDF5Values?
}

protocol Handled {
    var handle: Handle { get }
}

extension Handled {
    var writtenHandle: Handle { handle }
}

extension HDF5Group: Handled {}
extension HDF5Dataset: Handled {}

/// A dataset: values with attributes.
public struct HDF5Dataset: HDF5Object {
    let handle: Handle
    public let file: HDF5File
    public let path: String
    public let values: HDF5Values

    init(handle: Handle, file: HDF5File, path: String) throws(HDF5Error) {
        self.handle = handle
        self.file = file
        self.path = path
        values = try HDF5Values(dataset: handle, file: file, element: path)
    }

    init(written handle: Handle, file: HDF5File, path: String) throws(HDF5Error) {
        try self.init(handle: handle, file: file, path: path)
    }

    /// One field of a compound dataset.
    public func field(_ name: String) throws(HDF5Error) -> HDF5Values { try values.field(name) }
}

extension HDF5Object {
    /// The attribute of that name; nil where there is none.
    public func attribute(_ name: String) throws(HDF5Error) -> HDF5Values? {
        guard let handle = (self as? any Handled)?.handle else { return nil }
        let element = "\(path)@\(name)"
        let (exists, messages) = HDF5Library.locked {
            let exists = H5Aexists(handle.id, name)
            return (exists, exists < 0 ? HDF5Library.lastMessages() : [])
        }
        guard exists >= 0 else { throw .corrupt(file.path, path, "the attributes cannot be read", messages) }
        guard exists > 0 else { return nil }
        guard let opened = HDF5Library.locked({ Handle.attribute(H5Aopen(handle.id, name, chdf5_default())) }) else {
            throw .corrupt(file.path, element, "the attribute cannot be read")
        }
        return try HDF5Values(attribute: opened, file: file, element: element)
    }
}
