import Foundation

/// A zarr store as a zip archive, at its top or in one folder of it.
struct ZarrZip: ZarrStorage {
    let archive: ZipArchive
    /// What comes before each key: empty, or a folder's name with its slash.
    private let prefix: String
    /// Names of the folders with nodes directly below each key.
    private let foldersByKey: [String: [String]]

    private static let nodeNames = [".zgroup", ".zattrs", ".zarray", "zarr.json"]

    var file: String { archive.path }

    /// - Returns: nil where the archive holds no zarr store.
    init?(_ archive: ZipArchive) {
        let nodes = archive.members.keys.compactMap { name -> String? in
            guard let node = (Self.nodeNames.first { name.hasSuffix($0) }) else { return nil }
            let folder = name.dropLast(node.count)
            return folder.isEmpty || folder.hasSuffix("/") ? String(folder) : nil
        }
        // `zip -r` puts the store's own folder on top.
        guard let prefix = nodes.min(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }) else { return nil }
        guard prefix.split(separator: "/").count <= 1 else { return nil }
        self.archive = archive
        self.prefix = prefix
        var folders: [String: Set<String>] = [:]
        for node in nodes where node.hasPrefix(prefix) && node.utf8.count > prefix.utf8.count {
            let components = node.dropFirst(prefix.count).dropLast().split(
                separator: "/", omittingEmptySubsequences: false)
            folders[components.dropLast().joined(separator: "/"), default: []].insert(String(components.last ?? ""))
        }
        foldersByKey = folders.mapValues { $0.sorted() }
    }

    /// Whether the first bytes of a file name what zarr stores hold: all that a cut off archive tells.
    static func looksLikeOne(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let start = try? file.read(upToCount: 1 << 16) else {
            return false
        }
        return nodeNames.contains { start.range(of: Data($0.utf8)) != nil }
    }

    func open(_ key: String, _ place: ZarrPlace) throws(FormatError) -> StoredBytes? {
        try archive.open(prefix + key, place)
    }

    func storedSize(_ key: String, _ place: ZarrPlace) -> Int? { archive.members[prefix + key]?.packedSize }

    func folders(in key: String, _ place: ZarrPlace) -> [String] { foldersByKey[key] ?? [] }

    func identity(of key: String) -> Int {
        let start = key.isEmpty ? prefix : "\(prefix)\(key)/"
        return Self.nodeNames.lazy.compactMap { archive.members[start + $0]?.position }.first ?? -1
    }
}
