import Foundation
import Networks
import Probability
import Tensors
import Testing

@testable import Structure

@Suite struct EdgePredictorTests {
    static func small(seed: UInt64 = 5) -> (EdgePredictor, Weights) {
        var options = EdgePredictorOptions()
        options.layers = 2
        options.width = 8
        options.heads = 2
        options.keySize = 5
        options.widening = 2
        options.outputs = 6
        var weights = Weights()
        let network = EdgePredictor(options, weights: &weights, stream: RandomStream(seed: seed))
        return (network, weights)
    }

    static func cells(_ n: Int, _ d: Int) -> [Float] {
        var stream = RandomStream(seed: 8)
        return (0..<n * d * 2).map { $0 % 2 == 0 ? Float(stream.normal()) : stream.bernoulli(0.1) ? 1 : 0 }
    }

    /// Sums along the axes run in another order: roundings of some 1e−7 of values of order 1, through a few layers.
    private let rounding: Float = 1e-4

    @Test func orderOfCellsMakesNoDifference() {
        let (network, weights) = Self.small()
        let x = Self.cells(20, 4)
        let order = RandomStream(seed: 1).order(20)
        let moved = order.flatMap { x[$0 * 8..<($0 + 1) * 8] }
        let plain = network.logits(of: x, cells: 20, genes: 4, weights: weights)
        let shuffled = network.logits(of: moved, cells: 20, genes: 4, weights: weights)
        #expect(largestDifference(plain, shuffled) < rounding)
        #expect(Set(plain.map { ($0 * 1000).rounded() }).count > 8)
    }

    @Test func logitsFollowTheOrderOfGenes() {
        let (network, weights) = Self.small()
        let x = Self.cells(12, 6)
        let order = RandomStream(seed: 2).order(6)
        var moved = [Float]()
        for cell in 0..<12 { for gene in order { moved += x[(cell * 6 + gene) * 2..<(cell * 6 + gene + 1) * 2] } }
        let plain = network.logits(of: x, cells: 12, genes: 6, weights: weights)
        let permuted = network.logits(of: moved, cells: 12, genes: 6, weights: weights)
        let expected = order.flatMap { i in order.map { plain[i * 6 + $0] } }
        #expect(largestDifference(permuted, expected) < rounding)
    }

    /// 1,300 × 5 tokens go through in several groups along both axes, 5,000 × 1 in one that is larger than a group.
    @Test(arguments: [(1300, 5), (5000, 1), (1, 3), (3, 1)])
    func inferenceInGroupsIsTheWhole(_ n: Int, _ d: Int) {
        let (network, weights) = Self.small()
        let x = Self.cells(n, d)
        let tape = Tape(weights: weights, recording: false)
        let whole = network.logits(tape.constant(x, shape: [n, d, 2])).values
        let parts = network.logits(of: x, cells: n, genes: d, weights: weights)
        #expect(largestDifference(whole, parts) < rounding)
        #expect(network.logits(of: x, cells: n, genes: d, weights: weights, workers: 3) == parts)
    }

    /// One dataset, whose operations the workers share: the same bytes as by one of them. 600 × 5 tokens are enough for
    /// every operation to be cut.
    @Test func gradientsOfOneDatasetHaveTheSameBytesAtAnyNumberOfWorkers() {
        let (network, weights) = Self.small()
        let x = Self.cells(600, 5)
        func gradient(_ workers: Int) -> (loss: Double, gradient: [Float]) {
            weights.meanGradient(items: 1, workers: Workers(count: workers)) { tape, _ in
                network.logits(tape.constant(x, shape: [600, 5, 2])).square().sum()
            }
        }
        let one = gradient(1)
        #expect(one.gradient.contains { $0 != 0 })
        for workers in [2, 3] {
            let more = gradient(workers)
            #expect(more.loss == one.loss && more.gradient == one.gradient)
        }
    }

    @Test func withoutCellsThereIsNoEvidence() {
        let (network, weights) = Self.small()
        #expect(network.logits(of: [], cells: 0, genes: 2, weights: weights) == [-3, -3, -3, -3])
    }

    /// Lorch et al. 2022: cosines, so that no logit leaves β ± exp(τ).
    @Test func logitsAreBounded() {
        let (network, weights) = Self.small()
        let logits = network.logits(of: Self.cells(9, 7), cells: 9, genes: 7, weights: weights)
        let scale = Float(exp(2.0))
        #expect(logits.allSatisfy { abs($0 + 3) < scale + 1e-4 })
    }

    /// The published size is known from the package.
    @Test func theSizeIsKnownBeforehand() {
        #expect(EdgePredictor.parameterCount(EdgePredictorOptions()) == 4_269_442)
        let (network, weights) = Self.small()
        #expect(EdgePredictor.parameterCount(network.options) == weights.count)
    }

    /// Means of what is dropped and kept stay, draws repeat, and without a stream nothing is dropped.
    @Test func dropoutIsDrawnFromItsStream() {
        var (network, weights) = Self.small()
        let x = Self.cells(10, 4)
        func logits(_ seed: UInt64?) -> [Float] {
            let tape = Tape(weights: weights)
            return network.logits(
                tape.constant(x, shape: [10, 4, 2]), dropout: seed.map { RandomStream(seed: $0) }
            ).values
        }
        #expect(logits(1) == logits(1))
        #expect(largestDifference(logits(1), logits(2)) > 1e-3)
        var options = network.options
        options.dropout = 0
        var others = Weights()
        network = EdgePredictor(options, weights: &others, stream: RandomStream(seed: 5))
        #expect(logits(1) == logits(nil))
    }
}

extension RandomStream {
    /// 0..<count in some order.
    func order(_ count: Int) -> [Int] {
        var stream = self
        return Array(0..<count).shuffled(using: &stream)
    }
}
