import Foundation
import Graphs
import Matrices
import Screens
import Testing

@testable import Interventions

@Suite struct InterventionFitTests {
    static let planted = PlantedScreen()
    static let model = try? InterventionModel.fit(planted.screen, options: PlantedScreen.quick)

    @Test("Planted targets rank first and the chain is found")
    func recovery() throws {
        let model = try #require(Self.model)
        for (k, context) in model.contexts.enumerated() where context.dose == 2 {
            let best = try model.targets(ofMeasured: k).max { $0.posterior < $1.posterior }
            #expect(best?.gene == "g\(Self.planted.targets[context.perturbation] ?? -1)", "\(context.perturbation)")
        }
        let likely = model.edgeBeliefs.ranked.prefix(4).map { "\($0.source)\($0.target)" }
        #expect(Set(likely) == ["01", "12", "23", "34"])
    }

    @Test(
        "Either measure of cycles ends without cycles", arguments: AcyclicityKind.allCases,
        [GraphGradient.expected, .sampled])
    func acyclicity(kind: AcyclicityKind, gradient: GraphGradient) throws {
        var options = PlantedScreen.quick
        options.acyclicity = kind
        options.graphGradient = gradient
        options.ensembleSize = 1
        let model = try InterventionModel.fit(Self.planted.screen, options: options)
        #expect(model.brokenEdges[0].isEmpty, "a cycle had to be broken")
        let structure = model.curves[0].filter { $0.phase == .structure }
        #expect((structure.last?.cycles ?? 1) < 0.1 * (structure.first?.cycles ?? 0))
        // So few noisy steps find every pair of the chain, the expectation also each direction.
        let likely = model.edgeBeliefs.ranked.prefix(4)
        #expect(
            Set(likely.map { [min($0.source, $0.target), max($0.source, $0.target)] }) == [
                [0, 1], [1, 2], [2, 3], [3, 4],
            ])
        #expect(gradient == .sampled || likely.allSatisfy { $0.source < $0.target })
    }

    @Test("A fit that was interrupted, stored and resumed ends with the same bytes")
    func resume() throws {
        var options = PlantedScreen.quick
        options.structureSteps = 60
        options.refinementSteps = 40
        var whole = try InterventionFit(screen: Self.planted.screen, options: options, seed: 5)
        try whole.finish()
        var first = try InterventionFit(screen: Self.planted.screen, options: options, seed: 5)
        try first.advance(by: 37)
        let stored = try JSONEncoder().encode(first.state)
        let state = try JSONDecoder().decode(FitState.self, from: stored)
        var second = try InterventionFit(screen: Self.planted.screen, options: options, seed: 5, resuming: state)
        try second.finish()
        #expect(second.state == whole.state)
        #expect(second.state.isFinished)
        #expect(throws: InterventionError.self) {
            options.ensembleSize = 3
            _ = try InterventionFit(screen: Self.planted.screen, options: options, seed: 5, resuming: state)
        }
    }

    @Test("Edge beliefs move the graph where the data leave it open")
    func beliefs() throws {
        // Controls alone cannot tell g0 → g1 from g1 → g0; no drug acts on either.
        var screen = PlantedScreen(genes: 2, drugs: 1, doses: [nil], cells: 2, controls: 60, hasFeatures: false).screen
        screen.knownTargets = ["drug0": []]
        var options = PlantedScreen.quick
        options.ensembleSize = 1
        for forward in [true, false] {
            let beliefs = EdgeBeliefs(
                genes: screen.genes, probabilities: forward ? [0, 0.95, 0.01, 0] : [0, 0.01, 0.95, 0])
            let found = try InterventionModel.fit(screen, beliefs: beliefs, options: options).edgeBeliefs
            #expect(forward ? found[0, 1] > 0.5 && found[1, 0] < 0.5 : found[1, 0] > 0.5 && found[0, 1] < 0.5)
        }
    }

    @Test("Known targets are taken as given; without doses and features only measured perturbations are predicted")
    func knownTargets() throws {
        var screen = PlantedScreen(drugs: 5, doses: [nil], hasFeatures: false).screen
        screen.knownTargets = ["drug2": ["g2"]]
        var options = PlantedScreen.quick
        options.structureSteps = 100
        options.refinementSteps = 40
        let model = try InterventionModel.fit(screen, options: options)
        let prediction = try model.predict(.init(perturbation: "drug2"))
        #expect(prediction.targetProbability[2] > 0.99)
        #expect(prediction.targetProbability[1] < 0.01)
        #expect(model.map.hill == nil && !model.canPredictUnseen)
        #expect(model.notices.contains { $0.code == "NO_FEATURES" })
        do {
            _ = try model.predict(.init(perturbation: "drug99"))
            Issue.record("an unseen perturbation was predicted from nothing")
        } catch let error as InterventionError {
            #expect(error.code == "UNSEEN_WITHOUT_FEATURES")
        }
    }

    @Test("Two cells a context and more features than perturbations are enough to run", arguments: TargetDraw.allCases)
    func fewCells(draw: TargetDraw) throws {
        var planted = PlantedScreen(drugs: 9, cells: 2, controls: 8)
        planted.screen.features = FeatureTable(
            perturbations: (0..<9).map { "drug\($0)" }, features: (0..<40).map { "bit\($0)" },
            values: Matrix(rows: 9, columns: 40, values: (0..<360).map { ($0 * 7919) % 13 < 4 ? 1 : 0 }))
        var options = PlantedScreen.quick
        options.structureSteps = 100
        options.refinementSteps = 40
        options.targetDraw = draw
        options.graphGradient = .sampled
        options.intervention = .hard
        let model = try InterventionModel.fit(planted.screen, options: options)
        let prediction = try model.predict(
            .init(perturbation: "new", dose: 1, features: (0..<40).map { Double($0 % 2) }))
        #expect(prediction.shift.allSatisfy { $0.isFinite })
        #expect(prediction.distanceName == "1 − Tanimoto similarity")
        #expect(model.encoding.rank <= 9)
    }

    @Test("What cannot be fitted is refused with a reason")
    func refusals() {
        var screen = Self.planted.screen
        screen.contexts[0].isControl = false
        screen.contexts[0].dose = 1
        #expect { try InterventionModel.fit(screen) } throws: { ($0 as? InterventionError)?.code == "NO_CONTROL" }
        var infinite = Self.planted.screen
        infinite.expression.values[3] = .nan
        #expect { try InterventionModel.fit(infinite) } throws: { ($0 as? InterventionError)?.code == "NONFINITE" }
        var options = FitOptions()
        options.learningRate = -1
        #expect { try InterventionModel.fit(Self.planted.screen, options: options) } throws: {
            ($0 as? InterventionError)?.element == "learningRate"
        }
        for (key, change) in [
            ("mechanismUnits", { $0.mechanismUnits = 0 }), ("targetSamples", { $0.targetSamples = 65 }),
            ("targetTemperature", { $0.targetTemperature = 0 }), ("batchCells", { $0.batchCells = -1 }),
            ("batchContexts", { $0.batchContexts = 0 }),
        ] as [(String, (inout FitOptions) -> Void)] {
            var options = FitOptions()
            change(&options)
            #expect(throws: InterventionError.self, "\(key)") { try options.validate() }
        }
        var lacking = Self.planted.screen
        lacking.features?.perturbations[0] = "someone else"
        #expect { try InterventionModel.fit(lacking) } throws: { ($0 as? InterventionError)?.code == "NO_FEATURES" }
    }
}
