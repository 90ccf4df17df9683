import Foundation

@testable import Formats

/// Stores that anndata and zarr-python have written; `Pipelines/Golden/zarr_stores.py` made them.
enum ZarrFixture {
    static func path(_ name: String) -> String {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("Reference/Golden/Formats/\(name).zarr.zip").path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// The store of the fixture as a folder.
    static func unpacked(_ name: String, in scratch: Scratch) throws -> String {
        let archive = try ZipArchive(path(name))!
        let folder = scratch.path("\(name).zarr")
        for member in archive.members.keys {
            let file = URL(fileURLWithPath: "\(folder)/\(member)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            let stored = try archive.open(member, ZarrPlace(file: name, element: member))
            try Data(stored!.read()!).write(to: file)
        }
        return folder
    }

    static func values(_ store: ZarrGroup, _ name: String) throws -> any StoreValues { try store.array(name).values }
}
