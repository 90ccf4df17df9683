import Foundation
import Matrices

/// Statistics of every ordered pair of genes that bear on whether i → j: what the pairwise structure predictor reads.
///
/// Equivariant to the order of genes and, but for rounding, invariant to that of cells where there are no more than 2000.
/// All values are finite and within ±10; what cannot be computed (a constant gene, too few cells, no interventions) is 0.
/// Features "over the child's own cells" leave out the cells in which the child was intervened on, where its mechanism is
/// not at work. Cells beyond `evidenceAtMost` sharpen estimates but count for no more evidence. Of many cells entropies,
/// classes, remainders, interactions and dependences of residuals read the first `visitedAtMost`, and the order found by
/// non-Gaussianity the first 2000, so that cells must come in no order of their own then (see `ContentOrder`).
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
        /// Correlation of being 0, and that without its first principal component.
        case coZero, coZeroWithoutFirst
        /// Edge found by greedy searches, linear and additive nonlinear: on all cells, and how often on four halves of them.
        case linearSearch, linearSearchReverse, linearSearchShare, linearSearchShareReverse
        case nonlinearSearch, nonlinearSearchReverse, nonlinearSearchShare, nonlinearSearchShareReverse
        /// Signed logarithm of what the edge is worth to the search's score in the graph it ends in: what removing it would
        /// cost where it is there, what adding it would gain where it is not.
        case linearGain, linearGainReverse, nonlinearGain, nonlinearGainReverse
        /// Coefficient and signed logarithm of the t-statistic of i where j is regressed on all genes before it, genes sorted
        /// by the share of their variance that all others explain.
        case sortedCoefficient, sortedCoefficientReverse, sortedStatistic, sortedStatisticReverse
        /// The same in an order found by non-Gaussianity, and how far apart i and j are in it, from −1 to 1.
        case orderedCoefficient, orderedCoefficientReverse, orderedStatistic, orderedStatisticReverse, orderDistance
        /// Rank correlation without the first and without the first four principal components of all genes, and of those four.
        case withoutFirstComponent, withoutFourComponents, ofFourComponents
        /// Share of the variance of j between eight classes of i, and how much the variance within them differs.
        case classShare, classShareReverse, classSpread, classSpreadReverse
        /// The same of what the nonlinear search leaves of j, and the size of its third moment with i and that parent of j
        /// for which it is largest.
        case remainderShare, remainderShareReverse, remainderSpread, remainderSpreadReverse
        case interaction, interactionReverse
        /// Share of variance that the nonlinear search's parents explain.
        case sourceFitted, targetFitted
        /// As `shift`, of normal scores.
        case rankShift, rankShiftReverse, rankShiftInStandardErrors, rankShiftInStandardErrorsReverse
        /// As `shiftInStandardErrors`, of what is left of j after regression on all others.
        case residualShift, residualShiftReverse
        /// The same of normal scores without their first principal component, and of being 0.
        case componentShift, componentShiftReverse, presenceShift, presenceShiftReverse
        /// Share of variance that all others explain.
        case sourceExplained, targetExplained
        /// Of counts: mean of ln(1 + x), and logarithm of the variance over the mean of x; both / 3.
        case sourceLevel, targetLevel, sourceDispersion, targetDispersion
        /// ln(1 + cells intervened on) / 5.
        case sourceIntervened, targetIntervened
        /// 1 where i = j; the following are 0 elsewhere.
        case isDiagonal, skewness, excessKurtosis, zeroShare, varianceExplained
        /// The same for all pairs: ln(1 + cells) / 10, share of cells with an intervention, 1 for counts.
        case cells, intervenedShare, counts
    }

    /// More cells than training shows count for no more evidence: penalties, standard errors and shrinkage are those of so
    /// many.
    static let evidenceAtMost = 2500.0
    /// Statistics that visit every pair of genes in every cell visit at most so many cells.
    static let visitedAtMost = 4096

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
    /// - `isControl`: for each cell whether nothing was done to it, on genes outside the panel neither; nil where all cells
    ///   without an intervention on a gene of the panel are controls.
    public init(
        values: Matrix<Float>, interventions: Matrix<Float>? = nil, areCounts: Bool = false, isControl: [Bool]? = nil
    ) {
        if let interventions {
            precondition(
                interventions.rows == values.rows && interventions.columns == values.columns,
                "interventions are \(interventions.rows) × \(interventions.columns), values \(values.rows) × \(values.columns)"
            )
        }
        geneCount = values.columns
        self.values = Array(repeating: 0, count: values.columns * values.columns * Self.names.count)
        guard values.rows > 1, values.columns > 0 else { return }

        let data = PairFeaturesData(
            values: values, interventions: interventions, areCounts: areCounts, isControl: isControl)
        addCorrelations(data)
        addMoments(data)
        addFlags(data, areCounts: areCounts)
    }

    /// Some of the statistics, genes × genes × columns.
    public func selected(_ columns: [Int]) -> [Float] { selected(columns, of: 0..<geneCount) }

    /// The same of the pairs (i, j) with some i.
    func selected(_ columns: [Int], of rows: Range<Int>) -> [Float] {
        let width = Self.names.count
        var result = [Float]()
        result.reserveCapacity(rows.count * geneCount * columns.count)
        for pair in rows.lowerBound * geneCount..<rows.upperBound * geneCount {
            for column in columns { result.append(values[pair * width + column]) }
        }
        return result
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

    /// Writes the value of one pair and, as the reverse feature of the pair turned round, again.
    mutating func set(_ feature: Feature, reverse: Feature, _ source: Int, _ target: Int, _ value: Double) {
        set(feature, source, target, value)
        set(reverse, target, source, value)
    }

    @inline(__always)
    mutating func set(_ feature: Feature, _ source: Int, _ target: Int, _ value: Double) {
        let bounded = value.isFinite ? max(-10, min(10, value)) : 0
        values[(source * geneCount + target) * Feature.allCasesCount + feature.rawValue] = Float(bounded)
    }

    private mutating func addFlags(_ data: PairFeaturesData, areCounts: Bool) {
        let d = geneCount
        let cells = min(Double(data.cells), Self.evidenceAtMost)
        let intervened = Double(data.cells - data.observed.count) / Double(data.cells)
        let depth = data.intervenedCells.map { log1p(min(Double($0.count), Self.evidenceAtMost)) / 5 }
        let levels = areCounts ? data.countLevels() : []
        for i in 0..<d {
            set(.isDiagonal, i, i, 1)
            set(.zeroShare, i, i, data.zeroShares[i])
            for j in 0..<d {
                set(.sourceIntervened, i, j, depth[i])
                set(.targetIntervened, i, j, depth[j])
                set(.cells, i, j, log1p(cells) / 10)
                set(.intervenedShare, i, j, intervened)
                set(.counts, i, j, areCounts ? 1 : 0)
                guard areCounts else { continue }
                set(.sourceLevel, i, j, levels[i].mean)
                set(.targetLevel, i, j, levels[j].mean)
                set(.sourceDispersion, i, j, levels[i].dispersion)
                set(.targetDispersion, i, j, levels[j].dispersion)
            }
        }
    }
}

extension PairFeatures.Feature {
    /// `allCases.count` without building the list.
    static let allCasesCount = allCases.count
}
