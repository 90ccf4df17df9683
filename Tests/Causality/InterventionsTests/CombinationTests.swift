import Foundation
import Screens
import Testing

@testable import Interventions

@Suite struct CombinationTests {
    /// Four singles, each on a gene of its own, and one double.
    static func screen() -> PerturbationScreen {
        var screen = PlantedScreen(genes: 4, drugs: 5, doses: [nil], cells: 30, controls: 60, hasFeatures: false).screen
        // What its cells are does not matter here: the question is how it is told.
        screen.contexts = screen.contexts.map { context in
            var context = context
            if context.perturbation == "drug4" { context.perturbation = "drug0+drug1" }
            return context
        }
        screen.combinations = ["drug0+drug1": ["drug0", "drug1"]]
        return screen
    }

    static let model = try? InterventionModel.fit(
        screen(),
        options: {
            var options = PlantedScreen.quick
            options.ensembleSize = 1
            return options
        }(), seed: 3)

    @Test("Of a double that nobody measured the parts' shifts add up")
    func unseen() throws {
        let model = try #require(Self.model)
        let singles = try ["drug2", "drug3"].map { try model.predict(.init(perturbation: $0)).shift }
        let context = Context(perturbation: "drug2+drug3")
        let query = try #require(
            model.query(for: context, features: nil, combinations: ["drug2+drug3": ["drug2", "drug3"]]))
        let double = try model.predict(query)
        #expect(!double.isMeasured && !double.isOutOfSupport)
        for j in 0..<4 {
            // Shift interventions of linear mechanisms: E(Σ I m) is the sum of the parts' π m.
            #expect(abs(double.shift[j] - singles[0][j] - singles[1][j]) < 1e-9)
        }
        #expect(model.query(for: context, features: nil) == nil)
        #expect { try model.predict(.init(perturbation: "x", parts: ["drug2", "other"])) } throws: {
            ($0 as? InterventionError)?.code == "UNSEEN_PART"
        }
    }

    @Test("A measured double is known by its parts, and the model keeps them on disk")
    func measured() throws {
        let model = try #require(Self.model)
        #expect(model.parts == ["drug0", "drug1", "drug2", "drug3"])
        #expect(model.perturbations.sorted() == ["drug0", "drug0+drug1", "drug1", "drug2", "drug3"])
        let query = try #require(model.query(for: .init(perturbation: "drug0+drug1"), features: nil))
        #expect(try model.predict(query).isMeasured)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("model-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try model.save(to: folder)
        #expect(try InterventionModel.load(from: folder) == model)
    }

    @Test("A question without parts and covariates reads as it used to")
    func questions() throws {
        let old = try JSONDecoder().decode(
            PerturbationQuery.self, from: Data(#"{"perturbation": "a", "dose": 2}"#.utf8))
        #expect(old == PerturbationQuery(perturbation: "a", dose: 2))
        let new = PerturbationQuery(perturbation: "a+b", parts: ["a", "b"], covariates: ["line": "A"])
        #expect(try JSONDecoder().decode(PerturbationQuery.self, from: JSONEncoder().encode(new)) == new)
    }
}
