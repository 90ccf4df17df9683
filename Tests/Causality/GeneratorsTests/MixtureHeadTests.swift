import Foundation
import Tensors
import Testing

@testable import Generators

struct MixtureHeadTests {
    static let heads: [(MixtureHead, targets: [Float])] = [
        (.category(labels: 3), [1, 0, 0, 0, 0, 1]),
        (.mixture(components: 2, smallestDeviation: 0.05, hasHurdle: false), [0.3, -1.2]),
        (.mixture(components: 2, smallestDeviation: 0.05, hasHurdle: true), [0.3, 0, 1, -0.4, 1, 0]),
    ]

    /// The value worked out in Double, term by term.
    @Test func theLossIsTheFormula() {
        let head = MixtureHead.mixture(components: 2, smallestDeviation: 0.05, hasHurdle: true)
        let output: [Float] = [0.2, -0.4, 1, -1, 0.5, 2, 0.3, 0.9]
        let tape = Tape(recording: false)
        let found = head.negativeLogLikelihood(
            tape.constant(output, shape: [1, 8]), targets: tape.constant([0.7, 0, 1], shape: [1, 3])
        ).values[0]
        let weights = [exp(0.2) / (exp(0.2) + exp(-0.4)), exp(-0.4) / (exp(0.2) + exp(-0.4))]
        let deviations = [0.05 * (1 + exp(0.5)), 0.05 * (1 + exp(2.0))]
        let density = (0..<2).reduce(0.0) {
            let z = (0.7 - [1, -1][$1]) / deviations[$1]
            return $0 + weights[$1] * exp(-0.5 * z * z) / deviations[$1] / (2 * Double.pi).squareRoot()
        }
        let crossing = exp(0.9) / (exp(0.3) + exp(0.9))
        // Single precision in a dozen operations.
        #expect(abs(Double(found) + log(density * crossing)) < 1e-5)
    }

    /// Central differences with a step of 10⁻² are off by about 10⁻⁴ from the third derivatives and by 10⁻⁴ from single
    /// precision, in units of the largest slope.
    @Test(arguments: heads.indices) func slopesAgreeWithDifferences(_ place: Int) {
        let (head, targets) = Self.heads[place]
        var output = (0..<2 * head.width).map { 0.9 * sin(Float($0) * 1.7 + 0.3) }
        func loss(_ tape: Tape, _ output: Tensor) -> Tensor {
            head.negativeLogLikelihood(output, targets: tape.constant(targets, shape: [2, head.targetWidth])).sum()
        }
        let tape = Tape()
        let variable = tape.variable(output, shape: [2, head.width])
        tape.backward(from: loss(tape, variable))
        let slopes = tape.gradient(of: variable)
        let scale = max(1, slopes.map(abs).max()!)
        for at in output.indices {
            let kept = output[at]
            func value(_ moved: Float) -> Float {
                output[at] = moved
                defer { output[at] = kept }
                let tape = Tape(recording: false)
                return loss(tape, tape.constant(output, shape: [2, head.width])).scalar
            }
            let difference = (value(kept + 1e-2) - value(kept - 1e-2)) / 2e-2
            #expect(abs(difference - slopes[at]) < 5e-3 * scale, "\(head) at \(at)")
        }
    }
}
