import Foundation
import Screens
import Testing

@testable import Interventions

@Suite struct InterventionModelTests {
    let model: InterventionModel

    init() throws { model = try #require(InterventionFitTests.model) }

    @Test("Predicted shifts are those of sampled cells, nothing at dose 0, and lie within their interval")
    func prediction() throws {
        let query = PerturbationQuery(perturbation: "drug0", dose: 2)
        let prediction = try model.predict(query)
        let cells = try model.sampleCells(query, count: 4000)
        let controls = model.sampleControls(count: 4000)
        for j in 0..<5 {
            let treated = cells.column(j).reduce(0.0) { $0 + Double($1) } / 4000
            let control = controls.column(j).reduce(0.0) { $0 + Double($1) } / 4000
            // Standard error of a difference of two means of 4000 cells of deviation about 1: 0.022.
            #expect(abs(treated - control - prediction.shift[j]) < 0.11)
            #expect(prediction.lower[j] <= prediction.upper[j])
            #expect(prediction.predictedMean[j] == prediction.controlMean[j] + prediction.shift[j])
        }
        let nothing = try model.predict(.init(perturbation: "drug0", dose: 0))
        #expect(nothing.shift.allSatisfy { $0 == 0 } && nothing.targetProbability.allSatisfy { $0 == 0 })
        // Truth: drug0 acts on g0 with 2/3 of its location, which halts down the chain by 0.8 a step.
        let location = try #require(InterventionFitTests.planted.locations["drug0"])
        #expect(abs(prediction.shift[0] - location * 2 / 3) < 0.35 * abs(location))
        let again = try model.predict(query)
        #expect(again == prediction)
    }

    @Test("An unseen drug is predicted from its features, and one unlike all others is flagged")
    func unseen() throws {
        let like = try model.predict(.init(perturbation: "new", dose: 2, features: [0, 0, 3, 0, 0]))
        #expect(like.shift[2] > 0.5 && !like.isMeasured)
        let unlike = try model.predict(.init(perturbation: "odd", dose: 2, features: [90, -80, 70, 90, 90]))
        #expect(unlike.isOutOfSupport)
        #expect(throws: InterventionError.self) {
            try model.predict(.init(perturbation: "new", dose: 2, features: [1]))
        }
        #expect(throws: InterventionError.self) { try model.predict(.init(perturbation: "drug0")) }
    }

    @Test("Shift interventions add up: parts are π m (I − B)⁻¹ and sum to the shift")
    func attribution() throws {
        let query = PerturbationQuery(perturbation: "drug3", dose: 2)
        let attribution = try model.attribution(query)
        let prediction = try model.predict(query)
        for j in 0..<5 {
            let sum = (0..<5).reduce(0.0) { $0 + attribution.parts[$1 * 5 + j] }
            #expect(abs(sum - prediction.shift[j]) < 1e-9)
            #expect(abs(attribution.parts[j * 5 + j] - prediction.directEffect[j]) < 1e-9)
        }
    }

    @Test("Total effects of a chain are products along it")
    func totalEffects() {
        let total = InterventionModel.totalEffects([0, 2, 0, 0, 0, 3, 0, 0, 0], genes: 3)
        #expect(zip(total, [1, 2, 6, 0, 1, 3, 0, 0, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test("A hard intervention cuts its target off from its parents")
    func hard() throws {
        var options = PlantedScreen.quick
        options.intervention = .hard
        options.structureSteps = 100
        options.refinementSteps = 40
        let hard = try InterventionModel.fit(PlantedScreen(drugs: 5).screen, options: options)
        // 0 → 1 → 2 with effects 1; setting 1 to 5 leaves 0 alone whatever 0 does.
        let effects: [Double] = (0..<25).map { $0 == 1 || $0 == 7 ? 1 : 0 }
        let zeros = [Double](repeating: 0, count: 5)
        let shift = DrawnMechanisms(
            OrderedEffects(matrix: effects, genes: 5),
            MechanismParameters(effects: effects, intercepts: zeros, logDeviations: zeros), levels: [], kind: .hard
        ).meanShift(
            .init(locations: [3, 5, 0, 0, 0], scales: [1, 1, 1, 1, 1], probabilities: [1, 1, 0, 0, 0], curve: nil),
            targets: [1, 1, 0, 0, 0], noise: [])
        #expect(zip(shift, [3, 5, 5, 0, 0]).allSatisfy { abs($0 - $1) < 1e-12 })
        let query = PerturbationQuery(perturbation: "drug1", dose: 2)
        let prediction = try hard.predict(query)
        #expect(prediction.shift.allSatisfy { $0.isFinite })
        let errors = try hard.attribution(query).errors
        #expect(errors.contains { $0 > 0 })
    }

    @Test("A model read back from disk is the same model and predicts the same bytes")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("model-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var original = model
        original.provenance = ["screen": "planted"]
        try original.save(to: folder)
        let copy = try InterventionModel.load(from: folder)
        #expect(copy == original)
        let query = PerturbationQuery(perturbation: "new", dose: 1, features: [1, 0, 0, 0, 0])
        let predictions = [try copy.predict(query), try original.predict(query)]
        #expect(predictions[0] == predictions[1])
        let edges = try String(contentsOf: folder.appendingPathComponent("edges.tsv"), encoding: .utf8)
            .split(separator: "\n")
        #expect(edges.count == 1 + 20 && edges[0] == "source\ttarget\tprobability\teffect")
        let targets = try String(contentsOf: folder.appendingPathComponent("targets.tsv"), encoding: .utf8)
            .split(separator: "\n")
        #expect(targets.count == 1 + 20 * 5)
        // Damage is refused, not trusted.
        let json = folder.appendingPathComponent("model.json")
        let text = try String(contentsOf: json, encoding: .utf8)
        try text.replacingOccurrences(of: "\"schema\" : 2", with: "\"schema\" : 99")
            .write(to: json, atomically: true, encoding: .utf8)
        #expect { try InterventionModel.load(from: folder) } throws: {
            ($0 as? InterventionError)?.element == "schema"
        }
        for (pattern, damage) in [
            ("\"hidden\" : [0-9]+", "\"hidden\" : 4611686018427387904"), ("\"rank\" : [0-9]+", "\"rank\" : -1"),
            ("\"perturbation\" : \"drug3\"", "\"perturbation\" : \"another\""),
            ("\"mechanismUnits\" : [0-9]+", "\"mechanismUnits\" : 4611686018427387904"),
            ("\"combinations\" : \\{[^}]*\\}", "\"combinations\" : { \"a+b\" : [\"a\", \"b\"] }"),
        ] {
            let damaged = text.replacingOccurrences(of: pattern, with: damage, options: .regularExpression)
            #expect(damaged != text)
            try damaged.write(to: json, atomically: true, encoding: .utf8)
            let error = #expect(throws: InterventionError.self) { try InterventionModel.load(from: folder) }
            #expect(error?.code == "MODEL_FILE")
        }
        try text.write(to: json, atomically: true, encoding: .utf8)
        try Data(count: 100).write(to: folder.appendingPathComponent("model.safetensors"))
        #expect(throws: InterventionError.self) { try InterventionModel.load(from: folder) }
    }
}
