import CHDF5
import Foundation

/// What stands at a path of a file.
public enum HDF5Node: Sendable {
    case group(HDF5Group)
    case dataset(HDF5Dataset)
}

/// A group: named members and attributes.
public struct HDF5Group: HDF5Object {
    let handle: Handle
    public let file: HDF5File
    public let path: String

    init(handle: Handle, file: HDF5File, path: String) {
        self.handle = handle
        self.file = file
        self.path = path
    }

    init(written handle: Handle, file: HDF5File, path: String) { self.init(handle: handle, file: file, path: path) }

    /// Where the group lies in the file: two names of one group share it.
    public var address: Int { HDF5Library.locked { Int(chdf5_object_address(handle.id)) } }

    /// Names of the members, sorted.
    public var names: [String] {
        get throws(HDF5Error) {
            let names: [String]? = HDF5Library.locked {
                var names: [String] = []
                let done = withUnsafeMutablePointer(to: &names) { pointer in
                    chdf5_each_name(
                        handle.id,
                        { name, context in
                            guard let name else { return }
                            context?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
                        }, pointer)
                }
                return done >= 0 ? names.sorted() : nil
            }
            guard let names else { throw .corrupt(file.path, path, "the list of members cannot be read") }
            return names
        }
    }

    /// Whether there is a member (or link) at the path, which may have several components.
    public func contains(_ name: String) -> Bool {
        HDF5Library.locked {
            var prefix = ""
            for component in name.split(separator: "/") {
                prefix += prefix.isEmpty ? String(component) : "/\(component)"
                guard H5Lexists(handle.id, prefix, chdf5_default()) > 0 else { return false }
            }
            return !prefix.isEmpty
        }
    }

    /// The member at the path.
    /// - Throws: `MISSING_ELEMENT`; `LINK` where the way leads to another file or nowhere.
    public func node(_ name: String) throws(HDF5Error) -> HDF5Node {
        let element = path == "/" ? "/\(name)" : "\(path)/\(name)"
        guard contains(name) else {
            throw HDF5Error(
                code: "MISSING_ELEMENT", file: file.path, element: element, message: "there is no \(element)",
                remedy: "check how the file was written; a whole file has it")
        }
        var messages: [String] = []
        let opened: Handle? = HDF5Library.locked {
            guard let access = Handle.properties(H5Pcreate(chdf5_link_access())),
                chdf5_refuse_external_links(access.id) >= 0
            else { return nil }
            let opened = Handle.object(H5Oopen(handle.id, name, access.id))
            if opened == nil { messages = HDF5Library.lastMessages() }
            return opened
        }
        guard let opened else { throw linkError(name, element, messages) }
        switch HDF5Library.locked({ H5Iget_type(opened.id) }) {
        case H5I_GROUP: return .group(HDF5Group(handle: opened, file: file, path: element))
        case H5I_DATASET: return .dataset(try HDF5Dataset(handle: opened, file: file, path: element))
        default:
            throw HDF5Error(
                code: "DTYPE", file: file.path, element: element,
                message: "a group or a dataset was expected, this is another object",
                remedy: "write the file again with anndata")
        }
    }

    public func group(_ name: String) throws(HDF5Error) -> HDF5Group {
        guard case .group(let group) = try node(name) else {
            throw HDF5Error(
                code: "BAD_ENCODING", file: file.path, element: "\(path == "/" ? "" : path)/\(name)",
                message: "a group was expected, this is a dataset", remedy: "write the file again with anndata")
        }
        return group
    }

    public func dataset(_ name: String) throws(HDF5Error) -> HDF5Dataset {
        guard case .dataset(let dataset) = try node(name) else {
            throw HDF5Error(
                code: "BAD_ENCODING", file: file.path, element: "\(path == "/" ? "" : path)/\(name)",
                message: "a dataset was expected, this is a group", remedy: "write the file again with anndata")
        }
        return dataset
    }

    private func linkError(_ name: String, _ element: String, _ messages: [String]) -> HDF5Error {
        let kind = HDF5Library.locked { chdf5_link_kind(handle.id, name) }
        switch kind {
        case Int32(H5L_TYPE_EXTERNAL.rawValue):
            return HDF5Error(
                code: "LINK", file: file.path, element: element,
                message: "this is a link to another file; it is not followed",
                remedy: "copy the data into one file")
        case Int32(H5L_TYPE_SOFT.rawValue):
            return HDF5Error(
                code: "LINK", file: file.path, element: element,
                message: "this is a link that leads to nothing in this file",
                remedy: "repair or remove the link")
        default:
            return .corrupt(file.path, element, "the object at \(element) cannot be read", messages)
        }
    }
}
