import Foundation
import Matrices
import Probability
import Screens
import Testing

@testable import Interventions

@Suite struct MinibatchTests {
    private static func options(_ mechanisms: MechanismKind = .linear) -> FitOptions {
        var options = PlantedScreen.quick
        options.mechanisms = mechanisms
        options.mechanismUnits = 3
        options.targetDraw = .cell
        options.batchCells = 6
        options.batchContexts = 5
        options.structureSteps = 40
        options.refinementSteps = 40
        return options
    }

    @Test("Minibatches of drawn contexts estimate the log-likelihood and its gradient without bias")
    func unbiased() throws {
        let options = Self.options()
        let planted = PlantedScreen(genes: 3, drugs: 4, cells: 10, controls: 40)
        let problem = try FitProblem(screen: planted.screen, beliefs: nil, options: options)
        let all = Array(problem.contexts.indices)
        let whole = try problem.objective(contexts: all, places: problem.cells.places).whole
        let batches = try problem.objective(contexts: all, places: problem.cells.places, isBatched: true)
        #expect(batches.weightedCells == whole.data.weightedCells && batches.whole.data.contexts.isEmpty)
        var random = RandomStream(seed: 1)
        let parameters = (0..<whole.count).map { _ in 0.3 * random.normal() }
        let graph = [Double](repeating: 0, count: 9)
        func gradient(_ posterior: Posterior) -> [Double] {
            var gradient = [Double](repeating: 0, count: posterior.count)
            _ = posterior.evaluate(parameters, graph: .fixed(graph), into: &gradient)
            return gradient
        }
        let draws = 600
        var sum = [Double](repeating: 0, count: whole.count)
        var squares = sum
        var controls = 0
        for draw in 0..<draws {
            let batch = try batches.posterior(RandomStream(seed: 7).stream(draw))
            #expect(abs(batch.data.weightedCells - whole.data.weightedCells) < 1e-9)
            controls += batch.data.contexts.count(where: \.isControl)
            for (i, slope) in gradient(batch).enumerated() {
                sum[i] += slope / Double(draws)
                squares[i] += slope * slope / Double(draws)
            }
        }
        for (i, expected) in gradient(whole).enumerated() {
            // Five standard errors over about a hundred parameters: one false alarm in 10⁴.
            let error = (max(0, squares[i] - sum[i] * sum[i]) / Double(draws)).squareRoot()
            #expect(abs(sum[i] - expected) < 5 * error + 1e-6, "parameter \(i)")
        }
        // Forty controls weigh no more than eighty treated cells do: a third of what is drawn, within four deviations.
        #expect(abs(Double(controls) / Double(5 * draws) - 1.0 / 3) < 4 * (2.0 / 9 / Double(5 * draws)).squareRoot())
    }

    @Test(
        "An interrupted fit of minibatches, relaxed targets and hidden layers ends with the same bytes",
        arguments: MechanismKind.allCases)
    func resume(mechanisms: MechanismKind) throws {
        var options = Self.options(mechanisms)
        options.targetEstimator = .relaxed
        options.graphGradient = .sampled
        options.acyclicity = .spectral
        let screen = PlantedScreen(genes: 3, drugs: 8, cells: 10, controls: 20).screen
        var whole = try InterventionFit(screen: screen, options: options, seed: 5)
        try whole.finish()
        var state: FitState?
        // Interrupted within the first phase and within the second.
        for steps in [17, 41] {
            var part = try InterventionFit(screen: screen, options: options, seed: 5, resuming: state)
            try part.advance(by: steps)
            state = try JSONDecoder().decode(FitState.self, from: JSONEncoder().encode(part.state))
        }
        var last = try InterventionFit(screen: screen, options: options, seed: 5, resuming: state)
        try last.finish()
        #expect(last.state == whole.state && last.state.isFinished)
        let model = try last.model()
        #expect(model.outcomes.count == 2 && model.curves.allSatisfy { !$0.isEmpty })
        #expect(model.curves[0].allSatisfy { $0.loss.isFinite && $0.edges >= 0 })
        // Members see nothing of each other: alone on one thread the first ends as beside the second on another.
        options.ensembleSize = 1
        var alone = try InterventionFit(screen: screen, options: options, seed: 5)
        try alone.finish()
        #expect(alone.state.members[0] == whole.state.members[0])
    }

    /// Cells that come from somewhere else, or do not come.
    private struct Elsewhere: ContextCells {
        let cells: InMemoryCells
        let isBroken: Bool
        struct Failure: Error {}

        var contextCount: Int { cells.contextCount }
        func cellCount(of context: Int) -> Int { cells.cellCount(of: context) }
        func cells(of context: Int, at places: [Int]) throws -> Matrix<Float> {
            // The last cell of a treatment is only asked for by a minibatch.
            if isBroken, context > 0, places.count < 7 { throw Failure() }
            return cells.cells(of: context, at: places)
        }
    }

    @Test("Cells may come from anywhere, and what cannot be read is said")
    func source() throws {
        var options = Self.options()
        options.ensembleSize = 1
        let screen = PlantedScreen(genes: 3, drugs: 8, cells: 10, controls: 20).screen
        var elsewhere = screen
        elsewhere.expression = Matrix(rows: screen.expression.rows, columns: 3)
        var one = try InterventionFit(screen: screen, options: options)
        var other = try InterventionFit(
            screen: elsewhere, cells: Elsewhere(cells: InMemoryCells(screen), isBroken: false), options: options)
        try one.finish()
        try other.finish()
        #expect(try one.model() == other.model())
        var broken = try InterventionFit(
            screen: elsewhere, cells: Elsewhere(cells: InMemoryCells(screen), isBroken: true), options: options)
        let before = broken.state
        #expect(throws: Elsewhere.Failure.self) { try broken.advance(by: 30) }
        #expect(broken.state == before)
    }
}
