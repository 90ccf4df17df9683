import Foundation

/// The package as it stands on disk: its plan and its files.
struct House {
    struct Room: Equatable {
        var floor: String
        var name: String
        var uses: [String]
        var folder: String { "Sources/\(floor)/\(name)" }
    }

    struct SourceFile {
        /// Relative to the package.
        var path: String
        var text: String
    }

    let root: URL
    let rooms: [Room]

    init() throws {
        root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let manifest = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
        rooms = Self.rooms(inManifest: manifest)
    }

    /// The rows `("Floor", "Room", ["Uses", …]),` of the manifest's table.
    static func rooms(inManifest text: String) -> [Room] {
        let row = /\(\s*"(\w+)",\s*"(\w+)",\s*\[([^\]]*)\]\s*\)/
        return text.matches(of: row).map { match in
            let uses = match.3.split(separator: ",").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: "\" \n"))
            }
            return Room(floor: String(match.1), name: String(match.2), uses: uses.filter { !$0.isEmpty })
        }
    }

    func files(in folder: String, suffix: String = ".swift") throws -> [SourceFile] {
        let base = root.appendingPathComponent(folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.allObjects as? [String] ?? []
        return try names.filter { $0.hasSuffix(suffix) }.sorted().map { name in
            SourceFile(
                path: "\(folder)/\(name)",
                text: try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8))
        }
    }

    /// The modules that a source text imports.
    static func imports(in text: String) -> [String] {
        let line = /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public |internal |private |package )?import\s+(?:\w+\s+)?(\w+)/
        return text.split(separator: "\n").compactMap { $0.firstMatch(of: line).map { String($0.1) } }
    }

    /// What comes with the toolchain and any room may use.
    static let system: Set<String> = ["Foundation", "Dispatch", "Glibc", "Darwin", "Synchronization"]

    /// The imports of a file that the plan does not allow its room.
    static func breaches(of text: String, in room: Room) -> [String] {
        imports(in: text).filter { !system.contains($0) && !room.uses.contains($0) }
    }
}
