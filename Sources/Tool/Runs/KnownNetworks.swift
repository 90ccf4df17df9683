import Foundation
import Graphs
import Reference
import Simulators

/// Networks of gene regulation, by the name under which they ship or by file.
enum KnownNetworks {
    /// Those that the choices of graphs name, and all that ship where any is named; a name that is neither is left out.
    static func load(for choices: [GraphChoice]) throws -> [String: RegulatoryNetwork] {
        let wanted = choices.filter { $0.family == .geneNetwork }.flatMap(\.networks)
        guard !wanted.isEmpty else { return [:] }
        var result: [String: RegulatoryNetwork] = [:]
        for name in Set(wanted + ReferenceFile.networkNames).sorted() {
            let file = file(name)
            guard FileManager.default.fileExists(atPath: file) else { continue }
            result[name] = try read(file)
        }
        return result
    }

    /// The file of a network that ships, or the name itself.
    static func file(_ name: String) -> String { ReferenceFile.network(name).path ?? name }

    /// Reads lines `regulator target effect`.
    static func read(_ file: String) throws -> RegulatoryNetwork {
        guard let data = FileManager.default.contents(atPath: file) else { throw Failure.unreadable(file) }
        guard let text = String(data: data, encoding: .utf8) else {
            throw Failure(
                code: "BAD_UTF8", file: file, message: "expected UTF-8 text", remedy: "save the file as UTF-8",
                exit: .badData)
        }
        return try reading(file) { try RegulatoryNetwork(table: text) }
    }
}
