import Probability
import Testing

@testable import Shifts

@Suite struct ShiftAgreementTests {
    /// numpy 2: np.corrcoef, a @ b / norms, 1 − SSE/SST and so on of these two vectors.
    @Test("Agreement of two shifts as numpy has it")
    func numpy() {
        let predicted = [0.5, -1.0, 2.0, 0.1, 0.0]
        let truth = [0.4, -1.5, 1.0, -0.3, 0.2]
        let values = ShiftAgreement.measures(predicted: predicted, truth: truth, topGenes: 3).map(\.value)
        let expected = [
            0.9118189442803988, 0.8504946012685589, 0.5866364665911664, 0.5875706214689266, 0.5403702434442518,
            0.44000000000000006, 1.0,
        ]
        #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test("A prediction of nothing counts 0, and half of the signs")
    func nothing() {
        let measures = ShiftAgreement.measures(predicted: [0, 0, 0], truth: [1, -2, 3], topGenes: 2)
        #expect(measures.first { $0.metric == "Pearson correlation" }?.value == 0)
        #expect(measures.first { $0.metric == "cosine similarity" }?.value == 0)
        #expect(measures.first { $0.metric == "sign accuracy" }?.value == 0.5)
        #expect(measures.first { $0.variant == "R² of shifts about no change" }?.value == 0)
    }

    @Test("The interval of a mean has the width of its standard error")
    func interval() {
        let values = (0..<100).map { Double($0 % 10) }
        let measure = ShiftAgreement.mean(
            values, metric: "m", variant: "v", resamples: 4000, random: RandomStream(seed: 1))
        #expect(measure.value == 4.5)
        // Deviation 2.872, so 1.96 · 2.872 / 10 = 0.563; a bootstrap of 4000 draws meets it within a tenth.
        #expect(abs((measure.upper ?? 0) - 4.5 - 0.563) < 0.06)
        #expect(abs(4.5 - (measure.lower ?? 0) - 0.563) < 0.06)
    }
}
