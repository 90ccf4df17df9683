import Foundation
import Probability
import Screens
import Testing

@testable import Interventions

@Suite struct MechanismsTests {
    let d = 4
    let data: ContextData
    let interventions: AtomicInterventions

    init() {
        var random = RandomStream(seed: 2)
        func cells(_ count: Int) -> [Double] { (0..<count * 4).map { _ in random.normal() } }
        let entries = [
            ContextData.Entry(context: .init(perturbation: "control", isControl: true), cells: cells(9), weight: 0.7),
            .init(context: .init(perturbation: "a"), cells: cells(6)),
            .init(context: .init(perturbation: "b"), cells: cells(6)),
        ]
        data = ContextData(entries, genes: 4, targetDraw: .context, keepsCells: true)
        var result = AtomicInterventions(zeros: 12)
        for i in 0..<12 {
            result.targetLogits[i] = random.normal()
            result.locations[i] = random.normal()
            result.logScales[i] = 0.3 * random.normal()
        }
        interventions = result
    }

    private func likelihood(_ mechanisms: some Mechanisms, _ data: ContextData, _ theta: MechanismParameters) -> Double
    {
        var gradient = (MechanismGradient(mechanisms.layout), interventions)
        return mechanisms.logLikelihood(
            .init(data: data, kind: .shift), theta, .fixed((0..<16).map { $0 / 4 < $0 % 4 ? 1 : 0 }), interventions,
            volume: 0, &gradient.0, &gradient.1)
    }

    private func parameters(_ layout: MechanismLayout) -> MechanismParameters {
        var random = RandomStream(seed: 5)
        return MechanismParameters((0..<layout.count).map { _ in 0.5 * random.normal() }, layout)
    }

    @Test("A hidden layer that says nothing leaves a linear mechanism")
    func linearSpecialCase() {
        let perceptron = PerceptronMechanisms(layout: .init(genes: d, units: 3, levels: 0))
        var theta = parameters(perceptron.layout)
        theta.outputWeights = theta.outputWeights.map { _ in 0 }
        let linear = MechanismParameters(
            effects: theta.effects, intercepts: theta.intercepts, logDeviations: theta.logDeviations)
        let expected = likelihood(LinearMechanisms(layout: .init(genes: d, units: 0, levels: 0)), data, linear)
        #expect(abs(likelihood(perceptron, data, theta) - expected) < 1e-10)
    }

    @Test("The hidden layer is the one that its formula says, and so is the sampler's")
    func formula() {
        let perceptron = PerceptronMechanisms(layout: .init(genes: d, units: 2, levels: 0))
        var theta = parameters(perceptron.layout)
        theta.logDeviations = [0, 0, 0, 0]
        // Gene 3 of one control cell under parents 0, 1, 2, by hand.
        let x = [0.3, -1.2, 0.8, 0.5]
        var mean = theta.intercepts[3]
        for u in 0..<2 {
            var argument = theta.unitBiases[3 * 2 + u]
            for i in 0..<3 { argument += theta.inputWeights[i * 8 + 3 * 2 + u] * x[i] }
            mean += theta.outputWeights[3 * 2 + u] * tanh(argument)
        }
        for i in 0..<3 { mean += theta.effects[i * 4 + 3] * x[i] }
        let graph = (0..<16).map { $0 / 4 < $0 % 4 ? theta.effects[$0] : 0 }
        let drawn = DrawnMechanisms(OrderedEffects(matrix: graph, genes: 4), theta, levels: [], kind: .shift)
        #expect(abs(drawn.mean(3, of: x) - mean) < 1e-12)
        let single = ContextData(
            [.init(context: .init(perturbation: "control", isControl: true), cells: x)], genes: 4,
            targetDraw: .context, keepsCells: true)
        let expected = (0..<4).reduce(0.0) { sum, j in
            let residual = x[j] - drawn.mean(j, of: x)
            return sum - 0.5 * log(2 * Double.pi) - 0.5 * residual * residual
        }
        var gradient = (MechanismGradient(perceptron.layout), AtomicInterventions(zeros: 4))
        let found = perceptron.logLikelihood(
            .init(data: single, kind: .shift), theta, .fixed((0..<16).map { $0 / 4 < $0 % 4 ? 1 : 0 }),
            AtomicInterventions(zeros: 4), volume: 0, &gradient.0, &gradient.1)
        #expect(abs(found - expected) < 1e-10)
    }

    @Test("Average effects are the slopes of the mechanisms, averaged over cells")
    func averageEffects() {
        let perceptron = PerceptronMechanisms(layout: .init(genes: d, units: 2, levels: 0))
        let theta = parameters(perceptron.layout)
        let graph: [Double] = (0..<16).map { $0 / 4 < $0 % 4 ? 1 : 0 }
        let cells = data.rows
        let found = perceptron.meanEffects(theta, graph: graph, cells: cells)
        let drawn = DrawnMechanisms(
            OrderedEffects(matrix: zip(graph, theta.effects).map { $0 * $1 }, genes: 4), theta, levels: [], kind: .shift
        )
        for (i, j) in [(0, 1), (0, 3), (2, 3)] {
            var slope = 0.0
            for n in 0..<data.rowCount {
                var (up, down) = (Array(cells[n * 4..<n * 4 + 4]), Array(cells[n * 4..<n * 4 + 4]))
                up[i] += 1e-5
                down[i] -= 1e-5
                slope += (drawn.mean(j, of: up) - drawn.mean(j, of: down)) / 2e-5 / Double(data.rowCount)
            }
            // Central differences of values of order 1 are right to 10⁻⁹.
            #expect(abs(found[i * 4 + j] - slope) < 1e-8)
        }
    }

    /// The data with one block of each context's cells, each standing for all.
    private func minibatch(_ block: Int, of blocks: Int, draw: TargetDraw) -> ContextData {
        ContextData(
            data.contexts.indices.map { k in
                let rows = data.starts[k]..<data.starts[k + 1]
                let size = rows.count / blocks
                let first = rows.lowerBound + block * size
                return .init(
                    context: data.contexts[k], cells: Array(data.rows[first * d..<(first + size) * d]),
                    count: rows.count, weight: data.weights[k])
            }, genes: d, targetDraw: draw, keepsCells: true)
    }

    @Test("The mean over the minibatches of a partition is the gradient of all cells", arguments: [false, true])
    func unbiased(isLinear: Bool) {
        let layout = MechanismLayout(genes: d, units: isLinear ? 0 : 2, levels: 0)
        let theta = parameters(layout)
        func gradient(_ data: ContextData) -> (value: Double, slopes: [Double]) {
            let mechanisms: any Mechanisms =
                isLinear ? LinearMechanisms(layout: layout) : PerceptronMechanisms(layout: layout)
            var gradient = (MechanismGradient(layout), interventions)
            let value = mechanisms.logLikelihood(
                .init(data: data, kind: .shift), theta, .fixed((0..<16).map { $0 / 4 < $0 % 4 ? 1 : 0 }), interventions,
                volume: 0, &gradient.0, &gradient.1)
            return (
                value,
                gradient.0.parameters.flat + gradient.0.edges + gradient.1.targetLogits + gradient.1.locations
                    + gradient.1.logScales
            )
        }
        let whole = ContextData(
            data.contexts.indices.map { k in
                .init(
                    context: data.contexts[k], cells: Array(data.rows[data.starts[k] * d..<data.starts[k + 1] * d]),
                    weight: data.weights[k])
            }, genes: d, targetDraw: .cell, keepsCells: true)
        let all = gradient(whole)
        let parts = (0..<3).map { gradient(minibatch($0, of: 3, draw: .cell)) }
        #expect(abs(parts.reduce(0) { $0 + $1.value } / 3 - all.value) < 1e-9)
        for place in all.slopes.indices {
            #expect(abs(parts.reduce(0) { $0 + $1.slopes[place] } / 3 - all.slopes[place]) < 1e-9)
        }
    }
}
