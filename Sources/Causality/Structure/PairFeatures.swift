import Foundation
import Matrices

/// Statistics of every ordered pair of genes that bear on whether i → j: what the pairwise structure predictor reads.
///
/// Invariant to the order of cells, equivariant to the order of genes. All values are finite and within ±10; what cannot
/// be computed (a constant gene, too few cells, no interventions) is 0. Features "over the child's own cells" leave out
/// the cells in which the child was intervened on, where its mechanism is not at work.
///
/// Sources: Hyvärinen & Smith 2013 (likelihood ratios); Hyvärinen 1998 (entropy approximations); Hauser & Bühlmann 2012
/// (scores under interventions); Bühlmann, Peters & Ernest 2014 (additive models); Meinshausen & Bühlmann 2010 (half
/// samples); Wu et al. 2024, "Sample, Estimate, Aggregate" (searches as features).
public struct PairFeatures: Sendable, Equatable {
    /// What is computed of (i, j), in order. `…Reverse` is the same statistic of (j, i).
    public enum Feature: Int, Sendable, CaseIterable {
        /// Over all cells: correlations of values and of normal scores, and partial ones given all other genes.
        case correlation, rankCorrelation, partialCorrelation, rankPartialCorrelation
        /// Over the own cells of j as the child.
        case childCorrelation, childCorrelationReverse, childRankCorrelation, childRankCorrelationReverse
        case childPartialCorrelation, childPartialCorrelationReverse
        case childRankPartialCorrelation, childRankPartialCorrelationReverse
        /// Standardised coefficient of i where j is regressed on all other genes.
        case childCoefficient, childCoefficientReverse
        /// E[wᵢ² wⱼ], E[wᵢ³ wⱼ], E[wᵢ² wⱼ²] − 1 of standardised values, logarithmically compressed.
        case squareMoment, squareMomentReverse, cubeMoment, cubeMomentReverse, squaresMoment
        /// Positive where i → j is the likelier direction of a linear non-Gaussian pair.
        case likelihoodRatio, entropyDifference
        /// Second and third Hermite coefficients of j on i, in normal scores.
        case quadraticFit, quadraticFitReverse, cubicFit, cubicFitReverse
        /// Dependence on i of the squared residuals of j after a cubic regression on i.
        case residualDependence, residualDependenceReverse
        /// Mean of j under do(i) against reference cells, in standard deviations and (logarithmically) standard errors.
        case shift, shiftReverse, shiftInStandardErrors, shiftInStandardErrorsReverse
        /// Logarithm of the ratio of the variances of j, and difference of its shares of zeros.
        case varianceShift, varianceShiftReverse, zeroShift, zeroShiftReverse
        /// Slope and correlation of j on i within the cells of do(i).
        case slopeWithin, correlationWithin, correlationWithinReverse
        /// Correlation of being 0.
        case coZero
        /// Edge found by greedy searches, linear and additive nonlinear: on all cells, and how often on four halves of them.
        case linearSearch, linearSearchReverse, linearSearchShare, linearSearchShareReverse
        case nonlinearSearch, nonlinearSearchReverse, nonlinearSearchShare, nonlinearSearchShareReverse
        /// ln(1 + cells intervened on) / 5.
        case sourceIntervened, targetIntervened
        /// 1 where i = j; the following are 0 elsewhere.
        case isDiagonal, skewness, excessKurtosis, zeroShare, varianceExplained
        /// The same for all pairs: ln(1 + cells) / 10, share of cells with an intervention, 1 for counts.
        case cells, intervenedShare, counts
    }

    public static let names = Feature.allCases.map { "\($0)" }

    public let geneCount: Int
    /// genes × genes × features, row-major.
    public private(set) var values: [Float]

    public subscript(source: Int, target: Int, feature: Feature) -> Float {
        values[(source * geneCount + target) * Self.names.count + feature.rawValue]
    }

    /// - `values`: cells × genes; what is not finite counts as 0.
    /// - `interventions`: cells × genes, other than 0 where the gene was intervened on; nil where nowhere.
    /// - `areCounts`: tells the reader of the features that the values derive from counts.
    public init(values: Matrix<Float>, interventions: Matrix<Float>? = nil, areCounts: Bool = false) {
        if let interventions {
            precondition(
                interventions.rows == values.rows && interventions.columns == values.columns,
                "interventions are \(interventions.rows) × \(interventions.columns), values \(values.rows) × \(values.columns)"
            )
        }
        geneCount = values.columns
        self.values = Array(repeating: 0, count: values.columns * values.columns * Self.names.count)
        guard values.rows > 1, values.columns > 0 else { return }

        let data = PairFeaturesData(values: values, interventions: interventions)
        addCorrelations(data)
        addMoments(data)
        addRegressions(data)
        addInterventions(data)
        addFlags(data, areCounts: areCounts)
    }

    /// Writes one value for all pairs, bounded.
    mutating func set(_ feature: Feature, _ value: (_ source: Int, _ target: Int) -> Double) {
        for i in 0..<geneCount {
            for j in 0..<geneCount { set(feature, i, j, value(i, j)) }
        }
    }

    /// Writes the value of (i, j) and, as the reverse feature of (j, i), again.
    mutating func set(_ feature: Feature, reverse: Feature, _ value: (_ source: Int, _ target: Int) -> Double) {
        for i in 0..<geneCount {
            for j in 0..<geneCount {
                let result = value(i, j)
                set(feature, i, j, result)
                set(reverse, j, i, result)
            }
        }
    }

    @inline(__always)
    mutating func set(_ feature: Feature, _ source: Int, _ target: Int, _ value: Double) {
        let bounded = value.isFinite ? max(-10, min(10, value)) : 0
        values[(source * geneCount + target) * Feature.allCasesCount + feature.rawValue] = Float(bounded)
    }

    private mutating func addFlags(_ data: PairFeaturesData, areCounts: Bool) {
        let d = geneCount
        let cells = Double(data.cells)
        let intervened = Double(data.cells - data.observedCells) / cells
        let depth = data.intervenedCells.map { log1p(Double($0.count)) / 5 }
        for i in 0..<d {
            set(.isDiagonal, i, i, 1)
            set(.zeroShare, i, i, data.zeroShares[i])
            for j in 0..<d {
                set(.sourceIntervened, i, j, depth[i])
                set(.targetIntervened, i, j, depth[j])
                set(.cells, i, j, log1p(cells) / 10)
                set(.intervenedShare, i, j, intervened)
                set(.counts, i, j, areCounts ? 1 : 0)
            }
        }
    }
}

extension PairFeatures.Feature {
    /// `allCases.count` without building the list.
    static let allCasesCount = allCases.count
}
