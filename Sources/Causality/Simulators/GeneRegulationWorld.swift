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

    /// Draws the network, unless a whole one is given, and the kinetics.
    /// - Parameters:
    ///   - networks: The known networks that the options name; see `GeneRegulationOptions.validate(networks:)`.
    ///   - network: Takes the place of a drawn one, with its genes and what is known of their effects and strengths; must be
    ///     acyclic.
    public init(
        options: GeneRegulationOptions, networks: [String: RegulatoryNetwork] = [:],
        network: RegulatoryNetwork? = nil, stream: RandomStream
    ) {
        func pick<Value>(_ values: [Value], _ name: String) -> Value {
            var own = stream.stream(name)
            return values[own.index(below: values.count)]
        }
        let graph: DirectedGraph
        if let network {
            graph = network.graph
        } else {
            precondition(options.genes > 0, "a world has at least one gene")
            var own = stream.stream("graph")
            graph = GraphChoice.draw(from: options.graphs, networks: networks, stream: &own).draw(
                nodeCount: options.genes, stream: &own)
        }
        let types = pick(options.cellTypes, "types")
        let basal = pick(options.basalRates, "basal range")
        let range = pick(options.strengths, "strength range")
        let shape = pick(options.activationShares, "activation")
        var strengths = graph.parents.map { $0.map { _ in 0.0 } }
        for (regulator, targets) in graph.children.enumerated() {
            var own = stream.stream("strengths").stream(regulator)
            let share = own.beta(shape.alpha, shape.beta)
            for target in targets {
                let edge = Edge(regulator, target)
                let drawnSize = own.uniform(range.lowerBound, range.upperBound)
                let size = network?.strengths[edge] ?? drawnSize
                let drawn = own.bernoulli(share)
                let activates =
                    switch network?.effects[edge] {
                    case .activates: true
                    case .represses: false
                    case .undetermined, nil: drawn
                    }
                strengths[target][graph.parents[target].firstIndex(of: regulator)!] = activates ? size : -size
            }
        }
        let technology = pick(options.technologies, "technology")
        self.init(
            options: options, graph: graph, geneNames: network?.genes, strengths: strengths,
            basalRates: graph.parents.indices.map { gene in
                var own = stream.stream("basal").stream(gene)
                return (0..<types).map { _ in own.uniform(basal.lowerBound, basal.upperBound) }
            },
            hillCoefficient: pick(options.hillCoefficients, "hill"), decay: pick(options.decays, "decay"),
            noiseScale: pick(options.noiseScales, "noise"),
            remainingProduction: pick(options.remainingProductions, "remaining"), technology: technology,
            technicalNoise: technology.noise(stream.stream("technical")))
    }

    init(
        options: GeneRegulationOptions, graph: DirectedGraph, geneNames: [String]? = nil, strengths: [[Double]],
        basalRates: [[Double]], hillCoefficient: Double, decay: Double, noiseScale: Double,
        remainingProduction: Double = 0, technology: SequencingTechnology = .none, technicalNoise: TechnicalNoise? = nil
    ) {
        guard let order = graph.topologicalOrder else { preconditionFailure("a world's graph is acyclic") }
        var levels = graph.parents.map { _ in 0 }
        for gene in order.reversed() { levels[gene] = graph.children[gene].map { levels[$0] + 1 }.max() ?? 0 }
        self.options = options
        self.graph = graph
        self.geneNames = geneNames ?? WorldTruth.names(prefix: "g", count: graph.nodeCount)
        self.strengths = strengths
        self.basalRates = basalRates
        self.hillCoefficient = hillCoefficient
        self.decay = decay
        self.noiseScale = noiseScale
        self.remainingProduction = remainingProduction
        self.technology = technology
        self.technicalNoise = technicalNoise
        self.levels = levels
    }

    public var cellTypes: Int { basalRates[0].count }
    var cellTypeNames: [String] { WorldTruth.names(prefix: "type", count: cellTypes) }

    /// K of an edge; nil where there is none.
    public func strength(of edge: Edge) -> Double? {
        graph.parents[edge.target].firstIndex(of: edge.source).map { strengths[edge.target][$0] }
    }
}
