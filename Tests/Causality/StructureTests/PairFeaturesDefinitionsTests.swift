import Testing

@testable import Structure

/// What searches, orders, components, classes and shifts say of a pair, against their definitions.
struct PairFeaturesDefinitionsTests {
    /// Expected: `Reference/Golden/pair_features.py`, numpy in double precision, where the search goes through all 543
    /// acyclic graphs of the four genes. Tolerance 1e-4: single precision sums of 40 terms in quotients and logarithms.
    @Test(arguments: [
        (PairFeatures.Feature.linearSearch, 1), (.linearSearchReverse, 0), (.linearGain, 1.214392),
        (.linearGainReverse, -0.897690), (.nonlinearSearch, 1), (.nonlinearSearchReverse, 0),
        (.nonlinearGain, 2.719992), (.nonlinearGainReverse, 1.589658), (.sortedCoefficient, 0), (.sortedStatistic, 0),
        (.sortedCoefficientReverse, 0.143490), (.sortedStatisticReverse, 0.611788), (.orderedCoefficient, 0.453806),
        (.orderedStatistic, 1.379110), (.orderedCoefficientReverse, 0), (.orderedStatisticReverse, 0),
        (.orderDistance, 0.25), (.withoutFirstComponent, -0.202108), (.classShare, 0.642164), (.classSpread, 1.045796),
        (.remainderShare, -0.179414), (.remainderSpread, 0.914719), (.remainderShareReverse, 0.429693),
        (.remainderSpreadReverse, 1.134021), (.sourceFitted, 0.048069), (.targetFitted, 0.678797),
        (.rankShift, 0.762818), (.rankShiftInStandardErrors, 0.880649), (.residualShift, 0.892065),
        (.sourceExplained, 0.007173), (.targetExplained, 0.000668), (.sourceLevel, 0.206926),
        (.sourceDispersion, 0.794352), (.targetLevel, 0.203589), (.targetDispersion, 0.844837),
    ]) func agreesWithNumpy(_ feature: PairFeatures.Feature, _ expected: Double) {
        let screen = PairFeaturesTests.formulaScreen()
        let features = PairFeatures(values: screen.values, interventions: screen.interventions, areCounts: true)
        #expect(abs(Double(features[0, 1, feature]) - expected) < 1e-4, "\(features[0, 1, feature])")
    }

    /// From the same script.
    @Test(arguments: [(1, 3, 0.208258), (0, 2, 0.420079), (3, 1, 0.152579)])
    func interactionsAgreeWithNumpy(_ source: Int, _ target: Int, _ expected: Double) {
        let screen = PairFeaturesTests.formulaScreen()
        let features = PairFeatures(values: screen.values, interventions: screen.interventions)
        #expect(abs(Double(features[source, target, .interaction]) - expected) < 1e-4)
    }

    /// More cells than `evidenceAtMost` count for as many, and of many some statistics read the first ones: what four times
    /// the cells say is what the first quarter says, up to the chance of the draw. Tolerance: 1/√4096 = 0.016 is the
    /// standard error of a correlation, and 0.1 leaves room for moments of higher order and for logarithms.
    @Test func manyCellsCountForNoMoreThanTrainingShows() {
        let all = PairFeaturesTests.chain(genes: 4, observed: 20_000, perGene: 0, seed: 7).values
        let many = PairFeatures(values: all)
        let some = PairFeatures(
            values: .init(rows: 5000, columns: 4, values: Array(all.values.prefix(5000 * 4))))
        #expect(many.values.allSatisfy { $0.isFinite && abs($0) <= 10 })
        #expect(many[0, 1, .cells] == some[0, 1, .cells])
        for feature in [
            PairFeatures.Feature.correlation, .partialCorrelation, .squaresMoment, .classShare, .classSpread,
            .residualDependence, .sortedCoefficient, .sortedStatistic,
        ] {
            // 0 → 1 → 2 → 3: what there is of neighbours; a quantity without signal is noise of its own.
            for gene in 0..<3 {
                #expect(abs(many[gene, gene + 1, feature] - some[gene, gene + 1, feature]) < 0.1, "\(feature)")
            }
        }
    }
}
