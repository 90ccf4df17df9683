import Foundation
import Probability
import Screens
import Testing

@testable import Interventions

@Suite struct PosteriorTests {
    static func posterior(_ options: FitOptions, doses: [Double?] = [0.5, 2]) throws -> Posterior {
        let planted = PlantedScreen(genes: 4, drugs: 5, doses: doses, cells: 7, controls: 9)
        let problem = try FitProblem(screen: planted.screen, beliefs: nil, options: options)
        return try problem.posterior(
            contexts: Array(problem.contexts.indices), cells: problem.cells, unseen: ["drug1"])
    }

    static func parameters(_ posterior: Posterior) -> [Double] {
        var random = RandomStream(seed: 3)
        return (0..<posterior.count).map { _ in 0.4 * random.normal() }
    }

    @Test(
        "Gradients agree with central differences",
        arguments: [InterventionKind.shift, .hard], [TargetDraw.context, .cell])
    func gradients(kind: InterventionKind, draw: TargetDraw) throws {
        for head in [DoseHead.hill, .free] {
            var options = FitOptions()
            options.intervention = kind
            options.targetDraw = draw
            options.doseHead = head
            options.hiddenUnits = 3
            let posterior = try Self.posterior(options)
            let parameters = Self.parameters(posterior)
            var graph = [Double](repeating: 0, count: 16)
            for (i, j) in [(0, 1), (1, 2), (0, 3)] { graph[i * 4 + j] = 1 }
            for sample in [Posterior.GraphSample.fixed(graph), .expected] {
                var gradient = [Double](repeating: 0, count: posterior.count)
                _ = posterior.evaluate(parameters, graph: sample, into: &gradient)
                var unused = gradient
                for i in stride(from: 0, to: posterior.count, by: 3) {
                    let step = 1e-5
                    var (up, down) = (parameters, parameters)
                    up[i] += step
                    down[i] -= step
                    let numeric =
                        (posterior.evaluate(up, graph: sample, into: &unused)
                            - posterior.evaluate(down, graph: sample, into: &unused)) / (2 * step)
                    // Differences of sums of size 10⁴ lose about 10⁻⁶ of a slope of size 1.
                    #expect(abs(numeric - gradient[i]) < 2e-4 * max(1, abs(numeric)), "\(head) parameter \(i)")
                }
            }
        }
    }

    @Test("The graph's prior and its measure of cycles have the gradients of central differences")
    func graphGradient() throws {
        let posterior = try Self.posterior(FitOptions())
        var parameters = Self.parameters(posterior)
        // Few edges, so that the spectral radius stays below 1 and s is 1.
        for i in posterior.logits { parameters[i] -= 3 }
        var gradient = [Double](repeating: 0, count: posterior.count)
        _ = posterior.evaluateGraph(parameters, multiplier: 0.7, penalty: 3, into: &gradient)
        var unused = gradient
        for i in posterior.logits {
            var (up, down) = (parameters, parameters)
            up[i] += 1e-5
            down[i] -= 1e-5
            let numeric =
                (posterior.evaluateGraph(up, multiplier: 0.7, penalty: 3, into: &unused).value
                    - posterior.evaluateGraph(down, multiplier: 0.7, penalty: 3, into: &unused).value) / 2e-5
            #expect(abs(numeric - gradient[i]) < 1e-6)
        }
    }

    @Test("The likelihood is the mixture that its definition says", arguments: [InterventionKind.shift, .hard])
    func definition(kind: InterventionKind) {
        // Two genes, x1 = 0.5 x0 + noise; three cells under treatment, two controls.
        let cells: [[Double]] = [[0.3, -0.2], [1.1, 0.4], [2.0, 1.5], [1.0, 0.1], [1.6, 2.2]]
        let contexts = [Context(perturbation: "c", isControl: true), Context(perturbation: "p")]
        let members = [[0, 1], [2, 3, 4]]
        let mechanisms = LinearLikelihood.Mechanisms(
            effects: [0, 0.5, 0, 0], intercepts: [0.1, -0.3], logDeviations: [log(0.7), log(1.2)])
        let p = [0.3, 0.6]
        let (m, s) = ([1.2, -0.4], [0.8, 1.5])
        let interventions = LinearLikelihood.AtomicInterventions(
            targetLogits: [0, 0] + p.map { log($0 / (1 - $0)) }, locations: [0, 0] + m,
            logScales: [0, 0] + s.map { log($0) })
        func density(_ x: Double, _ mean: Double, _ deviation: Double) -> Double {
            exp(-0.5 * ((x - mean) / deviation) * ((x - mean) / deviation)) / (deviation * (2 * Double.pi).squareRoot())
        }
        func idle(_ x: [Double], _ j: Int) -> Double {
            j == 0 ? density(x[0], 0.1, 0.7) : density(x[1], 0.5 * x[0] - 0.3, 1.2)
        }
        func moved(_ x: [Double], _ j: Int) -> Double {
            if kind == .hard { return density(x[j], m[j], s[j]) }
            return j == 0 ? density(x[0], 0.1 + m[0], 0.7 * s[0]) : density(x[1], 0.5 * x[0] - 0.3 + m[1], 1.2 * s[1])
        }
        var byContext = 0.0
        var byCell = 0.0
        for j in 0..<2 {
            for cell in members[0] { byContext += 0.5 * log(idle(cells[cell], j)) }
            byCell = byContext
        }
        for j in 0..<2 {
            let a = members[1].reduce(1 - p[j]) { $0 * idle(cells[$1], j) }
            let b = members[1].reduce(p[j]) { $0 * moved(cells[$1], j) }
            byContext += log(a + b)
            for cell in members[1] {
                byCell += log((1 - p[j]) * idle(cells[cell], j) + p[j] * moved(cells[cell], j))
            }
        }
        for (keepsCells, expected) in [(false, byContext), (true, byCell)] {
            // Share 1/4 for two controls beside three treated cells: weight 1/3 · 3 / 2 = 1/2.
            let data = ContextMoments(
                values: cells.flatMap { $0 }, genes: 2, contexts: contexts, cells: members, controlShare: 0.25,
                keepsCells: keepsCells)
            #expect(abs(data.weights[0] - 0.5) < 1e-12)
            var (byMechanism, byIntervention) = (mechanisms, interventions)
            let value = LinearLikelihood(data: data, kind: kind).evaluate(
                mechanisms, interventions, mechanismGradient: &byMechanism, interventionGradient: &byIntervention)
            #expect(abs(value - expected) < 1e-10)
        }
    }

    @Test("A context of many cells is kept in at most as many rows as genes, without loss")
    func compression() {
        var random = RandomStream(seed: 1)
        let values = (0..<50 * 3).map { _ in random.normal() }
        let data = ContextMoments(
            values: values, genes: 3, contexts: [Context(perturbation: "p")], cells: [Array(0..<50)], controlShare: 0.5,
            keepsCells: false)
        #expect(data.rows.count == 9)
        for a in 0..<3 {
            for b in 0..<3 {
                let scatter = (0..<50).reduce(0.0) {
                    $0 + (values[$1 * 3 + a] - data.means[a]) * (values[$1 * 3 + b] - data.means[b])
                }
                let kept = (0..<3).reduce(0.0) { $0 + data.rows[$1 * 3 + a] * data.rows[$1 * 3 + b] }
                #expect(abs(scatter - kept) < 1e-10)
            }
        }
    }
}
