import Shifts
import Testing

/// Expected values: statsmodels 0.15.0, `multipletests`; 1e-12: a few roundings.
struct PValueAdjustmentTests {
    private static let pValues = [0.01, 0.04, 0.03, 0.005, 0.04, 1.0, 1e-20]

    @Test(arguments: [
        (
            PValueAdjustment.benjaminiHochberg,
            [
                0.023333333333333334, 0.04666666666666667, 0.04666666666666667, 0.0175, 0.04666666666666667, 1.0, 7e-20,
            ]
        ),
        (.bonferroni, [0.07, 0.28, 0.21, 0.035, 0.28, 1.0, 7e-20]),
        (.holmSidak, [0.049009950100000005, 0.115264, 0.11470719, 0.029627490643734374, 0.115264, 1.0, 7e-20]),
    ])
    func asStatsmodels(_ adjustment: PValueAdjustment, _ expected: [Double]) {
        let found = adjustment.adjusted(Self.pValues)
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-12 * $1 }, "\(found)")
    }

    @Test(arguments: PValueAdjustment.allCases)
    func oneTestOrNone(adjustment: PValueAdjustment) {
        #expect(adjustment.adjusted([]).isEmpty)
        // Through a logarithm and back.
        #expect(abs(adjustment.adjusted([0.25])[0] - 0.25) < 1e-15)
    }
}
