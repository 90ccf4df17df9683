import Foundation
import HDF5

/// Files that h5py wrote, with what was given to it; `Pipelines/Golden/hdf5.py` made them.
enum GoldenFiles {
    struct Expected {
        let kind: String
        let shape: [Int]
        let values: [Any]
    }

    static let names = ["earliest.h5", "latest.h5", "userblock.h5"]

    static let folder: URL = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("Reference/Golden/HDF5")
    }()

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private static func facts(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appendingPathComponent("values.json"))
        let all = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return all?[name] as? [String: Any] ?? [:]
    }

    /// By path, `path@attribute` or `path[field]`.
    static func expected(_ name: String) throws -> [String: Expected] {
        let values = try facts(name)["values"] as? [String: [String: Any]] ?? [:]
        return values.mapValues { entry in
            Expected(
                kind: entry["kind"] as? String ?? "", shape: entry["shape"] as? [Int] ?? [],
                values: entry["values"] as? [Any] ?? [])
        }
    }

    static func refused(_ name: String) throws -> [String: String] {
        try facts(name)["refused"] as? [String: String] ?? [:]
    }

    static func nulls(_ name: String) throws -> [String] { try facts(name)["nulls"] as? [String] ?? [] }

    /// What stands at a path, `path@attribute` or `path[field]`.
    static func values(_ element: String, in root: HDF5Group) throws -> HDF5Values? {
        if let at = element.lastIndex(of: "@") {
            let name = String(element[element.index(after: at)...])
            switch try root.node(String(element[..<at].dropFirst())) {
            case .group(let group): return try group.attribute(name)
            case .dataset(let dataset): return try dataset.attribute(name)
            }
        }
        if let bracket = element.lastIndex(of: "[") {
            let name = String(element[element.index(after: bracket)...].dropLast())
            return try root.dataset(String(element[..<bracket].dropFirst())).field(name)
        }
        return try root.dataset(String(element.dropFirst())).values
    }
}
