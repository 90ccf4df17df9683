import Matrices
import Networks
import Probability
import Tensors
import Testing

@testable import Structure

/// Ten steps of the package's `Updater` (clipping, LAMB, dual ascent) from the same weights on the same three worlds: see
/// `Reference/Golden/AVICI/provenance.json`.
@Suite struct EdgePredictorTrainingTests {
    /// What one step of the training finds, before it changes the weights.
    private struct Step {
        var loss = 0.0
        var cyclicity = 0.0
        var gradient: [Float]
    }

    private let fixture: AVICIFixture
    private let network: EdgePredictor
    private let start: Weights

    init() throws {
        fixture = try AVICIFixture("training")
        (network, start) = try AVICIFixture.network()
    }

    private func step(_ number: Int, _ weights: Weights, multiplier: Double) -> Step {
        var result = Step(gradient: Array(repeating: 0, count: weights.count))
        for world in 0..<3 {
            let cells = fixture.item(world, of: "training/x")
            let x = InputStandardisation.zScores.encoded(
                values: channel(0, cells), interventions: channel(1, cells))
            func iterate(_ name: String) -> [Double] {
                let row = fixture.item(number, of: name)
                return row[world * 5..<(world + 1) * 5].map(Double.init)
            }
            let tape = Tape(weights: weights)
            let logits = network.logits(tape.constant(x, shape: [12, 5, 2]))
            let cyclicity = network.cyclicity(
                of: logits, from: PowerIterationStart(row: iterate("training/u"), column: iterate("training/v")))
            let loss =
                network.loss(of: logits, graph: fixture.item(world, of: "training/graph"))
                + cyclicity * Float(multiplier)
            result.loss += Double(loss.scalar) / 3
            result.cyclicity += Double(cyclicity.scalar) / 3
            for (place, slope) in tape.backward(from: loss).enumerated() { result.gradient[place] += slope / 3 }
        }
        return result
    }

    @Test func tenStepsAgree() {
        var weights = start
        var optimiser = Optimiser(.lamb(learningRate: Double(fixture["training/rate"][0])), weights: weights)
        var multiplier = AcyclicityMultiplier(rate: 2, interval: 2, warmup: 4, averaging: 0.1)
        for number in 0..<10 {
            var step = step(number, weights, multiplier: multiplier.value)
            let norm = clipByNorm(&step.gradient, limit: 1)
            optimiser.update(&weights, gradient: step.gradient)
            multiplier.update(step: number, cyclicity: step.cyclicity)
            // LAMB divides gradients by their own size, so the roundings of small ones are steps of full length, but those
            // hardly matter for the loss: single precision of values of order 1, some 1e−7, may grow hundredfold.
            func agrees(_ found: Double, _ name: String) -> Bool {
                let expected = Double(fixture["training/\(name)"][number])
                return abs(found - expected) < 1e-5 * max(1, abs(expected))
            }
            #expect(agrees(step.loss, "loss") && agrees(step.cyclicity, "acyc"), "step \(number)")
            #expect(agrees(multiplier.value, "dual"), "step \(number)")
            // The norm of a gradient that is clipped is known as well as its largest entries, to some 1e−6.
            #expect(abs(norm - Double(fixture["training/grad_norm"][number])) < 1e-4 * norm, "step \(number)")
        }
        #expect(multiplier.value > 0.5)
        for (name, parameter) in zip(weights.names, weights.parameters) where !AVICIFixture.isFree(name) {
            let expected = fixture["training/after/\(name)"]
            let moved = largestDifference(expected, start[parameter])
            // What ten steps changed, up to what roundings of small gradients do there.
            #expect(moved > 0 && largestDifference(weights[parameter], expected) < 1e-2 * moved, "\(name)")
        }
    }

    private func channel(_ channel: Int, _ cells: [Float]) -> Matrix<Float> {
        Matrix(rows: 12, columns: 5, values: (0..<60).map { cells[2 * $0 + channel] })
    }
}
