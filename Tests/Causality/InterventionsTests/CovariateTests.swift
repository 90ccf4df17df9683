import Foundation
import Screens
import Testing

@testable import Interventions

@Suite struct CovariateTests {
    /// Every second cell is of line B, whose g1 lies higher by 3; drugs act alike in both.
    static func screen(withStrata: Bool = false) -> PerturbationScreen {
        var screen = PlantedScreen(genes: 3, drugs: 6, doses: [nil], cells: 20, controls: 80).screen
        let contexts = screen.contexts
        screen.contexts = contexts.flatMap { context in
            ["A", "B"].map { line in
                var context = context
                context.covariates = ["line": line]
                return context
            }
        }
        screen.contextOfCell = screen.contextOfCell.enumerated().map { 2 * $1 + $0 % 2 }
        for cell in stride(from: 1, to: screen.contextOfCell.count, by: 2) { screen.expression[cell, 1] += 3 }
        if withStrata { screen.controlStrata = screen.contextOfCell.indices.map { $0 % 2 } }
        return screen
    }

    static var options: FitOptions {
        var options = PlantedScreen.quick
        options.ensembleSize = 1
        return options
    }

    @Test("Every line has intercepts of its own: cells of each lie where its controls do", arguments: [false, true])
    func strata(withStrata: Bool) throws {
        let model = try InterventionModel.fit(Self.screen(withStrata: withStrata), options: Self.options)
        #expect(model.isCentredByStratum == withStrata)
        var means: [Double] = []
        for line in ["A", "B"] {
            let controls = model.sampleControls(count: 3000, covariates: ["line": line])
            means.append(controls.column(1).reduce(0.0) { $0 + Double($1) } / 3000)
            let query = PerturbationQuery(perturbation: "drug1", covariates: ["line": line])
            let prediction = try model.predict(query)
            #expect(abs(prediction.controlMean[1] - (means.last ?? 0)) < 0.4)
        }
        // Means of 40 controls of deviation about 0.8 each: two standard errors of their difference are 0.36.
        #expect(abs(means[1] - means[0] - 3) < 0.5)
        // A line that nobody has seen is taken for the average one.
        let elsewhere = try model.predict(.init(perturbation: "drug1", covariates: ["line": "C"]))
        #expect(elsewhere.controlMean == model.scaling.means)
    }

    @Test("Ignored covariates change nothing; the map may read them")
    func uses() throws {
        var options = Self.options
        options.structureSteps = 40
        options.refinementSteps = 20
        options.covariates = .ignored
        let ignoring = try InterventionModel.fit(Self.screen(), options: options)
        #expect(ignoring.covariates.levels.isEmpty)
        func shifts(_ model: InterventionModel) throws -> [[Double]] {
            try ["A", "B"].map {
                try model.predict(.init(perturbation: "drug1", covariates: ["line": $0])).shift
            }
        }
        let same = try shifts(ignoring)
        #expect(same[0] == same[1])
        options.covariates = .features
        let reading = try InterventionModel.fit(Self.screen(), options: options)
        let found = try shifts(reading)
        #expect(found[0] != found[1])
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("model-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try reading.save(to: folder)
        #expect(try InterventionModel.load(from: folder) == reading)
    }
}
