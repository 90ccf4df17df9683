import Matrices
import Networks
import Probability
import Tensors
import Testing

@testable import MechanismNetworks

/// The published losses and their gradients, by PyTorch's automatic differentiation at double precision.
struct FixedPointLessonTests {
    private let golden: GoldenFixture

    init() throws { golden = try GoldenFixture() }

    @Test(arguments: ["encoder", "decoder"]) func lossesAndGradientsAgree(_ part: String) {
        // Without what is dropped at random.
        var options = GoldenFixture.options
        options.decoder.dropout = 0
        var places = Weights()
        let network = FixedPointNetwork(options, weights: &places, stream: nil)
        let tape = Tape(weights: golden.weights)
        let stream = RandomStream(seed: 0)
        let loss =
            part == "encoder"
            ? network.encoderLoss(of: golden.lesson, on: tape, dropping: stream)
            : network.decoderLoss(of: golden.lesson, on: tape, encoderWeights: golden.weights, dropping: stream)
        // Of order 1 in single precision.
        #expect(abs(loss.scalar - golden.loss(part)[0]) < 2e-6)
        let gradient = tape.backward(from: loss)
        var seen = 0
        for (name, parameter) in zip(golden.weights.names, golden.weights.parameters) {
            let found = Array(gradient[parameter.range])
            guard name.hasPrefix(part) else {
                #expect(found.allSatisfy { $0 == 0 }, "\(name)")
                continue
            }
            let expected = golden.loss("\(part)/\(name)")
            let size = expected.map(abs).max() ?? 0
            // Sums of single precision in another order. Of a shift that all keys of a softmax share the gradient is 0, to
            // the rounding of terms of order 1.
            #expect(largestDifference(found, expected) < max(1e-4 * size, 5e-7), "\(name) \(size)")
            seen += size > 1e-5 ? 1 : 0
        }
        #expect(seen > 40)
    }

    @Test func trainingDropsValuesByItsStream() {
        func loss(_ seed: UInt64) -> Float {
            let tape = Tape(weights: golden.weights)
            return golden.network.decoderLoss(
                of: golden.lesson, on: tape, encoderWeights: golden.weights, dropping: RandomStream(seed: seed)
            ).scalar
        }
        #expect(loss(1) == loss(1))
        #expect(loss(1) != loss(2))
    }
}
