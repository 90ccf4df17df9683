import Foundation

extension PairFeatures {
    /// Correlations over all cells and over the own cells of the child, and what searches on their covariances find.
    mutating func addCorrelations(_ data: PairFeaturesData) {
        let d = geneCount
        let cells = Double(data.cells)
        let linear = PairFeaturesCovariances(data.standardised, width: 1, data: data)
        let nonlinear = PairFeaturesCovariances(data.hermite, width: 3, data: data)

        let values = PairFeaturesCorrelations(
            crossProduct(data.standardised, d, data.standardised, d).map { $0 / cells }, size: d, count: cells)
        let scores = (0..<data.cells * d).map { data.hermite[$0 * 3] }
        let ranks = PairFeaturesCorrelations(
            crossProduct(scores, d, scores, d).map { $0 / cells }, size: d, count: cells)
        set(.correlation) { values.values[$0 * d + $1] }
        set(.rankCorrelation) { ranks.values[$0 * d + $1] }
        set(.partialCorrelation) { values.partial($0, $1) }
        set(.rankPartialCorrelation) { ranks.partial($0, $1) }
        let components = PanelComponents(ranks.values, size: d)
        if let components { addComponents(components) }

        let explained = (0..<d).map { values.explained($0) }
        let sorted = (0..<d).sorted { (explained[$0], $0) < (explained[$1], $1) }
        let nonGaussian = NonGaussianOrder(data.standardised, genes: d).genes
        var places = Array(repeating: 0.0, count: d)
        for (place, gene) in nonGaussian.enumerated() { places[gene] = Double(place) / Double(d) }
        set(.orderDistance) { places[$1] - places[$0] }
        set(.sourceExplained) { source, _ in explained[source] }
        set(.targetExplained) { _, target in explained[target] }

        for child in 0..<d {
            let count = linear.counts[child]
            let isOverall = data.intervenedCells[child].isEmpty
            let own =
                isOverall ? values : PairFeaturesCorrelations(linear.matrix(child: child), size: d, count: count)
            let ownRanks =
                isOverall ? ranks : PairFeaturesCorrelations(nonlinear.matrix(child: child), size: d, count: count)
            let fits = nonlinear.row(child * 3, child: child)
            set(.varianceExplained, child, child, own.explained(child))
            addRegression(of: child, in: sorted, as: .sorted, correlations: own.values, count: count)
            addRegression(of: child, in: nonGaussian, as: .nonGaussian, correlations: own.values, count: count)
            for parent in 0..<d {
                func both(_ feature: Feature, _ reverse: Feature, _ value: Double) {
                    set(feature, reverse: reverse, parent, child, value)
                }
                let pair = parent * d + child
                both(.childCorrelation, .childCorrelationReverse, own.values[pair])
                both(.childRankCorrelation, .childRankCorrelationReverse, ownRanks.values[pair])
                both(.childPartialCorrelation, .childPartialCorrelationReverse, own.partial(parent, child))
                both(.childRankPartialCorrelation, .childRankPartialCorrelationReverse, ownRanks.partial(parent, child))
                both(.childCoefficient, .childCoefficientReverse, own.coefficient(parent, of: child))
                // Own cells' covariance of h₂ or h₃ of the parent with h₁ of the child.
                both(.quadraticFit, .quadraticFitReverse, fits[parent * 3 + 1])
                both(.cubicFit, .cubicFitReverse, fits[parent * 3 + 2])
            }
        }
        addSearches(
            data, linear: linear, nonlinear: nonlinear, predictability: explained)
        if data.observedCells < data.cells {
            addInterventions(
                data, residuals: data.residuals(precision: values.precision),
                withoutComponent: components.map { data.scores(without: $0.first) })
        }
    }

    private mutating func addSearches(
        _ data: PairFeaturesData, linear: PairFeaturesCovariances, nonlinear: PairFeaturesCovariances,
        predictability: [Double]
    ) {
        let d = geneCount
        let found = GreedySearch(linear, predictability: predictability)
        set(.linearSearch, reverse: .linearSearchReverse) { found.adjacency[$0 * d + $1] ? 1 : 0 }
        set(.linearGain, reverse: .linearGainReverse) { signedLogarithm(found.worth($0, $1)) }
        let curved = GreedySearch(nonlinear, predictability: predictability)
        set(.nonlinearSearch, reverse: .nonlinearSearchReverse) { curved.adjacency[$0 * d + $1] ? 1 : 0 }
        set(.nonlinearGain, reverse: .nonlinearGainReverse) { signedLogarithm(curved.worth($0, $1)) }
        addRemainders(data, of: curved)

        // Two pairs of complementary halves.
        var shares = Array(repeating: 0.0, count: d * d)
        var curvedShares = shares
        for bit in 0..<2 {
            for side in 0..<2 {
                let chosen = data.keys.map { Int($0 >> UInt64(bit) & 1) == side }
                let half = PairFeaturesCovariances(data.standardised, width: 1, data: data, chosen: chosen)
                let curvedHalf = PairFeaturesCovariances(data.hermite, width: 3, data: data, chosen: chosen)
                let edges = GreedySearch(half, predictability: predictability).adjacency
                let curvedEdges = GreedySearch(curvedHalf, predictability: predictability).adjacency
                for index in shares.indices {
                    shares[index] += edges[index] ? 0.25 : 0
                    curvedShares[index] += curvedEdges[index] ? 0.25 : 0
                }
            }
        }
        set(.linearSearchShare, reverse: .linearSearchShareReverse) { shares[$0 * d + $1] }
        set(.nonlinearSearchShare, reverse: .nonlinearSearchShareReverse) { curvedShares[$0 * d + $1] }
    }
}
