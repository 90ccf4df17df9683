import AnnotatedData
import Foundation
import Identification

/// The verb `identify`: whether effects follow from the data, with formula and derivation, or why not.
public struct IdentificationJob {
    private let graph: String
    private let diagram: CausalDiagram
    /// What had to be assumed of the graph.
    public let notes: [String]

    /// - Parameters:
    ///   - latent: names of nodes that are not measured, beside those that the file says.
    ///   - selected: names of nodes by which cells were chosen, likewise.
    public init(graph: String, latent: [String], selected: [String]) throws {
        self.graph = graph
        var description = try reading(graph) { try GraphText.read(try Self.text(graph)) }
        let names = try latent.flatMap { try CausalQuery.names(parsing: $0) }
        if let unknown = names.first(where: { !description.nodes.contains($0) && !description.latent.contains($0) }) {
            throw Failure(
                code: "UNKNOWN_NODES", file: graph, element: unknown,
                message: "expected nodes of the graph in --latent, found none of that name",
                remedy: "correct the name", exit: .badData)
        }
        description.latent += Set(names).subtracting(description.latent).sorted()
        description.selected += try selected.flatMap { try CausalQuery.names(parsing: $0) }
        diagram = try reading(graph) { try CausalDiagram(description) }
        let leftOut = counted(description.leftOut, "edge was", "edges were")
        notes =
            description.leftOut == 0 ? [] : ["\(leftOut) left out: of probability below 0.5, or not kept as acyclic."]
    }

    static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else { throw Failure.unreadable(path) }
        guard let text = String(data: data, encoding: .utf8) else {
            throw Failure(
                code: "BAD_UTF8", file: path, message: "expected text in UTF-8, found other bytes",
                remedy: "write the file again as UTF-8", exit: .badData)
        }
        return text
    }

    /// - Parameter experiments: of each the names of the nodes that it sets, with commas between.
    public func answer(_ query: String, experiments: [String]) throws -> IdentificationFindings {
        let query = try CausalQuery(parsing: query)
        let experiments = try experiments.map { try CausalQuery.names(parsing: $0) }
        return try reading(graph) {
            let clock = ContinuousClock.now
            let answer = try diagram.identify(query, experiments: experiments)
            let estimand = answer.isIdentifiable ? answer.derivation.estimand : nil
            let duration = ContinuousClock.now - clock
            return IdentificationFindings(
                query, answer, estimand, milliseconds: duration / .milliseconds(1), notes: notes)
        }
    }
}
