import Interventions
import Responses
import Testing

@testable import FeatureModels
@testable import ScreenModels

/// What cells say of perturbations, as the model of features reads it.
struct EffectCandidatesTests {
    private static let planted = ChainScreen(measured: 6, doses: [2], cells: 60)
    private static let posterior = Result {
        try ScreenModelFit(screen: planted.screen, options: ScreenModelTests.options).responses()
    }

    /// One dose leaves the curve open: most of its grid stays possible.
    @Test func aCoarserGridKeepsTheMeans() throws {
        let posterior = try Self.posterior.get()
        for k in 0..<6 {
            let fine = EffectCandidates(posterior, perturbation: k)
            #expect(fine.count > 1000)
            let whole = measured(fine)
            for length in [2, 3] {
                let coarse = fine.merged(length)
                // Blocks at the rim of what is probable are not full.
                #expect(Double(coarse.count) < 1.4 * Double(fine.count) / Double(length * length))
                let part = measured(coarse)
                #expect(part.targets == whole.targets)
                let pairs = zip(
                    part.meanEffects + part.meanDoseParameters + [part.probabilities.reduce(0, +)],
                    whole.meanEffects + whole.meanDoseParameters + [1])
                // Sums of a thousand terms of order 1.
                for (own, expected) in pairs { #expect(abs(own - expected) < 1e-10) }
                // What is lost is the spread within blocks: a step of the grid is a tenth of the prior's deviation.
                let lost = spread(whole) - spread(part)
                #expect(lost >= -1e-12 && lost < 0.02 * Double(length * length) * spread(whole))
            }
            #expect(measured(fine.merged(1)) == whole)
        }
    }

    @Test func gridsAreCoarserOnlyWhereCandidatesAreTooMany() {
        #expect(EffectCandidates.length(counts: []) == 1)
        #expect(EffectCandidates.length(counts: [EffectCandidates.most]) == 1)
        #expect(EffectCandidates.length(counts: [EffectCandidates.most, 1]) == 2)
        #expect(EffectCandidates.length(counts: Array(repeating: 1200, count: 3000)) == 3)
    }

    private func measured(_ candidates: EffectCandidates) -> MeasuredEffects {
        candidates.measured(
            name: "p", scales: Array(repeating: 1, count: ChainScreen.genes), withDoses: true)
    }

    /// Variance of ln EC50.
    private func spread(_ measured: MeasuredEffects) -> Double {
        let mean = measured.meanDoseParameters[0]
        return measured.probabilities.indices.reduce(0) {
            let difference = measured.doseParameters[2 * $1] - mean
            return $0 + measured.probabilities[$1] * difference * difference
        }
    }
}
