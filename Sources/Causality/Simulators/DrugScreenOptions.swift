import Graphs

/// How a gene of the causal panel depends on its regulators.
public enum ResponseFamily: String, Sendable, Codable, CaseIterable {
    case linear
    /// A perceptron with one hidden layer.
    case perceptron
}

/// What is measured of a cell.
public enum ScreenMeasurement: String, Sendable, Codable, CaseIterable {
    /// UMIs: the values are logarithms of expression, seen through gamma-Poisson counts.
    case counts
    /// The values themselves.
    case values
}

/// Which drugs hit the same genes.
public enum TargetSharing: String, Sendable, Codable, CaseIterable {
    /// Those of one class (mechanism of action), in the same direction.
    case classes
    /// None but by chance: every drug draws its own targets.
    case none
}

/// The design and biology of a simulated drug screen. Effects and noise are in natural logarithms of expression, or in
/// the units of the values where these are measured.
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
    /// Whether what regulators make of a gene is brought to mean 0 and standard deviation 1 in undisturbed cells, so
    /// that neither depth nor number of regulators shows in the variance.
    public var standardised = false
    /// Standard deviations of the causal genes' own noise.
    public var noiseScales: ClosedRange<Double> = 0.2...0.4

    public var drugs = 30
    public var targetSharing = TargetSharing.classes
    public var classes = 8
    /// Of each class, or of each drug where targets are not shared.
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

    /// Drugs of the test alone, at the same doses as those of the screen.
    public var heldOutDrugs = 0
    /// Doses at which the drugs of the screen are tested; none of `doses`.
    public var heldOutDoses: [Double] = []
    public var testCellsPerCondition = 200

    public var measurement = ScreenMeasurement.counts
    /// Median of the log-normal distribution of a cell's expected UMIs, and its spread in logarithms.
    public var librarySize = 6000.0
    public var librarySizeSpread = 0.3
    /// Spread of the genes' mean expression, in logarithms.
    public var expressionSpread = 0.7
    /// Extra variance of counts: mean + dispersion · mean² (gamma-Poisson).
    public var dispersion = 0.02

    /// Descriptors a drug comes with.
    public var features = 32
    /// Standard deviation of the noise on descriptors, whose own is near 0.6.
    public var featureNoise = 0.05

    public init() {}

    /// Whether there are cells beside the screen: other doses of its drugs (partially out of distribution), or other drugs
    /// (fully).
    var hasTest: Bool { heldOutDrugs > 0 || !heldOutDoses.isEmpty }

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
