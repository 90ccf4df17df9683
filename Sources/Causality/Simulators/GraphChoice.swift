import Foundation
import Graphs
import Probability

/// A family of graphs with lists of values for its parameters: every combination is equally likely, a value named twice
/// counts twice.
///
/// As YAML `{family: scaleFree, edgesPerNode: [1, 2, 3], powers: [1]}` with the parameters of that family only, those left
/// out at their defaults; a family's name alone stands for all defaults.
public struct GraphChoice: Sendable, Equatable {
    public var family: GraphFamily
    /// Mean number of parents of a node: erdosRenyi, stochasticBlock; of edges of each new node: scaleFree,
    /// scaleFreeTransposed (whole numbers).
    public var edgesPerNode: [Double] = [1, 2, 3]
    /// Exponents of preferential attachment: scaleFree, scaleFreeTransposed.
    public var powers: [Double] = [1]
    /// Of the lattice: wattsStrogatz.
    public var dimensions: [Int] = [2, 3]
    /// Steps within which nodes of the lattice are linked: wattsStrogatz.
    public var reaches: [Int] = [1]
    /// Probabilities with which an end of a link moves: wattsStrogatz.
    public var rewirings: [Double] = [0.3]
    /// Numbers of blocks: stochasticBlock.
    public var blocks: [Int] = [5, 10]
    /// Probability of a link between blocks relative to one within: stochasticBlock.
    public var dampings: [Double] = [0.1]
    /// Largest distance of linked points in the unit square: geometric.
    public var radii: [Double] = [0.1]
    /// Names of known networks: geneNetwork.
    public var networks: [String] = ["ecoli", "yeast"]
    /// Share of the neighbouring genes, by modularity, among which the next one is drawn: geneNetwork.
    public var topShares: [Double] = [0.2]

    public init(_ family: GraphFamily) { self.family = family }

    public static func erdosRenyi(edgesPerNode: [Double]) -> GraphChoice {
        var choice = GraphChoice(.erdosRenyi)
        choice.edgesPerNode = edgesPerNode
        return choice
    }

    public static func scaleFree(edgesPerNode: [Double], powers: [Double], transposed: Bool = false) -> GraphChoice {
        var choice = GraphChoice(transposed ? .scaleFreeTransposed : .scaleFree)
        choice.edgesPerNode = edgesPerNode
        choice.powers = powers
        return choice
    }

    public static func wattsStrogatz(dimensions: [Int], reaches: [Int], rewirings: [Double]) -> GraphChoice {
        var choice = GraphChoice(.wattsStrogatz)
        choice.dimensions = dimensions
        choice.reaches = reaches
        choice.rewirings = rewirings
        return choice
    }

    public static func stochasticBlock(edgesPerNode: [Double], blocks: [Int], dampings: [Double]) -> GraphChoice {
        var choice = GraphChoice(.stochasticBlock)
        choice.edgesPerNode = edgesPerNode
        choice.blocks = blocks
        choice.dampings = dampings
        return choice
    }

    public static func geometric(radii: [Double]) -> GraphChoice {
        var choice = GraphChoice(.geometric)
        choice.radii = radii
        return choice
    }

    public static func geneNetwork(_ networks: [String], topShares: [Double] = [0.2]) -> GraphChoice {
        var choice = GraphChoice(.geneNetwork)
        choice.networks = networks
        choice.topShares = topShares
        return choice
    }

    /// How many combinations of values there are.
    public var count: Int {
        switch family {
        case .erdosRenyi: edgesPerNode.count
        case .scaleFree, .scaleFreeTransposed: edgesPerNode.count * powers.count
        case .wattsStrogatz: dimensions.count * reaches.count * rewirings.count
        case .stochasticBlock: edgesPerNode.count * blocks.count * dampings.count
        case .geometric: radii.count
        case .geneNetwork: networks.count * topShares.count
        }
    }

    /// One combination, uniformly. The networks it names must be given.
    func draw(networks known: [String: RegulatoryNetwork], stream: inout RandomStream) -> RandomGraph {
        func one<Value>(_ values: [Value]) -> Value { values[stream.index(below: values.count)] }
        switch family {
        case .erdosRenyi: return .erdosRenyi(edgesPerNode: one(edgesPerNode))
        case .scaleFree: return .scaleFree(edgesPerNode: Int(one(edgesPerNode)), power: one(powers))
        case .scaleFreeTransposed:
            return .scaleFreeTransposed(edgesPerNode: Int(one(edgesPerNode)), power: one(powers))
        case .wattsStrogatz:
            return .wattsStrogatz(dimensions: one(dimensions), reach: one(reaches), rewiring: one(rewirings))
        case .stochasticBlock:
            return .stochasticBlock(edgesPerNode: one(edgesPerNode), blocks: one(blocks), damping: one(dampings))
        case .geometric: return .geometric(radius: one(radii))
        case .geneNetwork:
            let name = one(networks)
            guard let network = known[name] else { preconditionFailure("the network \(name) is not given") }
            return .geneNetwork(network, topShare: one(topShares))
        }
    }

    /// One combination of all choices together, uniformly.
    public static func draw(
        from choices: [GraphChoice], networks: [String: RegulatoryNetwork], stream: inout RandomStream
    ) -> RandomGraph {
        choices[stream.index(weights: choices.map { Double($0.count) })].draw(networks: networks, stream: &stream)
    }

    /// Edges that a graph may have.
    static let mostEdges = 1e6

    /// The largest mean number of edges, or a bound of it, of one combination.
    func expectedEdges(genes: Int, networks known: [String: RegulatoryNetwork]) -> Double {
        let d = Double(genes)
        let pairs = d * (d - 1) / 2
        switch family {
        case .erdosRenyi, .scaleFree, .scaleFreeTransposed, .stochasticBlock:
            return min(pairs, (edgesPerNode.max() ?? 0) * d)
        case .wattsStrogatz:
            return dimensions.map { dimensions in
                let nodes = pow(Double(DirectedGraph.latticeSide(genes, dimensions: dimensions)), Double(dimensions))
                // No more nodes are near than the cube around one has.
                let near = pow(2 * Double(reaches.max() ?? 0) + 1, Double(dimensions)) - 1
                return nodes * min(nodes - 1, near) / 2
            }.max() ?? 0
        case .geometric:
            let radius = radii.max() ?? 0
            return pairs * min(1, .pi * radius * radius)
        case .geneNetwork:
            return Double(networks.compactMap { known[$0]?.graph.edgeCount }.max() ?? 0)
        }
    }

    /// Throws `OPTION` where a parameter is outside of what can be drawn for that many genes.
    public func validate(genes: Int, networks known: [String: RegulatoryNetwork]) throws(SimulationError) {
        func demand(_ values: [Double], _ name: String, _ limits: ClosedRange<Double>) throws(SimulationError) {
            try SimulationError.demand(
                !values.isEmpty && values.allSatisfy(limits.contains), "graphs.\(name)",
                "a list of numbers from \(limits.lowerBound) to \(limits.upperBound)", values)
        }
        func demand(_ values: [Int], _ name: String, _ limits: ClosedRange<Int>) throws(SimulationError) {
            try SimulationError.demand(
                !values.isEmpty && values.allSatisfy(limits.contains), "graphs.\(name)",
                "a list of whole numbers from \(limits.lowerBound) to \(limits.upperBound)", values)
        }
        switch family {
        case .erdosRenyi: try demand(edgesPerNode, "edgesPerNode", 0...1000)
        case .scaleFree, .scaleFreeTransposed:
            try demand(edgesPerNode, "edgesPerNode", 0...1000)
            try SimulationError.demand(
                edgesPerNode.allSatisfy { $0 == $0.rounded() }, "graphs.edgesPerNode",
                "whole numbers for family \(family.rawValue)", edgesPerNode)
            try demand(powers, "powers", -10...10)
        case .wattsStrogatz:
            try demand(dimensions, "dimensions", 1...6)
            try demand(reaches, "reaches", 0...100)
            try demand(rewirings, "rewirings", 0...1)
        case .stochasticBlock:
            try demand(edgesPerNode, "edgesPerNode", 0...1000)
            try demand(blocks, "blocks", 1...5000)
            try demand(dampings, "dampings", 0...1e6)
        case .geometric: try demand(radii, "radii", 0...2)
        case .geneNetwork:
            try demand(topShares, "topShares", 0...1)
            try SimulationError.demand(!networks.isEmpty, "graphs.networks", "a list of names", networks)
            for name in networks {
                guard let network = known[name] else {
                    try SimulationError.demand(
                        false, "graphs.networks", "names of \(known.keys.sorted().joined(separator: ", "))", name)
                    return
                }
                try SimulationError.demand(
                    genes <= network.genes.count, "genes", "at most the \(network.genes.count) genes of \(name)", genes)
            }
        }
        let edges = expectedEdges(genes: genes, networks: known)
        try SimulationError.demand(
            edges <= Self.mostEdges, "graphs", "at most \(Int(Self.mostEdges)) edges",
            "\(Int(edges)) on average in family \(family.rawValue)")
    }
}

extension GraphChoice: Codable {
    private enum CodingKeys: String, CodingKey {
        case family, edgesPerNode, powers, dimensions, reaches, rewirings, blocks, dampings, radii, networks, topShares
    }

    /// The parameters of a family.
    private static func keys(of family: GraphFamily) -> [CodingKeys] {
        switch family {
        case .erdosRenyi: [.edgesPerNode]
        case .scaleFree, .scaleFreeTransposed: [.edgesPerNode, .powers]
        case .wattsStrogatz: [.dimensions, .reaches, .rewirings]
        case .stochasticBlock: [.edgesPerNode, .blocks, .dampings]
        case .geometric: [.radii]
        case .geneNetwork: [.networks, .topShares]
        }
    }

    public init(from decoder: any Decoder) throws {
        if let single = try? decoder.singleValueContainer(), (try? single.decode(String.self)) != nil {
            self.init(try single.decode(GraphFamily.self))
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(try container.decode(GraphFamily.self, forKey: .family))
        func read<Value: Decodable>(_ key: CodingKeys, _ values: inout [Value]) throws {
            values = try container.decodeIfPresent([Value].self, forKey: key) ?? values
        }
        for key in Self.keys(of: family) {
            switch key {
            case .family: break
            case .edgesPerNode: try read(key, &edgesPerNode)
            case .powers: try read(key, &powers)
            case .dimensions: try read(key, &dimensions)
            case .reaches: try read(key, &reaches)
            case .rewirings: try read(key, &rewirings)
            case .blocks: try read(key, &blocks)
            case .dampings: try read(key, &dampings)
            case .radii: try read(key, &radii)
            case .networks: try read(key, &networks)
            case .topShares: try read(key, &topShares)
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(family, forKey: .family)
        for key in Self.keys(of: family) {
            switch key {
            case .family: break
            case .edgesPerNode: try container.encode(edgesPerNode, forKey: key)
            case .powers: try container.encode(powers, forKey: key)
            case .dimensions: try container.encode(dimensions, forKey: key)
            case .reaches: try container.encode(reaches, forKey: key)
            case .rewirings: try container.encode(rewirings, forKey: key)
            case .blocks: try container.encode(blocks, forKey: key)
            case .dampings: try container.encode(dampings, forKey: key)
            case .radii: try container.encode(radii, forKey: key)
            case .networks: try container.encode(networks, forKey: key)
            case .topShares: try container.encode(topShares, forKey: key)
            }
        }
    }
}
