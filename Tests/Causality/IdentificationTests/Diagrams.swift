@testable import Identification

/// Diagrams of the literature, and a short way to write them.
enum Diagrams {
    /// Edges such as `X -> Y` and `X <-> Y`, separated by commas.
    static func of(_ text: String, latent: [String] = []) throws -> CausalDiagram {
        var description = DiagramDescription(latent: latent)
        for part in text.split(separator: ",") {
            let words = part.split(separator: " ").map(String.init)
            if words.count == 1 { description.nodes.append(words[0]) }
            guard words.count == 3 else { continue }
            let pair = DiagramDescription.Pair(words[0], words[2])
            if words[1] == "->" { description.directed.append(pair) } else { description.bidirected.append(pair) }
        }
        description.addNodesOfEdges()
        return try CausalDiagram(description)
    }

    static let frontDoor = "X -> S, S -> R, X <-> R"
    static let napkin = "W1 -> W2, W2 -> X, X -> Y, W1 <-> X, W1 <-> Y"
    static let bow = "X -> Y, X <-> Y"
}

extension CausalDiagram {
    func set(_ names: String...) -> NodeSet { NodeSet(names.map { number(of: $0)! }) }

    func ask(_ query: String, experiments: [[String]] = []) throws -> IdentificationAnswer {
        try identify(CausalQuery(parsing: query), experiments: experiments)
    }
}
