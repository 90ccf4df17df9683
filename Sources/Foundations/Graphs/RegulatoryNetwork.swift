/// A known network of gene regulation, from which modules are cut.
public struct RegulatoryNetwork: Sendable, Equatable {
    /// What a regulator does to its target.
    public enum Effect: String, Sendable, Codable {
        case activates, represses
        /// Both, or not known.
        case undetermined
    }

    /// One line of a network.
    public struct Regulation: Sendable, Equatable {
        public let regulator: String
        public let target: String
        public let effect: Effect

        public init(regulator: String, target: String, effect: Effect) {
            self.regulator = regulator
            self.target = target
            self.effect = effect
        }
    }

    /// Rising.
    public let genes: [String]
    /// Who regulates whom, cycles included; genes do not regulate themselves here.
    public let graph: DirectedGraph
    /// Of every edge of `graph`.
    public let effects: [Edge: Effect]
    /// Of each gene those that it regulates or that regulate it, rising.
    let neighbours: [[Int]]

    /// Regulations of a gene by itself are left out, as no acyclic graph has them; the gene stays. Of two lines about the
    /// same pair that disagree the effect is undetermined.
    public init(_ regulations: some Sequence<Regulation>) {
        let regulations = Array(regulations)
        genes = Set(regulations.flatMap { [$0.regulator, $0.target] }).sorted()
        let place = Dictionary(uniqueKeysWithValues: genes.enumerated().map { ($1, $0) })
        var effects: [Edge: Effect] = [:]
        for regulation in regulations where regulation.regulator != regulation.target {
            let edge = Edge(place[regulation.regulator]!, place[regulation.target]!)
            if let known = effects[edge], known != regulation.effect {
                effects[edge] = .undetermined
            } else {
                effects[edge] = regulation.effect
            }
        }
        self.effects = effects
        let graph = DirectedGraph(nodeCount: genes.count, edges: effects.keys)
        self.graph = graph
        neighbours = genes.indices.map { Set(graph.parents[$0]).union(graph.children[$0]).sorted() }
    }

    /// The genes that regulate another, rising.
    public var regulators: [Int] { graph.children.indices.filter { !graph.children[$0].isEmpty } }
}
