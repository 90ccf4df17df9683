import Foundation
import Tensors
import Testing

@testable import Networks

/// Values and gradients of the weighted mean by PyTorch, made by `Pipelines/Golden/losses.py` in double precision.
private struct GoldenLosses: Decodable {
    struct Loss: Decodable {
        let values: [Double]
        let mean: Double
        /// By input.
        let gradients: [[Double]]
    }

    let x, targets, labels, logVariance, weights: [Float]
    let binaryCrossEntropy, squaredError, gaussian: Loss
}

@Suite struct LossesTests {
    private static let golden = Result {
        try JSONDecoder().decode(GoldenLosses.self, from: Data(contentsOf: goldenFile("Networks/losses.json")))
    }

    /// Single precision rounds each of about a dozen operations by 6e−8 of values no larger than the result.
    private func agree(_ found: [Float], _ expected: [Double]) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { abs(Double($0) - $1) <= 2e-6 * max(1, abs($1)) }
    }

    private func check(
        _ golden: GoldenLosses.Loss, _ inputs: [[Float]], weights: [Float], _ loss: (Tape, [Tensor]) -> Tensor
    ) {
        let tape = Tape()
        let variables = inputs.map { tape.variable($0, shape: [3, 4]) }
        let values = loss(tape, variables)
        #expect(agree(values.values, golden.values))
        let mean = values.mean(weights: tape.constant(weights, shape: [3, 4]))
        #expect(agree([mean.scalar], [golden.mean]))
        tape.backward(from: mean)
        for (variable, gradient) in zip(variables, golden.gradients) {
            #expect(agree(tape.gradient(of: variable), gradient))
        }
    }

    @Test func lossesAreThoseOfPyTorch() throws {
        let golden = try Self.golden.get()
        check(golden.binaryCrossEntropy, [golden.x], weights: golden.weights) { tape, x in
            x[0].binaryCrossEntropy(targets: tape.constant(golden.labels, shape: [3, 4]))
        }
        check(golden.squaredError, [golden.x], weights: golden.weights) { tape, x in
            x[0].squaredError(targets: tape.constant(golden.targets, shape: [3, 4]))
        }
        check(golden.gaussian, [golden.x, golden.logVariance], weights: golden.weights) { tape, x in
            x[0].gaussianNegativeLogLikelihood(
                targets: tape.constant(golden.targets, shape: [3, 4]), logVariance: x[1])
        }
    }

    /// Weights of one row serve all rows.
    @Test func weightsBroadcast() {
        let tape = Tape()
        let x = tape.constant([1, 2, 3, 4, 5, 6], shape: [2, 3])
        #expect(x.mean(weights: tape.constant([1, 0, 3], shape: [3])).scalar == (1 + 9 + 4 + 18) / 8)
    }
}
