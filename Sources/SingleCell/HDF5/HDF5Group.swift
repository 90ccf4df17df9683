/// What stands at a path of a file.
public enum HDF5Node: Sendable {
    case group(HDF5Group)
    case dataset(HDF5Dataset)
}

/// A group: named members and attributes.
public struct HDF5Group: HDF5Object {
    let place: HDF5Place
    public let file: HDF5File
    public let path: String

    /// Soft links followed on one way.
    private static let mostLinks = 16

    init(_ header: ObjectHeader, file: HDF5File, path: String) {
        place = .stored(header)
        self.file = file
        self.path = path
    }

    init(written handle: Handle, file: HDF5File, path: String) {
        place = .written(handle)
        self.file = file
        self.path = path
    }

    /// Where the group lies in the file: two names of one group share it.
    public var address: Int { Int(place.header.address) }

    /// Names of the members, sorted.
    public var names: [String] {
        get throws(HDF5Error) {
            try HDF5Error.locating(file.path, path) { () throws(HDF5Error) in
                try file.structures.members(of: place.header).keys.sorted()
            }
        }
    }

    /// Whether there is a member (or link) at the path, which may have several components.
    public func contains(_ name: String) -> Bool {
        do throws(HDF5Error) {
            var components = name.split(separator: "/")
            guard let last = components.popLast() else { return false }
            var followed = 0
            guard let group = try find(components, from: place.header, &followed) else { return false }
            return try file.structures.members(of: group)[String(last)] != nil
        } catch {
            return false
        }
    }

    /// The member at the path.
    /// - Throws: `MISSING_ELEMENT`; `LINK` where the way leads to another file or nowhere.
    public func node(_ name: String) throws(HDF5Error) -> HDF5Node {
        let element = path == "/" ? "/\(name)" : "\(path)/\(name)"
        return try HDF5Error.locating(file.path, element) { () throws(HDF5Error) in
            var followed = 0
            guard let header = try find(name.split(separator: "/"), from: place.header, &followed) else {
                throw HDF5Error(
                    code: "MISSING_ELEMENT", file: file.path, element: element, message: "there is no \(element)",
                    remedy: "check how the file was written; a whole file has it")
            }
            if GroupMembers.isGroup(header) { return .group(HDF5Group(header, file: file, path: element)) }
            guard header.first(.layout) != nil else {
                throw HDF5Error(
                    code: "DTYPE", file: file.path, element: element,
                    message: "a group or a dataset was expected, this is another object",
                    remedy: "write the file again with anndata")
            }
            return .dataset(try HDF5Dataset(header, file: file, path: element))
        }
    }

    /// The group at the path; of a file being written, one made before.
    public func group(_ name: String) throws(HDF5Error) -> HDF5Group {
        if case .written = place { return try groupMade(name) }
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

    /// The header of the object at the end of the way; nil where a name on it is missing.
    private func find(
        _ components: [Substring], from start: ObjectHeader, _ followed: inout Int
    ) throws(HDF5Error) -> ObjectHeader? {
        var header = start
        for component in components where component != "." {
            guard GroupMembers.isGroup(header),
                let link = try file.structures.members(of: header)[String(component)]
            else { return nil }
            switch link {
            case .object(let address): header = try file.structures.header(at: address)
            case .soft(let way):
                followed += 1
                guard followed <= Self.mostLinks else { throw .link("this is a link that leads back to itself") }
                let origin =
                    way.hasPrefix("/") ? try file.structures.header(at: file.structures.rootAddress) : header
                guard let found = try find(way.split(separator: "/"), from: origin, &followed) else {
                    throw .link("this is a link that leads to nothing in this file")
                }
                header = found
            case .external:
                throw HDF5Error(
                    code: "LINK", file: nil, message: "this is a link to another file; it is not followed",
                    remedy: "copy the data into one file")
            }
        }
        return header
    }
}

extension HDF5Error {
    fileprivate static func link(_ message: String) -> HDF5Error {
        HDF5Error(code: "LINK", file: nil, message: message, remedy: "repair or remove the link")
    }
}
