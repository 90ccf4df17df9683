import Foundation
import Probability
import Tensors
import Testing

@testable import Networks

@Suite struct TrainingTests {
    private static func network() -> (Weights, Perceptron) {
        var weights = Weights()
        let network = Perceptron("p", widths: [2, 16, 1], weights: &weights, stream: RandomStream(seed: 1))
        return (weights, network)
    }

    /// Regression on x₀ x₁, which no linear model fits.
    @Sendable private static func loss(_ network: Perceptron, _ tape: Tape, _ item: Int) -> Tensor {
        var stream = RandomStream(seed: 9).stream(item)
        let x = (0..<16).map { _ in Float(stream.uniform(-1, 1)) }
        let y = (0..<8).map { x[2 * $0] * x[2 * $0 + 1] }
        let difference = network(tape.constant(x, shape: [8, 2])) - tape.constant(y, shape: [8, 1])
        return difference.square().mean()
    }

    @Test func gradientsHaveTheSameBytesAtAnyNumberOfWorkers() {
        let (weights, network) = Self.network()
        let one = weights.meanGradient(items: 7, workers: Workers(count: 1)) { Self.loss(network, $0, $1) }
        for workers in [2, 3, 16] {
            let more = weights.meanGradient(items: 7, workers: Workers(count: workers)) { Self.loss(network, $0, $1) }
            #expect(more.loss == one.loss && more.gradient == one.gradient)
        }
        // The mean over items is the mean of the items' gradients.
        let single = weights.meanGradient(items: 1) { tape, _ in
            (0..<7).map { Self.loss(network, tape, $0) }.reduce(tape.constant(0), +) / 7
        }
        for (a, b) in zip(one.gradient, single.gradient) { #expect(abs(a - b) < 1e-6) }
    }

    @Test func aNetworkLearnsAProduct() {
        let (start, network) = Self.network()
        var weights = start
        var adam = Optimiser(.adam(learningRate: 0.02), weights: weights)
        for step in 0..<400 {
            let (_, gradient) = weights.meanGradient(items: 4) { Self.loss(network, $0, 4 * step + $1) }
            adam.update(&weights, gradient: gradient)
        }
        let (loss, _) = weights.meanGradient(items: 50) { Self.loss(network, $0, 100_000 + $1) }
        // The variance of the product of two uniform numbers on ±1 is 1/9: a constant can do no better.
        #expect(loss < 0.01)
    }

    @Test func aResumedTrainingHasTheSameBytes() throws {
        let (first, network) = Self.network()
        func steps(_ range: Range<Int>, _ state: inout Checkpoint) {
            for step in range {
                let gradient = state.weights.meanGradient(items: 3) { Self.loss(network, $0, 3 * step + $1) }.gradient
                state.optimiser.update(&state.weights, gradient: gradient)
                state.average!.update(state.weights)
            }
        }
        let start = Checkpoint(
            weights: first, optimiser: Optimiser(weights: first), average: MovingAverage(decay: 0.99, weights: first),
            notes: ["step": "5"])
        var whole = start
        steps(0..<10, &whole)
        var half = start
        steps(0..<5, &half)
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try half.write(to: file)
        var resumed = start
        resumed.notes = [:]
        try resumed.load(file: file)
        #expect(resumed == half)
        steps(5..<10, &resumed)
        #expect(resumed == whole)
    }

    @Test func layersStartAtUnitVariance() {
        var weights = Weights()
        let stream = RandomStream(seed: 3)
        let layer = Linear("l", inputs: 200, outputs: 300, weights: &weights, stream: stream)
        var draws = stream.stream("x")
        let tape = Tape(weights: weights, recording: false)
        let y = layer(tape.constant((0..<2000).map { _ in Float(draws.normal()) }, shape: [10, 200]))
        let variance = y.values.map { Double($0) * Double($0) }.reduce(0, +) / Double(y.count)
        // 3,000 values, ten of which share each weight: the standard error is about 0.03.
        #expect(abs(variance - 1) < 0.15)
        // A later layer does not shift an earlier one.
        var other = Weights()
        _ = Linear("before", inputs: 3, outputs: 3, weights: &other, stream: stream)
        let again = Linear("l", inputs: 200, outputs: 300, weights: &other, stream: stream)
        #expect(other[again.weight] == weights[layer.weight])
    }
}
