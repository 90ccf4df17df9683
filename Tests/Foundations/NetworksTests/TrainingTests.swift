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

    /// Results come in the order of the items, and the memory of a worker serves its next work.
    @Test func workersKeepTheirOrderAndTheirArenas() {
        let workers = Workers(count: 3)
        #expect(workers.map(100) { _, item in item * item } == (0..<100).map { $0 * $0 })
        #expect(workers.map(0) { _, item in item } == [])
        let one = Workers(count: 1)
        let arenas = (0..<3).flatMap { _ in one.map(2) { arena, _ in ObjectIdentifier(arena) } }
        #expect(Set(arenas).count == 1)
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
}
