import Foundation

/// What a known network of regulation says before any cell is looked at.
extension EdgeBeliefs {
    /// The same belief in every edge.
    public init(genes: [String], everyEdge probability: Double) {
        precondition((0...1).contains(probability), "a probability expected, found \(probability)")
        self.init(
            genes: genes, probabilities: [Float](repeating: Float(probability), count: genes.count * genes.count))
    }

    /// The beliefs with the odds of every edge of the network multiplied by `oddsFactor`; other edges stay as they are, as
    /// no network is complete. Where the network gives strengths, an edge's factor is `oddsFactor` to its share of the
    /// largest strength among these genes. Signs say nothing of whether there is an edge and are not used; genes are the
    /// same where their names are.
    public func raised(by network: RegulatoryNetwork, oddsFactor: Double) -> EdgeBeliefs {
        precondition(oddsFactor >= 1 && oddsFactor.isFinite, "a factor of 1 or more expected, found \(oddsFactor)")
        let place = Dictionary(genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let edges = network.effects.keys.compactMap { edge in
            place[network.genes[edge.source]].flatMap { source in
                place[network.genes[edge.target]].map { (source, $0, network.strengths[edge]) }
            }
        }
        let strongest = edges.compactMap(\.2).max() ?? 1
        var raised = probabilities
        for (source, target, strength) in edges {
            let index = source * genes.count + target
            let p = Double(raised[index])
            let factor = pow(oddsFactor, (strength ?? strongest) / strongest)
            raised[index] = Float(p * factor / (1 - p + p * factor))
        }
        return EdgeBeliefs(genes: genes, probabilities: raised)
    }
}
