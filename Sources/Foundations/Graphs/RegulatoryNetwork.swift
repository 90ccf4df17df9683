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
        /// Of the effect where it is known, 0 or more; its unit is the simulation's.
        public let strength: Double?

        public init(regulator: String, target: String, effect: Effect, strength: Double? = nil) {
            self.regulator = regulator
            self.target = target
            self.effect = effect
            self.strength = strength
        }
    }

    /// Rising.
    public let genes: [String]
    /// Who regulates whom, cycles included; genes do not regulate themselves here.
    public let graph: DirectedGraph
    /// Of every edge of `graph`.
    public let effects: [Edge: Effect]
    /// Of the edges of `graph` whose strength is known.
    public let strengths: [Edge: Double]
    /// The genes with a line that says they regulate themselves, rising.
    public let selfRegulators: [Int]
    /// Of each gene those that it regulates or that regulate it, rising.
    let neighbours: [[Int]]

    /// Regulations of a gene by itself are left out, as no acyclic graph has them; the gene stays. Of two lines about the
    /// same pair that disagree, effect and strength are not known.
    public init(_ regulations: some Sequence<Regulation>) {
        let regulations = Array(regulations)
        genes = Set(regulations.flatMap { [$0.regulator, $0.target] }).sorted()
        let place = Dictionary(uniqueKeysWithValues: genes.enumerated().map { ($1, $0) })
        var effects: [Edge: Effect] = [:]
        var strengths: [Edge: Double] = [:]
        for regulation in regulations where regulation.regulator != regulation.target {
            let edge = Edge(place[regulation.regulator]!, place[regulation.target]!)
            if let known = effects[edge] {
                if known != regulation.effect { effects[edge] = .undetermined }
                if strengths[edge] != regulation.strength || effects[edge] == .undetermined { strengths[edge] = nil }
            } else {
                effects[edge] = regulation.effect
                strengths[edge] = regulation.strength
            }
        }
        self.effects = effects
        self.strengths = strengths
        selfRegulators = Set(regulations.filter { $0.regulator == $0.target }.map { place[$0.target]! }).sorted()
        let graph = DirectedGraph(nodeCount: genes.count, edges: effects.keys)
        self.graph = graph
        neighbours = genes.indices.map { Set(graph.parents[$0]).union(graph.children[$0]).sorted() }
    }

    /// The genes that regulate another, rising.
    public var regulators: [Int] { graph.children.indices.filter { !graph.children[$0].isEmpty } }
}
