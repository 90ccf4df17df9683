import AnnotatedData
import Foundation
import Graphs
import Interventions
import Matrices
import Probability
import Screens
import Testing

@testable import Explanations

@Suite struct ExplainerTests {
    /// Four genes in a chain of effects 0.8; eight drugs, drug i shifts gene i mod 4 at one dose.
    static let model: InterventionModel? = {
        var random = RandomStream(seed: 11)
        var values: [Float] = []
        var contexts = [Context(perturbation: "vehicle", isControl: true)]
        contexts += (0..<8).map { Context(perturbation: "drug\($0)") }
        var contextOfCell: [Int] = []
        for context in contexts.indices {
            for _ in 0..<(context == 0 ? 80 : 30) {
                var last = 0.0
                for gene in 0..<4 {
                    let push = context > 0 && (context - 1) % 4 == gene ? 3.0 : 0
                    last = (gene == 0 ? 0 : 0.8 * last) + 0.6 * random.normal() + push
                    values.append(Float(last))
                }
                contextOfCell.append(context)
            }
        }
        let screen = PerturbationScreen(
            genes: ["A", "B", "C", "D"], expression: Matrix(rows: contextOfCell.count, columns: 4, values: values),
            scale: .log1p, contexts: contexts, contextOfCell: contextOfCell,
            features: FeatureTable(
                perturbations: (0..<8).map { "drug\($0)" }, features: ["A", "B", "C", "D"],
                values: Matrix(rows: 8, columns: 4, values: (0..<32).map { $0 % 4 == ($0 / 4) % 4 ? 1 : 0 })))
        var options = FitOptions()
        options.ensembleSize = 1
        options.structureSteps = 500
        options.learningRate = 0.04
        options.refinementSteps = 150
        options.hiddenUnits = 2
        // The room under test explains models; that the graph is found is tested where it is fitted.
        let beliefs = EdgeBeliefs(
            genes: screen.genes, probabilities: (0..<16).map { $0 % 4 == $0 / 4 + 1 ? 0.95 : 0.001 })
        return try? InterventionModel.fit(screen, beliefs: beliefs, options: options)
    }()

    @Test("A drug's shift is direct on its target and mediated below it; parts and shift agree")
    func perturbation() throws {
        let explainer = try Explainer(model: #require(Self.model))
        let explanation = try explainer.explain(.init(perturbation: "drug1"), topGenes: nil)
        #expect(explanation.targets.first?.gene == "B")
        let genes = Dictionary(uniqueKeysWithValues: explanation.genes.map { ($0.gene, $0) })
        let below = try #require(genes["C"])
        let target = try #require(genes["B"])
        #expect(abs(target.direct) > 5 * abs(target.mediated))
        #expect(abs(below.mediated) > 5 * abs(below.direct))
        #expect(below.from.first?.target == "B")
        for gene in explanation.genes {
            #expect(abs(gene.direct + gene.mediated + gene.residual + gene.unexplained - gene.shift) < 1e-9)
            #expect(abs(gene.unexplained) < 1e-9)
        }
        #expect(explanation.genes.map { abs($0.shift) } == explanation.genes.map { abs($0.shift) }.sorted(by: >))
        // drug5 has the same features.
        #expect(explanation.nearest.first == .init(perturbation: "drug5", distance: 0))
        let stored = try JSONEncoder().encode(explanation)
        #expect(try JSONDecoder().decode(PerturbationExplanation.self, from: stored) == explanation)
    }

    @Test("Where likeness answers alone, no part of the shift is the causal model's")
    func likenessAlone() throws {
        let model = try #require(Self.model)
        let query = PerturbationQuery(perturbation: "drug1")
        let own = try model.predict(query)
        let explainer = try Explainer(model: model)
        let alone = try explainer.explain(query, predicted: Self.told(own, causalWeight: 0), topGenes: nil)
        #expect(alone.causalShare == 0)
        #expect(alone.basis.hasPrefix("Likeness to measured treatments tells the whole shift"))
        for gene in alone.genes {
            #expect(gene.direct == 0 && gene.mediated == 0 && gene.residual == gene.shift && gene.unexplained == 0)
        }
        let causal = try explainer.explain(query, predicted: own, topGenes: nil)
        #expect(causal.causalShare == 1 && causal.basis == "The causal model explains the whole shift.")
        #expect(alone.targets == causal.targets)
        #expect((alone.targets.first?.attributed ?? 0) > 0)
        // A quarter of every shift, so a quarter of every part.
        let mixed = try explainer.explain(query, predicted: Self.told(own, causalWeight: 0.25), topGenes: nil)
        #expect(abs(mixed.causalShare - 0.25) < 1e-12 && mixed.basis.contains("explains 25 % of the shift"))
        for (part, whole) in zip(mixed.genes, causal.genes) {
            #expect(abs(part.direct - 0.25 * whole.direct) < 1e-12 && abs(part.unexplained) < 1e-9)
        }
    }

    /// The same shift, as if the causal model counted for so much of it.
    private static func told(_ own: PredictedPerturbation, causalWeight: Double) -> PredictedPerturbation {
        PredictedPerturbation(
            perturbation: own.perturbation, dose: own.dose, genes: own.genes, controlMean: own.controlMean,
            predictedMean: own.predictedMean, shift: own.shift, lower: own.lower, upper: own.upper,
            targetProbability: own.targetProbability, interventionLocation: own.interventionLocation,
            interventionScale: own.interventionScale, directEffect: own.directEffect, causalWeight: causalWeight,
            residual: own.shift.map { (1 - causalWeight) * $0 }, halfEffectiveDose: own.halfEffectiveDose,
            hillSlope: own.hillSlope, isMeasured: own.isMeasured, featureDistance: own.featureDistance,
            nearestPerturbation: own.nearestPerturbation, distanceName: own.distanceName,
            isOutOfSupport: own.isOutOfSupport)
    }

    @Test("What reaches the end of the chain comes along the chain, by the product of its effects")
    func paths() throws {
        let model = try #require(Self.model)
        let explanation = try Explainer(model: model).explain(.init(perturbation: "drug0"), topGenes: nil)
        let end = try #require(explanation.genes.first { $0.gene == "D" })
        let origin = try #require(end.from.first)
        #expect(origin.target == "A")
        let path = try #require(origin.paths.first)
        #expect(path.genes == ["A", "B", "C", "D"])
        // The model has one graph.
        #expect(path.probability == 1)
        let product = (0..<3).reduce(1.0) { $0 * model.effect(of: $1, on: $1 + 1) }
        #expect(abs(path.effect - product) < 1e-12)
        // Every path of a contribution leads from its target to the gene.
        for gene in explanation.genes {
            for origin in gene.from {
                #expect(origin.paths.allSatisfy { $0.genes.first == origin.target && $0.genes.last == gene.gene })
            }
        }
        // Shifts add up in a linear model: nothing is simulated.
        #expect(explanation.genes.allSatisfy { $0.directError == 0 && $0.mediatedError == 0 })
    }

    @Test("Paths are the strongest of each graph, and say in how many graphs they stand")
    func pathsOverGraphs() {
        let graphs = [[(0, 1), (1, 2), (2, 3)], [(0, 1), (1, 3)], [(0, 1), (1, 2), (2, 3), (1, 3)]].map { edges in
            DirectedGraph(nodeCount: 4, edges: edges.map { Edge($0.0, $0.1) })
        }
        let paths = EffectPaths(genes: ["A", "B", "C", "D"], graphs: graphs) { edge in edge == Edge(1, 3) ? 0.1 : 0.5 }
        let found = paths.strongest(from: 0, to: 3, atMost: 5)
        // 0.5³ where C → D stands, 0.5 · 0.1 where B → D does: either in two graphs of three.
        #expect(found.map(\.genes) == [["A", "B", "C", "D"], ["A", "B", "D"]])
        #expect(found.map(\.effect) == [0.125, 0.05])
        let twoThirds = 2.0 / 3
        #expect(found.map(\.probability) == [twoThirds, twoThirds])
        #expect(paths.strongest(from: 3, to: 0, atMost: 5).isEmpty)
        #expect(paths.strongest(from: 0, to: 3, atMost: 1).count == 1)
        #expect(paths.share(Edge(2, 3)) == twoThirds)
        #expect(paths.share(Edge(3, 2)) == 0)
    }

    @Test("A gene's regulators and perturbations are those planted")
    func gene() throws {
        let explainer = try Explainer(model: #require(Self.model))
        let explanation = try explainer.explain(gene: "C")
        #expect(explanation.regulators.first?.gene == "B")
        // Planted 0.8; noise 0.6 over about 260 cells whose regulator varies by more than 1: error about 0.04.
        #expect(abs((explanation.regulators.first?.effect ?? 0) - 0.8) < 0.15)
        #expect(explanation.regulators.first?.agreement == 1)
        #expect(explanation.regulated.first?.gene == "D")
        #expect(explanation.perturbations.first?.perturbation == "drug2")
        #expect(throws: InterventionError.self) { try explainer.explain(gene: "Z") }
    }
}
