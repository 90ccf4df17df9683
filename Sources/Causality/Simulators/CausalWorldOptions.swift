import Graphs

/// The family of a world's mechanisms.
public enum MechanismFamily: String, Sendable, Codable, CaseIterable {
    /// Weighted sums of the parents.
    case linear
    /// Smooth nonlinear functions: draws from a Gaussian process by random Fourier features.
    case randomFourier
}

/// The distribution of a world's noise before it is scaled.
public enum NoiseFamily: String, Sendable, Codable, CaseIterable {
    case gaussian, laplace, cauchy
}

/// From what worlds are drawn. A list is drawn from uniformly (a value named twice counts twice), a range uniformly.
///
/// Source of families and ranges: Lorch et al. 2022, "Amortized Inference for Causal Structure Learning", appendix on
/// simulated data. The defaults span its training and out-of-distribution ranges.
public struct CausalWorldOptions: Codable, Sendable, Equatable {
    public var genes = 20
    public var observationalCells = 400
    public var interventionalCells = 100

    public var graphs: [GraphFamily] = GraphFamily.allCases
    /// Mean number of parents of a gene.
    public var edgesPerGene: [Double] = [1, 2, 3]
    /// Exponents of preferential attachment in scale-free graphs.
    public var attachmentPowers: [Double] = [0.7, 1, 1.2, 1.5]

    public var mechanisms: [MechanismFamily] = MechanismFamily.allCases
    /// Absolute weights of linear mechanisms; signs are random.
    public var weights: ClosedRange<Double> = 0.25...4
    public var biases: ClosedRange<Double> = -3...3
    /// Random Fourier mechanisms: the distance over which they bend, and their height.
    public var lengthScales: ClosedRange<Double> = 5...12
    public var outputScales: ClosedRange<Double> = 8...22

    public var noises: [NoiseFamily] = [.gaussian, .gaussian, .gaussian, .laplace, .laplace, .cauchy]
    public var noiseScales: ClosedRange<Double> = 0.2...2
    /// Share of worlds in which a gene's noise scale depends on its parents.
    public var heteroscedasticShare = 0.25

    /// Shares of the genes that are intervened on in some cell.
    public var targetedShares: [Double] = [0.5, 1]
    /// Absolute values to which interventions set a gene; signs are random.
    public var interventionValues: ClosedRange<Double> = 1...5

    public init() {}
}

extension CausalWorldOptions {
    /// Section LINEAR, training, of the paper's table of ranges.
    public static var linear: CausalWorldOptions {
        var options = CausalWorldOptions()
        options.mechanisms = [.linear]
        options.attachmentPowers = [1]
        options.weights = 1...3
        options.noises = [.gaussian]
        options.heteroscedasticShare = 0
        options.targetedShares = [1]
        options.interventionValues = 1...3
        return options
    }

    /// Section RFF, training, of the paper's table of ranges.
    public static var randomFourier: CausalWorldOptions {
        var options = linear
        options.mechanisms = [.randomFourier]
        options.lengthScales = 7...10
        options.outputScales = 10...20
        return options
    }
}
