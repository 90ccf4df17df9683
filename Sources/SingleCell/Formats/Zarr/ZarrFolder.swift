import Foundation

/// A zarr store as a folder of files. Links are followed inside it and refused where they lead out of it.
struct ZarrFolder: ZarrStorage {
    let file: String
    /// The folder itself, without links on the way to it.
    private let root: String

    init(_ path: String) throws(FormatError) {
        guard let root = Self.resolved(path) else {
            throw FormatError(
                code: "UNREADABLE", file: path, message: "the folder cannot be opened", remedy: "check its permissions")
        }
        file = path
        self.root = root
    }

    /// The path without links; nil where there is nothing.
    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The path of a key's file or folder, checked to lie inside; nil where there is none.
    private func path(_ key: String, _ place: ZarrPlace) throws(FormatError) -> String? {
        guard let path = Self.resolved("\(root)/\(key)") else {
            guard errno == ENOENT || errno == ENOTDIR else {
                throw place.error("UNREADABLE", String(cString: strerror(errno)), "check the links and permissions")
            }
            try refuseBrokenLinks(key, place)
            return nil
        }
        guard path == root || path.hasPrefix(root == "/" ? root : root + "/") else {
            throw place.link("this is a link to \(path), outside the store; it is not followed")
        }
        return path
    }

    /// What is missing behind a broken link must not count as never written.
    private func refuseBrokenLinks(_ key: String, _ place: ZarrPlace) throws(FormatError) {
        var path = root
        for component in key.split(separator: "/") {
            path += "/\(component)"
            var status = stat()
            guard lstat(path, &status) == 0 else { return }
            if status.st_mode & S_IFMT == S_IFLNK, Self.resolved(path) == nil {
                throw place.link("this is a link that leads to nothing")
            }
        }
    }

    func open(_ key: String, _ place: ZarrPlace) throws(FormatError) -> StoredBytes? {
        guard let path = try path(key, place), let file = try OpenFile.open(path, place) else { return nil }
        return StoredBytes(source: .file(file, start: 0), count: file.count, packedCount: file.count)
    }

    func storedSize(_ key: String, _ place: ZarrPlace) throws(FormatError) -> Int? {
        guard let path = try path(key, place) else { return nil }
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    func folders(in key: String, _ place: ZarrPlace) throws(FormatError) -> [String] {
        guard let path = try path(key, place) else { return [] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw place.error("UNREADABLE", "the folder cannot be listed", "check the permissions of the store")
        }
        return names.filter { name in
            var status = stat()
            return stat("\(path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }.sorted()
    }

    func identity(of key: String) -> Int {
        var status = stat()
        return stat("\(root)/\(key)", &status) == 0 ? Int(truncatingIfNeeded: status.st_ino) : 0
    }
}
