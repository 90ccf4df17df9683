import Foundation
import Graphs
import Probability

/// A gene regulatory network with its kinetics, drawn at random or around a given network.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | G | `graph` | d nodes | i regulates j |
/// | K_ij | `strengths` | genes × parents | production of j at full activity of i; negative where i represses j |
/// | b_jc | `basalRates` | d × cell types | production of j in cell type c where nothing regulates j |
/// | n | `hillCoefficient` | | exponent of the Hill functions |
/// | λ | `decay` | | decay per unit of time |
/// | ζ (q) | `noiseScale` | | amplitude of the noise |
///
/// Expression follows dx = (P − λ x) dt + ζ (√P dW₁ + √(λ x) dW₂) with P = Σ |K_ij| H(x_i), H = xⁿ / (hⁿ + xⁿ) where i
/// activates j and 1 − that where it represses.
/// Sources: Dibaeinia & Sinha 2020, "SERGIO"; Lorch et al. 2022, "Amortized Inference for Causal Structure Learning".
/// Deviation from the paper: none from the second; the first also has basal rates for regulated genes, here 0.
public struct GeneRegulationWorld: Sendable {
    public let options: GeneRegulationOptions
    public let graph: DirectedGraph
    public let geneNames: [String]
    /// For each gene the strengths of its parents, in the order of `graph.parents`.
    public let strengths: [[Double]]
    public let basalRates: [[Double]]
    public let hillCoefficient: Double
    public let decay: Double
    public let noiseScale: Double
    public let remainingProduction: Double
    public let technology: SequencingTechnology
    /// nil where expression is not sequenced.
    public let technicalNoise: TechnicalNoise?
    /// Length of the longest path from each gene to one that regulates none.
    let levels: [Int]

    /// Draws the kinetics, and the network unless one is given.
    public init(options: GeneRegulationOptions, network: GivenNetwork? = nil, stream: RandomStream) {
        func pick<Value>(_ values: [Value], _ name: String) -> Value {
            var own = stream.stream(name)
            return values[own.index(below: values.count)]
        }
        let graph: DirectedGraph
        if let network {
            graph = network.graph
        } else {
            precondition(options.genes > 0, "a world has at least one gene")
            var graphStream = stream.stream("graph")
            graph = DirectedGraph.random(
                pick(options.graphs, "family"), nodeCount: options.genes,
                edgesPerNode: pick(options.edgesPerGene, "edges"), power: pick(options.attachmentPowers, "power"),
                stream: &graphStream)
        }
        guard let order = graph.topologicalOrder else { preconditionFailure("a world's graph is acyclic") }
        let types = pick(options.cellTypes, "types")
        let basal = pick(options.basalRates, "basal range")
        let range = pick(options.strengths, "strength range")
        let shape = pick(options.activationShares, "activation")
        var strengths = graph.parents.map { $0.map { _ in 0.0 } }
        for (regulator, targets) in graph.children.enumerated() {
            var own = stream.stream("strengths").stream(regulator)
            let share = own.beta(shape.alpha, shape.beta)
            for target in targets {
                let known = network?.regulations[Edge(regulator, target)]
                let size = own.uniform(range.lowerBound, range.upperBound)
                let activates = own.bernoulli(share)
                let drawn = known?.activates ?? activates ? size : -size
                strengths[target][graph.parents[target].firstIndex(of: regulator)!] = known?.strength ?? drawn
            }
        }
        var levels = graph.parents.map { _ in 0 }
        for gene in order.reversed() { levels[gene] = graph.children[gene].map { levels[$0] + 1 }.max() ?? 0 }
        self.options = options
        self.graph = graph
        self.strengths = strengths
        self.levels = levels
        geneNames = network?.genes ?? WorldTruth.names(prefix: "g", count: graph.nodeCount)
        basalRates = graph.parents.indices.map { gene in
            var own = stream.stream("basal").stream(gene)
            return (0..<types).map { _ in own.uniform(basal.lowerBound, basal.upperBound) }
        }
        hillCoefficient = pick(options.hillCoefficients, "hill")
        decay = pick(options.decays, "decay")
        noiseScale = pick(options.noiseScales, "noise")
        remainingProduction = pick(options.remainingProductions, "remaining")
        technology = pick(options.technologies, "technology")
        technicalNoise = technology.noise(stream.stream("technical"))
    }

    public var cellTypes: Int { basalRates[0].count }
    var cellTypeNames: [String] { WorldTruth.names(prefix: "type", count: cellTypes) }

    /// K of an edge; nil where there is none.
    public func strength(of edge: Edge) -> Double? {
        graph.parents[edge.target].firstIndex(of: edge.source).map { strengths[edge.target][$0] }
    }
}

/// A network to simulate, with what is known of it.
public struct GivenNetwork: Sendable, Equatable {
    public struct Regulation: Sendable, Equatable {
        /// nil where it is to be drawn.
        public var activates: Bool?
        /// Signed; nil where it is to be drawn.
        public var strength: Double?

        public init(activates: Bool? = nil, strength: Double? = nil) {
            self.activates = activates
            self.strength = strength
        }
    }

    public let genes: [String]
    public let graph: DirectedGraph
    public let regulations: [Edge: Regulation]

    /// The graph must be acyclic.
    public init(genes: [String], regulations: [Edge: Regulation]) {
        self.genes = genes
        self.regulations = regulations
        graph = DirectedGraph(nodeCount: genes.count, edges: regulations.keys)
    }
}
