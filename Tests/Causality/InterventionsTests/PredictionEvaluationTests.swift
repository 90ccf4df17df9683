import Matrices
import Screens
import Testing

@testable import Interventions

@Suite struct PredictionEvaluationTests {
    static let encoding = try? PerturbationEncoding(
        perturbations: ["a", "b", "c", "d"],
        table: FeatureTable(
            perturbations: ["a", "b", "c", "d"], features: ["f"],
            values: Matrix(rows: 4, columns: 1, values: [-3, -1, 1, 3])), individuality: 0)

    @Test("Baselines are what their names say")
    func baselines() throws {
        let encoding = try #require(Self.encoding)
        let contexts = ["a", "b", "c", "d"].flatMap { name in
            [1.0, 10].map { Context(perturbation: name, dose: $0) }
        }
        // Gene 0 follows the feature, gene 1 the dose.
        let shifts: [Double] = [-3.0, -1, 1, 3].flatMap { (x: Double) -> [Double] in [x, 1, x, 2] }
        let baselines = PredictionBaselines(genes: 2, contexts: contexts, shifts: shifts, encoding: encoding)
        let query = PerturbationQuery(perturbation: "new", dose: 10, features: [2])
        #expect(baselines.predict(.noChange, query) == [0, 0])
        #expect(baselines.predict(.trainingMean, query) == [0, 2])
        #expect(baselines.predict(.trainingMean, .init(perturbation: "new", dose: 3, features: [2])) == [0, 1.5])
        // A truth that is linear in the feature is met up to the smallest penalty of the grid.
        let ridge = try #require(baselines.predict(.ridge, query))
        #expect(abs(ridge[0] - 2) < 0.05 && abs(ridge[1] - 2) < 0.05)
        #expect(baselines.predict(.nearestNeighbours, query) == [0, 2])
    }

    @Test("Tanimoto distance of bits, and the encoding of an unseen perturbation in the span of the measured")
    func distances() throws {
        let table = FeatureTable(
            perturbations: ["a", "b"], features: ["x", "y", "z"],
            values: Matrix(rows: 2, columns: 3, values: [1, 1, 0, 0, 1, 1]))
        let encoding = try PerturbationEncoding(perturbations: ["a", "b"], table: table, individuality: 0.5)
        #expect(encoding.isBinary)
        #expect(abs(encoding.distance([1, 1, 0], [0, 1, 1]) - 2.0 / 3) < 1e-12)
        // Distances between measured perturbations survive the rotation: each differing bit is 2 standard deviations.
        let a = encoding.encodedFeatures([1, 1, 0])
        let b = encoding.encodedFeatures([0, 1, 1])
        let square = zip(a, b).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(abs(square - 8) < 1e-5)
        #expect(try encoding.encoded("new", features: [1, 0, 0]).suffix(2) == [0, 0])
    }

    @Test("Metrics by hand")
    func metrics() {
        let values = InterventionModel.metrics([1, 2, 3, 0], [2, 4, 6, 0], topGenes: 2).map(\.1)
        #expect(abs(values[0] - 1) < 1e-12)
        #expect(abs(values[1] - (14.0 / 4).squareRoot()) < 1e-12)
        #expect(values[2] == 1)
        #expect(InterventionModel.metrics([0, 0], [1, -1], topGenes: 2).map(\.1) == [0, 1, 0.5])
    }

    @Test("Held-out drugs are predicted better than by no change where features tell the targets")
    func evaluation() throws {
        let planted = PlantedScreen(drugs: 20)
        var options = PlantedScreen.quick
        options.ensembleSize = 1
        let (evaluation, model) = try InterventionModel.evaluate(
            planted.screen, heldOut: ["drug3", "drug8", "drug12", "drug16"], options: options, topGenes: 3)
        #expect(!model.perturbations.contains("drug3") && model.perturbations.count == 16)
        let comparison = evaluation.comparisons.first {
            $0.metric.hasPrefix("root") && $0.baseline == PredictionBaseline.noChange.rawValue
        }
        #expect(comparison?.verdict == .beats)
        #expect(evaluation.comparisons.count == 12)
        #expect(evaluation.scores.count == 4 * 2 * 5 * 3)
        #expect(throws: InterventionError.self) {
            try InterventionModel.evaluate(planted.screen, heldOut: ["nobody"], options: options)
        }
    }
}
