/// A group of a zarr store of version 2 or 3, in a folder or a zip archive.
struct ZarrGroup: StoreGroup {
    /// In bytes; the root may repeat the metadata of all others.
    private static let largestDocument = (root: 1 << 24, other: 1 << 20)

    let storage: any ZarrStorage
    let path: String
    private let attributes: [String: JSONValue]

    /// The root of a store.
    /// - Throws: `NOT_THIS_FORMAT` where the root is an array, and what stands for damage.
    init(root storage: any ZarrStorage) throws(FormatError) {
        switch try Self.node(storage, "/") {
        case .group(let group as ZarrGroup)?: self = group
        case nil: self.init(storage, "/", [:])
        case .array?, .group?:
            throw ZarrPlace(file: storage.file, element: "/").error(
                "NOT_THIS_FORMAT", "a group with obs and var expected, this zarr store is a single array",
                "name the folder that anndata has written")
        }
    }

    private init(_ storage: any ZarrStorage, _ path: String, _ attributes: [String: JSONValue]) {
        self.storage = storage
        self.path = path
        self.attributes = attributes
    }

    private var place: ZarrPlace { ZarrPlace(file: storage.file, element: path) }

    private static func key(_ path: String, _ name: String) -> String {
        path == "/" ? name : "\(path.dropFirst())/\(name)"
    }

    var identity: Int { storage.identity(of: String(path.dropFirst())) }

    var names: [String] {
        get throws(FormatError) {
            var names: [String] = []
            for name in try storage.folders(in: String(path.dropFirst()), place) where try has(name) {
                names.append(name)
            }
            return names
        }
    }

    func contains(_ name: String) -> Bool { (try? has(name)) ?? true }

    /// Whether there is a node at the path; what cannot be told counts as one, so that opening it says why.
    private func has(_ name: String) throws(FormatError) -> Bool {
        guard Self.isSound(name) else { return false }
        let element = path == "/" ? "/\(name)" : "\(path)/\(name)"
        let place = ZarrPlace(file: storage.file, element: element)
        for document in ["zarr.json", ".zarray", ".zgroup"]
        where try storage.storedSize(Self.key(element, document), place) != nil { return true }
        return false
    }

    func attribute(_ name: String) -> (any StoreValues)? { attributes[name].map { ZarrAttribute(name, $0, place) } }

    func node(_ name: String) throws(FormatError) -> StoreNode {
        let element = path == "/" ? "/\(name)" : "\(path)/\(name)"
        guard Self.isSound(name) else {
            throw ZarrPlace(file: storage.file, element: path).link("'\(name)' is no name of a member")
        }
        guard let node = try Self.node(storage, element) else {
            throw FormatError(
                code: "MISSING_ELEMENT", file: storage.file, element: element, message: "there is no \(element)",
                remedy: "check how the store was written; a whole store has it")
        }
        return node
    }

    /// Names that a file system would take for another place are none.
    private static func isSound(_ path: String) -> Bool {
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        return !path.utf8.contains(0) && !path.utf8.contains(UInt8(ascii: "\\"))
            && components.allSatisfy { !["", ".", ".."].contains($0) }
    }

    /// What stands at the path; nil for nothing. Version 3 is preferred where a store has both.
    private static func node(_ storage: any ZarrStorage, _ path: String) throws(FormatError) -> StoreNode? {
        let place = ZarrPlace(file: storage.file, element: path)
        if let json = try document(storage, key(path, "zarr.json"), place) {
            guard json["zarr_format"] == .integer(3) else { throw place.badEncoding("zarr_format 3 expected") }
            let attributes = try Self.attributes(json["attributes"], place)
            switch json["node_type"]?.string {
            case "group": return .group(ZarrGroup(storage, path, attributes))
            case "array":
                return .array(ZarrArray(storage, path, try ZarrMetadata(version3: json, place), attributes))
            default: throw place.badEncoding("node_type must be group or array")
            }
        }
        let array = try document(storage, key(path, ".zarray"), place)
        let group = array == nil ? try document(storage, key(path, ".zgroup"), place) : nil
        guard let json = array ?? group else { return nil }
        guard json["zarr_format"] == .integer(2) else { throw place.badEncoding("zarr_format 2 expected") }
        let written = try document(storage, key(path, ".zattrs"), place)
        let attributes = try Self.attributes(written, place)
        guard array != nil else { return .group(ZarrGroup(storage, path, attributes)) }
        return .array(ZarrArray(storage, path, try ZarrMetadata(version2: json, place), attributes))
    }

    private static func attributes(_ json: JSONValue?, _ place: ZarrPlace) throws(FormatError) -> [String: JSONValue] {
        guard case .object(let attributes) = json ?? .object([:]) else {
            throw place.badEncoding("the attributes must be a JSON object")
        }
        return attributes
    }

    private static func document(
        _ storage: any ZarrStorage, _ key: String, _ place: ZarrPlace
    ) throws(FormatError) -> JSONValue? {
        guard let stored = try storage.open(key, place) else { return nil }
        guard stored.count <= (place.element == "/" ? largestDocument.root : largestDocument.other) else {
            throw place.limit("metadata of \(stored.count) bytes")
        }
        guard let bytes = stored.read() else {
            throw place.corruptChunk("the metadata cannot be read or are not those that were written")
        }
        do throws(JSONProblem) {
            return try JSONParser.parse(bytes)
        } catch {
            throw place.badEncoding("the metadata are no JSON at byte \(error.byte): \(error.message)")
        }
    }
}
