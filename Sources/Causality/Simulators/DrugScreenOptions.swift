import Graphs

/// How a gene of the causal panel depends on its regulators.
public enum ResponseFamily: String, Sendable, Codable, CaseIterable {
    case linear
    /// A perceptron with one hidden layer.
    case perceptron
}

/// The design and biology of a simulated drug screen. Effects and noise are in natural logarithms of expression.
public struct DrugScreenOptions: Codable, Sendable, Equatable {
    /// Genes that regulate each other and are hit by drugs.
    public var causalGenes = 24
    /// Genes that do neither.
    public var backgroundGenes = 176
    /// erdosRenyi, scaleFree or scaleFreeTransposed.
    public var graph = GraphFamily.scaleFreeTransposed
    /// Mean number of regulators of a causal gene.
    public var edgesPerGene = 2.0
    public var mechanism = ResponseFamily.linear
    /// Absolute weights of regulators, divided by the square root of their number; signs are random.
    public var weights: ClosedRange<Double> = 0.5...1
    /// Standard deviations of the causal genes' own noise.
    public var noiseScales: ClosedRange<Double> = 0.2...0.4

    public var drugs = 30
    /// Drugs of one class (mechanism of action) hit the same genes in the same direction.
    public var classes = 8
    public var targetsPerClass: ClosedRange<Int> = 1...3
    public var doses: [Double] = [0.1, 1, 10]
    public var doseUnit = "uM"
    /// Absolute shift of a target at saturating dose.
    public var maximumEffects: ClosedRange<Double> = 0.8...2
    /// By how much drugs of a class differ: each effect is multiplied by 1 ± this.
    public var effectSpread = 0.25
    /// EC50, in dose units; drawn uniformly in logarithms.
    public var halfMaximalDoses: ClosedRange<Double> = 0.3...3
    public var hillCoefficients: ClosedRange<Double> = 1...2

    public var cellsPerCondition = 25
    public var controlCells = 600
    /// Median of the log-normal distribution of a cell's expected UMIs, and its spread in logarithms.
    public var librarySize = 6000.0
    public var librarySizeSpread = 0.3
    /// Spread of the genes' mean expression, in logarithms.
    public var expressionSpread = 0.7
    /// Extra variance of counts: mean + dispersion · mean² (gamma-Poisson).
    public var dispersion = 0.02

    /// Descriptors a drug comes with.
    public var features = 32
    /// Standard deviation of the noise on descriptors whose own is near 1.
    public var featureNoise = 0.05

    public init() {}

    /// Nil for a family that needs more than the number of edges.
    var randomGraph: RandomGraph? {
        let whole = Int(edgesPerGene.rounded())
        return switch graph {
        case .erdosRenyi: .erdosRenyi(edgesPerNode: edgesPerGene)
        case .scaleFree: .scaleFree(edgesPerNode: whole, power: 1)
        case .scaleFreeTransposed: .scaleFreeTransposed(edgesPerNode: whole, power: 1)
        case .wattsStrogatz, .stochasticBlock, .geometric, .geneNetwork: nil
        }
    }
}
