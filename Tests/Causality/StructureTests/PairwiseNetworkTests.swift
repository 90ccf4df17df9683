import Networks
import Probability
import Tensors
import Testing

@testable import Structure

@Suite struct PairwiseNetworkTests {
    static func small(featureCount: Int) -> (PairwiseNetwork, Weights) {
        var options = PairwiseNetworkOptions()
        options.width = 8
        options.blocks = 2
        options.heads = 2
        options.triangleWidth = 4
        var weights = Weights()
        let network = PairwiseNetwork(
            options, featureCount: featureCount, weights: &weights, stream: RandomStream(seed: 5))
        return (network, weights)
    }

    private func features(_ d: Int, _ count: Int) -> [Float] {
        var stream = RandomStream(seed: 8)
        return (0..<d * d * count).map { _ in Float(stream.normal()) }
    }

    @Test func logitsFollowTheOrderOfGenes() {
        let (network, weights) = Self.small(featureCount: 3)
        let x = features(6, 3)
        let order = [3, 0, 5, 1, 4, 2]
        var moved = [Float]()
        for i in order { for j in order { moved += x[(i * 6 + j) * 3..<(i * 6 + j) * 3 + 3] } }
        func logits(_ values: [Float]) -> [Float] {
            let tape = Tape(weights: weights, recording: false)
            return network.logits(tape.constant(values, shape: [6, 6, 3])).values
        }
        let (plain, permuted) = (logits(x), logits(moved))
        // Sums in another order: a few roundings of values of order 1.
        for i in 0..<6 {
            for j in 0..<6 { #expect(abs(permuted[i * 6 + j] - plain[order[i] * 6 + order[j]]) < 1e-4) }
        }
        #expect(Set(plain.map { ($0 * 1000).rounded() }).count > 20)
    }

    /// In groups of rows and columns, the last of them not full, as all at once.
    @Test(arguments: [true, false]) func groupsSayWhatTheWholeSays(hasOrder: Bool) {
        var options = Self.small(featureCount: 3).0.options
        options.hasOrder = hasOrder
        options.triangleWidth = hasOrder ? 4 : 0
        var weights = Weights()
        let network = PairwiseNetwork(options, featureCount: 3, weights: &weights, stream: RandomStream(seed: 5))
        let d = 90
        #expect(TokenGrid(values: [], n: d, d: d, width: 8).groups(acrossAxis: 1).count > 1)
        let x = features(d, 3)
        let tape = Tape(weights: weights, recording: false)
        let whole = network.logits(tape.constant(x, shape: [d, d, 3])).values
        let pairs = network.embedded(genes: d, on: tape) { Array(x[$0.lowerBound * d * 3..<$0.upperBound * d * 3]) }
        let grouped = network.logits(pairs, on: tape)
        #expect(grouped.count == d * d)
        // Products of other shapes round otherwise: a few roundings of values of order 1.
        for (own, expected) in zip(grouped, whole) { #expect(abs(own - expected) < 1e-5) }
    }

    /// The slope of the loss along a random direction of all weights, by central differences. The loss is about 0.5 and
    /// known to 1e−7, so a step of 1e−2 leaves 1e−5 of noise, and as much curvature.
    @Test func gradientOfTheLossIsItsSlope() {
        let (network, weights) = Self.small(featureCount: 3)
        let x = features(5, 3)
        let graph = (0..<25).map { Float($0 % 3 == 0 ? 1 : 0) }
        let (_, gradient) = weights.meanGradient(items: 1) { tape, _ in
            network.loss(tape.constant(x, shape: [5, 5, 3]), graph: graph)
        }
        func loss(_ weights: Weights) -> Double {
            let tape = Tape(weights: weights, recording: false)
            return Double(network.loss(tape.constant(x, shape: [5, 5, 3]), graph: graph).scalar)
        }
        for seed in 0..<5 {
            var stream = RandomStream(seed: UInt64(seed))
            let direction = weights.values.map { _ in Float(stream.normal()) }
            let length = direction.map { Double($0) * Double($0) }.reduce(0, +).squareRoot()
            let step = 1e-2
            func moved(_ sign: Double) -> Weights {
                var result = weights
                for i in direction.indices { result.values[i] += Float(sign * step * Double(direction[i]) / length) }
                return result
            }
            let slope = (loss(moved(1)) - loss(moved(-1))) / (2 * step)
            let expected = zip(gradient, direction).map { Double($0) * Double($1) }.reduce(0, +) / length
            #expect(
                abs(slope - expected) < 1e-4 + 0.01 * abs(slope), "\(slope) by differences, \(expected) on the tape")
        }
    }

    @Test func theSizeIsKnownBeforehand() {
        let (network, weights) = Self.small(featureCount: 3)
        #expect(PairwiseNetwork.parameterCount(network.options, featureCount: 3) == weights.count)
        var other = Weights()
        _ = PairwiseNetwork(PairwiseNetworkOptions(), featureCount: 57, weights: &other, stream: RandomStream(seed: 0))
        #expect(PairwiseNetwork.parameterCount(PairwiseNetworkOptions(), featureCount: 57) == other.count)
    }

    @Test func lossPassesOverTheDiagonal() {
        let (network, weights) = Self.small(featureCount: 3)
        let x = features(4, 3)
        func loss(_ diagonal: Float) -> Float {
            let tape = Tape(weights: weights, recording: false)
            let graph = (0..<16).map { $0 / 4 == $0 % 4 ? diagonal : Float($0 % 2) }
            return network.loss(tape.constant(x, shape: [4, 4, 3]), graph: graph).scalar
        }
        #expect(loss(0) == loss(1))
    }
}
