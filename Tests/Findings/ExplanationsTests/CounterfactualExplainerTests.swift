import Foundation
import Interventions
import Matrices
import Mechanisms
import Probability
import Testing

@testable import Explanations

/// Controls of the chain A → B → C → D of effects 0.8 that `ExplainerTests` fits.
@Suite struct CounterfactualExplainerTests {
    private func controls(_ count: Int = 200, kinds: Int = 1) -> (values: Matrix<Float>, kinds: [Int]) {
        var random = RandomStream(seed: 12)
        var values = Matrix<Float>(rows: count, columns: 4)
        for cell in 0..<count {
            var last = 0.0
            for gene in 0..<4 {
                last = (gene == 0 ? 0 : 0.8 * last) + 0.6 * random.normal()
                // Kinds differ by what no regulator explains.
                values[cell, gene] = Float(last + (gene == 3 ? 20 : 0) * Double(cell % kinds))
            }
        }
        return (values, (0..<count).map { $0 % kinds })
    }

    private func explained(
        _ name: String, controls: (values: Matrix<Float>, kinds: [Int]), graphs: Int = 8, workers: Int = 2,
        edit: (PredictedPerturbation) -> PredictedPerturbation = { $0 }
    ) throws -> CounterfactualExplanation {
        let model = try #require(ExplainerTests.model)
        let query = PerturbationQuery(perturbation: name)
        let predicted = edit(try model.predict(query))
        let explainer = try CounterfactualExplainer(
            model: model, queries: [(query, predicted)], controls: controls.values, kinds: controls.kinds,
            reader: LeastSquaresModel(), graphs: graphs, seed: 1, workers: workers)
        return explainer.explain(0, query, predicted)
    }

    @Test("Cells move on the target as attributed and below it by the slopes of the controls")
    func chain() throws {
        let found = try explained("drug1", controls: controls())
        #expect(found.abstention == nil && found.cells == 200)
        #expect(found.interventions.first?.gene == "B")
        let pushed = try #require(found.interventions.first?.value)
        let genes = Dictionary(uniqueKeysWithValues: found.genes.map { ($0.gene, $0) })
        #expect(genes["A"] == nil)
        // 200 cells tell a slope of 0.8 to about 0.05; the fixture pushes by 3.
        for (gene, factor) in [("B", 1), ("C", 0.8), ("D", 0.64)] {
            let one = try #require(genes[gene])
            #expect(abs(one.shift - factor * pushed) < 0.1 * abs(pushed))
            #expect(one.up == 1 && one.down == 0)
            #expect(one.lower <= one.shift && one.shift <= one.upper)
            // Along straight lines all cells move alike.
            #expect(one.quantiles.allSatisfy { abs($0 - one.shift) < 1e-3 })
        }
        // The model was fitted to the same world: both say nearly the same.
        #expect(try #require(found.explained) > 0.9)
        let stored = try JSONEncoder().encode(found)
        #expect(try JSONDecoder().decode(CounterfactualExplanation.self, from: stored) == found)
    }

    @Test("The number of threads changes nothing")
    func workers() throws {
        #expect(try explained("drug2", controls: controls(), workers: 1) == explained("drug2", controls: controls()))
    }

    @Test("Differences between kinds of controls are not taken for regulation")
    func kinds() throws {
        let one = try explained("drug0", controls: controls())
        let two = try explained("drug0", controls: controls(kinds: 2))
        let pooled = try explained("drug0", controls: (controls(kinds: 2).values, controls().kinds))
        func end(_ found: CounterfactualExplanation) throws -> Double {
            try #require(found.genes.first { $0.gene == "D" }).shift
        }
        // Means of 100 cells a kind are known to 0.1.
        #expect(try abs(end(one) - end(two)) < 0.15)
        #expect(try abs(end(pooled) - end(two)) > 0.001)
    }

    @Test("It abstains where no target is attributed, where no graph may be followed and where controls are few")
    func abstains() throws {
        let without = try explained("drug1", controls: controls()) { predicted in
            PredictedPerturbation(
                perturbation: predicted.perturbation, dose: nil, genes: predicted.genes,
                controlMean: predicted.controlMean, predictedMean: predicted.predictedMean, shift: predicted.shift,
                lower: predicted.lower, upper: predicted.upper, targetProbability: [0.1, 0.4, 0, 0],
                interventionLocation: predicted.interventionLocation,
                interventionScale: predicted.interventionScale, directEffect: predicted.directEffect,
                causalWeight: predicted.causalWeight,
                residual: predicted.residual, halfEffectiveDose: nil, hillSlope: nil, isMeasured: true,
                featureDistance: nil, nearestPerturbation: nil, distanceName: nil, isOutOfSupport: false)
        }
        #expect(try #require(without.abstention).contains("no gene is attributed"))
        #expect(without.genes.isEmpty && without.interventions.isEmpty && without.explained == nil)
        let few = try explained("drug1", controls: controls(5))
        #expect(try #require(few.abstention).contains("control cells"))
    }
}
