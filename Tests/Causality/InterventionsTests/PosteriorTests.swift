import Foundation
import Probability
import Screens
import Testing

@testable import Interventions

@Suite struct PosteriorTests {
    static func posterior(_ options: FitOptions, _ screen: PerturbationScreen? = nil) throws -> Posterior {
        let planted = PlantedScreen(genes: 4, drugs: 5, cells: 7, controls: 9)
        let problem = try FitProblem(screen: screen ?? planted.screen, beliefs: nil, options: options)
        return try problem.objective(
            contexts: Array(problem.contexts.indices), places: problem.cells.places, unseen: ["drug1"]
        ).whole
    }

    static func parameters(_ posterior: Posterior) -> [Double] {
        var random = RandomStream(seed: 3)
        return (0..<posterior.count).map { _ in 0.4 * random.normal() }
    }

    /// Compares the gradient at a random point with central differences, at every `stride`-th parameter, and with
    /// `edges` by the weights of the graph too.
    static func compare(_ posterior: Posterior, _ graph: GraphWeights, by step: Int = 3, _ comment: Comment) {
        let parameters = parameters(posterior)
        var gradient = [Double](repeating: 0, count: posterior.count)
        _ = posterior.evaluate(parameters, graph: graph, into: &gradient)
        func value(_ parameters: [Double], _ graph: GraphWeights) -> Double {
            var unused = [Double](repeating: 0, count: posterior.count)
            var graph = graph
            if graph.isExpected { graph = .expected(posterior.edgeProbabilities(parameters)) }
            return posterior.evaluate(parameters, graph: graph, into: &unused)
        }
        // Differences of sums of size 10⁴ lose about 10⁻⁶ of a slope of size 1.
        func agree(_ numeric: Double, _ slope: Double, _ place: Int) {
            #expect(abs(numeric - slope) < 2e-4 * max(1, abs(numeric)), "\(comment), parameter \(place)")
        }
        let h = 1e-5
        let first = graph.isExpected ? 0 : posterior.logits.upperBound
        for i in stride(from: first, to: posterior.count, by: step) {
            var (up, down) = (parameters, parameters)
            up[i] += h
            down[i] -= h
            agree((value(up, graph) - value(down, graph)) / (2 * h), gradient[i], i)
        }
        guard graph.slopes != nil, !graph.isExpected else { return }
        for e in posterior.logits where e / posterior.genes != e % posterior.genes {
            var (up, down) = (graph, graph)
            up.values[e] += h
            down.values[e] -= h
            agree((value(parameters, up) - value(parameters, down)) / (2 * h), gradient[e], e)
        }
    }

    /// An acyclic graph, and one of weights between 0 and 1 with cycles whose slopes are 1.
    static let graph = (0..<16).map { place -> Double in [1, 6, 3].contains(place) ? 1 : 0 }
    static let weights: GraphWeights = {
        var values: [Double] = []
        for place in 0..<16 { values.append(place / 4 == place % 4 ? 0 : 0.1 + 0.05 * Double(place)) }
        return .sampled(values, slopes: values.map { _ in 1 })
    }()

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
            let expected = GraphWeights.expected(posterior.edgeProbabilities(Self.parameters(posterior)))
            for graph in [GraphWeights.fixed(Self.graph), expected, Self.weights] {
                Self.compare(posterior, graph, "\(head)")
            }
        }
    }

    @Test(
        "Gradients of hidden layers and of relaxed targets agree with central differences",
        arguments: [InterventionKind.shift, .hard], [TargetDraw.context, .cell])
    func perceptronGradients(kind: InterventionKind, draw: TargetDraw) throws {
        var options = FitOptions()
        options.mechanisms = .mlp
        options.mechanismUnits = 3
        options.intervention = kind
        options.targetDraw = draw
        options.hiddenUnits = 2
        var posterior = try Self.posterior(options)
        for graph in [GraphWeights.fixed(Self.graph), Self.weights] { Self.compare(posterior, graph, "exact") }
        posterior.setting.targets = .relaxed(samples: 3, temperature: 0.7, noise: RandomStream(seed: 4))
        Self.compare(posterior, Self.weights, by: 5, "relaxed")
        options.mechanisms = .linear
        posterior = try Self.posterior(options)
        posterior.setting.targets = .relaxed(samples: 3, temperature: 0.7, noise: RandomStream(seed: 4))
        Self.compare(posterior, Self.weights, by: 5, "relaxed, linear")
    }

    @Test("Gradients with covariates and combinations agree with central differences", arguments: CovariateUse.allCases)
    func covariates(use: CovariateUse) throws {
        var options = FitOptions()
        options.covariates = use
        options.hiddenUnits = 2
        var screen = PlantedScreen(genes: 4, drugs: 5, cells: 7, controls: 9).screen
        screen.contexts.append(.init(perturbation: "vehicle", isControl: true, covariates: ["line": "B"]))
        for cell in 0..<4 { screen.contextOfCell[cell] = screen.contexts.count - 1 }
        for k in screen.contexts.indices where k < 6 {
            screen.contexts[k].covariates = ["line": k % 2 == 0 ? "A" : "B"]
        }
        screen.combinations = ["drug4": ["drug0", "drug2"]]
        for draw in TargetDraw.allCases {
            options.targetDraw = draw
            Self.compare(try Self.posterior(options, screen), .fixed(Self.graph), by: 2, "\(use) \(draw)")
        }
        options.intervention = .hard
        Self.compare(try Self.posterior(options, screen), .fixed(Self.graph), by: 2, "\(use) hard")
    }

    @Test(
        "The graph's prior and its measures of cycles have the gradients of central differences",
        arguments: AcyclicityKind.allCases)
    func graphGradient(kind: AcyclicityKind) throws {
        var options = FitOptions()
        options.acyclicity = kind
        let posterior = try Self.posterior(options)
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
        let parameters = MechanismParameters(
            effects: [0, 0.5, 0, 0], intercepts: [0.1, -0.3], logDeviations: [log(0.7), log(1.2)])
        let p = [0.3, 0.6]
        let (m, s) = ([1.2, -0.4], [0.8, 1.5])
        let interventions = AtomicInterventions(
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
        let mechanisms = LinearMechanisms(layout: .init(genes: 2, units: 0, levels: 0))
        for (draw, keepsCells, expected) in [
            (TargetDraw.context, false, byContext), (.context, true, byContext), (.cell, true, byCell),
        ] {
            let data = ContextData(
                zip(contexts, members).map { context, members in
                    .init(context: context, cells: members.flatMap { cells[$0] }, weight: context.isControl ? 0.5 : 1)
                }, genes: 2, targetDraw: draw, keepsCells: keepsCells)
            var byMechanism = MechanismGradient(mechanisms.layout)
            var byIntervention = interventions
            let value = mechanisms.logLikelihood(
                .init(data: data, kind: kind), parameters, .fixed([0, 1, 0, 0]), interventions, volume: 0, &byMechanism,
                &byIntervention)
            #expect(abs(value - expected) < 1e-10)
        }
    }

    @Test("Controls count for no more than their share")
    func controlShare() {
        // Share 1/4 for two controls beside three treated cells: weight 1/3 · 3 / 2 = 1/2.
        #expect(abs(ContextData.controlWeight(controls: 2, treated: 3, share: 0.25) - 0.5) < 1e-12)
        #expect(ContextData.controlWeight(controls: 2, treated: 30, share: 0.5) == 1)
    }

    @Test("A context of many cells is kept in at most as many rows as genes, without loss")
    func compression() {
        var random = RandomStream(seed: 1)
        let values = (0..<50 * 3).map { _ in random.normal() }
        let data = ContextData(
            [.init(context: Context(perturbation: "p"), cells: values)], genes: 3, targetDraw: .context,
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
