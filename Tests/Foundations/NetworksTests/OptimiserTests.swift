import Foundation
import Probability
import Tensors
import Testing

@testable import Networks

/// Ten steps by optax, made by `Pipelines/Golden/optimisers.py` in double precision.
private struct GoldenSteps: Decodable {
    let learningRate, weightDecay, clip: Double
    let shapes: [String: [Int]]
    let start: [String: [Double]]
    let gradients: [[String: [Double]]]
    /// By rule, after each step.
    let weights: [String: [[String: [Double]]]]

    static let read = Result {
        try JSONDecoder().decode(
            GoldenSteps.self, from: Data(contentsOf: goldenFile("Networks/optimisers.json")))
    }
}

@Suite struct OptimiserTests {
    private static let rules = ["adam", "adamW", "lamb", "lamb, decaying", "lamb, clipped"]

    private static func options(_ rule: String, _ golden: GoldenSteps) -> OptimiserOptions {
        switch rule {
        case "adam": return .adam(learningRate: golden.learningRate)
        case "adamW": return .adamW(learningRate: golden.learningRate, weightDecay: golden.weightDecay)
        default:
            var options = OptimiserOptions.lamb(learningRate: golden.learningRate)
            options.weightDecay = rule == "lamb, decaying" ? golden.weightDecay : 0
            return options
        }
    }

    /// In single precision each of ten updates rounds a weight of up to 3 by 1.2e−7 of it, and the directions, up to
    /// 3 · 0.05 long, have a relative error of 1e−6 at most: 3e−6 together.
    @Test(arguments: rules) func tenStepsAreThoseOfOptax(_ rule: String) throws {
        let golden = try GoldenSteps.read.get()
        let expected = try #require(golden.weights[rule])
        var weights = Weights()
        for (name, shape) in golden.shapes.sorted(by: { $0.key < $1.key }) {
            _ = weights.add(name, shape: shape, values: golden.start[name]!.map { Float($0) })
        }
        var optimiser = Optimiser(Self.options(rule, golden), weights: weights)
        for (gradients, after) in zip(golden.gradients, expected) {
            var gradient = weights.names.flatMap { gradients[$0]!.map { Float($0) } }
            if rule == "lamb, clipped" { clipByNorm(&gradient, limit: golden.clip) }
            optimiser.update(&weights, gradient: gradient)
            for (name, parameter) in zip(weights.names, weights.parameters) {
                for (found, value) in zip(weights[parameter], after[name]!) {
                    #expect(abs(Double(found) - value) < 3e-6, "\(name) after step \(optimiser.step)")
                }
            }
        }
        #expect(optimiser.step == 10)
    }

    /// Two parameters longer than one stretch of work, and a short one.
    private static func large() -> (weights: Weights, gradient: [Float]) {
        var stream = RandomStream(seed: 5)
        func draws(_ count: Int) -> [Float] { (0..<count).map { _ in Float(stream.normal()) } }
        var weights = Weights()
        _ = weights.add("a", shape: [200, 150], values: draws(30_000))
        _ = weights.add("b", shape: [3], values: draws(3))
        _ = weights.add("c", shape: [40_000], values: draws(40_000))
        return (weights, draws(weights.count))
    }

    @Test(arguments: [OptimiserOptions.adamW(learningRate: 0.1, weightDecay: 0.1), .lamb(learningRate: 0.1)])
    func updatesHaveTheSameBytesAtAnyNumberOfWorkers(_ options: OptimiserOptions) {
        let results = [1, 2, 5].map { count in
            let workers = Workers(count: count)
            var (weights, gradient) = Self.large()
            var optimiser = Optimiser(options, weights: weights)
            var average = MovingAverage(decay: 0.5, weights: weights)
            for _ in 0..<3 {
                clipByNorm(&gradient, limit: 100, workers: workers)
                optimiser.update(&weights, gradient: gradient, rateScale: 0.5, workers: workers)
                average.update(weights, workers: workers)
            }
            return (weights, optimiser, average)
        }
        for other in results.dropFirst() { #expect(other == results[0]) }
    }

    /// The ratio of norms is over a whole parameter, not over the stretches in which it is worked on: with moments at
    /// their first step the direction has entries ±1 but for ε, so its norm is √n.
    @Test func lambScalesByTheNormsOfWholeParameters() {
        let (start, gradient) = Self.large()
        var weights = start
        var optimiser = Optimiser(.lamb(learningRate: 0.01), weights: weights)
        optimiser.update(&weights, gradient: gradient.map { $0 < 0 ? -1 : 1 })
        for parameter in weights.parameters {
            let squares = parameter.range.map { Double(start.values[$0]) * Double(start.values[$0]) }.reduce(0, +)
            let ratio = (squares / Double(parameter.count)).squareRoot()
            for index in parameter.range {
                let expected = Double(start.values[index]) - 0.01 * ratio * (gradient[index] < 0 ? -1 : 1)
                // Weights of up to 5 in single precision, and ε of 1e−6 of a step of 0.01.
                #expect(abs(Double(weights.values[index]) - expected) < 1e-6)
            }
        }
    }

    @Test func longGradientsAreCut() {
        var gradient: [Float] = [3, 4]
        #expect(clipByNorm(&gradient, limit: 10) == 5 && gradient == [3, 4])
        #expect(clipByNorm(&gradient, limit: 1) == 5)
        #expect(abs(gradient[0] - 0.6) < 1e-6 && abs(gradient[1] - 0.8) < 1e-6)
    }

    @Test func averagesForgetTheStart() {
        var weights = Weights()
        _ = weights.add("w", shape: [1], values: [0])
        var average = MovingAverage(decay: 0.9, weights: weights)
        weights.values = [1]
        average.update(weights)
        // δ = 2/11 at the first step.
        #expect(abs(average.values[0] - 9 / 11) < 1e-6)
        for _ in 0..<200 { average.update(weights) }
        #expect(abs(average.weights(like: weights).values[0] - 1) < 1e-5)
    }
}
