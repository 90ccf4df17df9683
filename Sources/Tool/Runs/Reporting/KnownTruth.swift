import Foundation
import Graphs
import Simulators

/// What is known to be true of a screen, for comparison only.
enum KnownTruth {
    /// The truth that a simulated drug screen was made from.
    case planted(ScreenTruth)
    /// A network from elsewhere, such as a consensus of the literature.
    case network(name: String, edges: [(source: String, target: String)])

    init(file: String) throws {
        if file.hasSuffix(".json") {
            guard let data = FileManager.default.contents(atPath: file) else { throw Failure.unreadable(file) }
            do {
                self = .planted(try CanonicalJSON.decode(ScreenTruth.self, from: data))
            } catch {
                throw Failure(
                    code: "BAD_ENCODING", file: file,
                    message: "expected the truth.json of `simulate screen`, found \(error)",
                    remedy: "give that file, or an edge table with the columns source and target", exit: .badData)
            }
        } else {
            let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
            self = .network(name: name, edges: try EdgeTable.edges(file).map { ($0.source, $0.target) })
        }
    }

    var name: String {
        switch self {
        case .planted: "the planted network"
        case .network(let name, _): "the network \(name)"
        }
    }

    var edges: [(source: String, target: String)] {
        switch self {
        case .planted(let truth): truth.edges.map { ($0.source, $0.target) }
        case .network(_, let edges): edges
        }
    }

    /// The true graph over `genes`; edges with an end elsewhere are left out.
    func graph(over genes: [String]) -> DirectedGraph {
        let place = Dictionary(genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return DirectedGraph(
            nodeCount: genes.count,
            edges: edges.compactMap { edge in
                guard let source = place[edge.source], let target = place[edge.target], source != target else {
                    return nil
                }
                return Edge(source, target)
            })
    }
}
