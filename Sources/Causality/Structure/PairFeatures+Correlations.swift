import Foundation

extension PairFeatures {
    /// Correlations over all cells and over the own cells of the child, and what searches on their covariances find.
    mutating func addCorrelations(_ data: PairFeaturesData) {
        let d = geneCount
        let cells = Double(data.cells)
        let linearProducts = PairFeaturesProducts(data.standardised, width: 1, data: data)
        let nonlinearProducts = PairFeaturesProducts(data.hermite, width: 3, data: data)
        let linear = PairFeaturesCovariances(linearProducts, quarters: [0, 1, 2, 3])
        let nonlinear = PairFeaturesCovariances(nonlinearProducts, quarters: [0, 1, 2, 3])

        let evidence = min(cells, Self.evidenceAtMost)
        let values = PairFeaturesCorrelations(linear.products.map { $0 / cells }, size: d, count: evidence)
        let scoreProducts = (0..<d * d).map { nonlinear.products[$0 / d * 3 * d + $0 % d] / cells }
        let ranks = PairFeaturesCorrelations(scoreProducts, size: d, count: evidence)
        set(.correlation) { values.values[$0 * d + $1] }
        set(.rankCorrelation) { ranks.values[$0 * d + $1] }
        set(.partialCorrelation) { values.partial($0, $1) }
        set(.rankPartialCorrelation) { ranks.partial($0, $1) }
        let components = PanelComponents(ranks.values, size: d)
        if let components { addComponents(components) }

        let explained = (0..<d).map { values.explained($0) }
        let sorted = (0..<d).sorted { (explained[$0], $0) < (explained[$1], $1) }
        let nonGaussian = NonGaussianOrder(data.standardised, genes: d, cells: data.cells).genes
        var places = Array(repeating: 0.0, count: d)
        for (place, gene) in nonGaussian.enumerated() { places[gene] = Double(place) / Double(d) }
        set(.orderDistance) { places[$1] - places[$0] }
        set(.sourceExplained) { source, _ in explained[source] }
        set(.targetExplained) { _, target in explained[target] }

        let untouched = (0..<d).filter { data.intervenedCells[$0].isEmpty }
        addRegressions(of: untouched, in: sorted, as: .sorted, correlations: values.values, count: evidence)
        addRegressions(of: untouched, in: nonGaussian, as: .nonGaussian, correlations: values.values, count: evidence)
        for child in 0..<d {
            let count = linear.evidence[child]
            let isOverall = data.intervenedCells[child].isEmpty
            let own =
                isOverall ? values : PairFeaturesCorrelations(linear.matrix(child: child), size: d, count: count)
            let ownRanks =
                isOverall ? ranks : PairFeaturesCorrelations(nonlinear.matrix(child: child), size: d, count: count)
            let fits = nonlinear.row(child, child: child)
            set(.varianceExplained, child, child, own.explained(child))
            if !isOverall {
                addRegressions(of: [child], in: sorted, as: .sorted, correlations: own.values, count: count)
                addRegressions(of: [child], in: nonGaussian, as: .nonGaussian, correlations: own.values, count: count)
            }
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
                both(.quadraticFit, .quadraticFitReverse, fits[d + parent])
                both(.cubicFit, .cubicFitReverse, fits[2 * d + parent])
            }
        }
        addSearches(data, linear: linear, nonlinear: nonlinear, predictability: explained)
        addHalves(linearProducts, nonlinearProducts, predictability: explained)
        addRegressions(data, products: nonlinear.products)
        if data.observed.count < data.cells {
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
        let found = PairFeaturesSearch(linear, predictability: predictability)
        let foundEdges = found.adjacency
        set(.linearSearch, reverse: .linearSearchReverse) { foundEdges[$0 * d + $1] ? 1 : 0 }
        set(.linearGain, reverse: .linearGainReverse) { signedLogarithm(found.worth($0, $1)) }
        let curved = PairFeaturesSearch(nonlinear, predictability: predictability)
        let curvedEdges = curved.adjacency
        set(.nonlinearSearch, reverse: .nonlinearSearchReverse) { curvedEdges[$0 * d + $1] ? 1 : 0 }
        set(.nonlinearGain, reverse: .nonlinearGainReverse) { signedLogarithm(curved.worth($0, $1)) }
        addRemainders(data, of: curved)
    }

    /// How often searches on halves of the cells find an edge: two pairs of complementary halves.
    private mutating func addHalves(
        _ linear: PairFeaturesProducts, _ nonlinear: PairFeaturesProducts, predictability: [Double]
    ) {
        let d = geneCount
        func shares(_ products: PairFeaturesProducts) -> [Double] {
            var result = Array(repeating: 0.0, count: d * d)
            for (place, quarters) in [[0, 2], [1, 3], [0, 1], [2, 3]].enumerated() {
                let half = PairFeaturesCovariances(products, quarters: quarters)
                // Ties are broken otherwise in each half, so that all do not err alike; by later digits of the same shares,
                // which know nothing of the order of genes.
                let preference = predictability.map { share in
                    let scaled = share * 1e4 * Double(place + 1)
                    return scaled - scaled.rounded(.down)
                }
                let edges = PairFeaturesSearch(half, predictability: preference).adjacency
                for pair in edges.indices where edges[pair] { result[pair] += 0.25 }
            }
            return result
        }
        let found = shares(linear)
        let curved = shares(nonlinear)
        set(.linearSearchShare, reverse: .linearSearchShareReverse) { found[$0 * d + $1] }
        set(.nonlinearSearchShare, reverse: .nonlinearSearchShareReverse) { curved[$0 * d + $1] }
    }
}
