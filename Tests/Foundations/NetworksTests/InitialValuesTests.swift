import Foundation
import Probability
import Testing

@testable import Networks

@Suite struct InitialValuesTests {
    /// Both have the variance gain/inputs. Of 20,000 draws the variance is known to √(2/20,000) ≈ 1 % of a normal one, and
    /// better of a cut or uniform one; the mean to σ/√20,000. Four such deviations are a chance of 1 in 10,000.
    @Test(arguments: [InitialValues.uniform(gain: 2), .truncatedNormal(gain: 2)])
    func varianceIsThatOfTheGain(_ initial: InitialValues) {
        let drawn = initial.drawn(20_000, inputs: 50, stream: RandomStream(seed: 1)).map(Double.init)
        let mean = drawn.reduce(0, +) / 20_000
        let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(variance - 0.04) < 0.04 * 0.04)
        #expect(abs(mean) < 4 * 0.2 / 20_000.0.squareRoot())
        #expect(drawn.map { Float($0) } == initial.drawn(20_000, inputs: 50, stream: RandomStream(seed: 1)))
    }

    /// The cut is at two deviations of the uncut normal, which is wider than what is left: 2/√0.774 of its deviations.
    @Test func normalDrawsAreCut() {
        let drawn = InitialValues.truncatedNormal(gain: InitialValues.cutVariance).drawn(
            20_000, inputs: 1, stream: RandomStream(seed: 2))
        let largest = drawn.map(abs).max() ?? 0
        #expect(largest <= 2 && largest > 1.95)
    }
}
