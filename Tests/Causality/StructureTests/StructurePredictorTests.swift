import AnnotatedData
import Foundation
import Matrices
import Networks
import Probability
import Screens
import Tensors
import Testing

@testable import Structure

@Suite struct StructurePredictorTests {
    static func tensors(features: [String] = PairFeatures.names, genes: ClosedRange<Int> = 2...8) throws -> SafeTensors
    {
        let (network, weights) = PairwiseNetworkTests.small(featureCount: features.count)
        let card = ModelCard(
            name: "test", version: "0", network: .pairwise(network.options), features: features,
            trainingDistribution: "none",
            genes: genes, cells: 50...100, worldsSeen: 0, steps: 0, trainingSeconds: 0, cores: 1, validation: [],
            intendedUse: "tests", limits: "untrained")
        return SafeTensors(
            entries: weights.entries(),
            metadata: [ModelCard.metadataKey: String(decoding: try card.encoded(), as: UTF8.self)])
    }

    /// Cells × genes of a chain with interventions on the first two genes.
    private func data(_ n: Int, _ d: Int) -> (values: Matrix<Float>, interventions: Matrix<Float>) {
        var stream = RandomStream(seed: 2)
        var values = Matrix<Float>(rows: n, columns: d)
        var interventions = values
        for row in 0..<n {
            for gene in 0..<d {
                let parent = gene > 0 ? values[row, gene - 1] : 0
                values[row, gene] = parent * 0.8 + Float(stream.normal())
                if row % 5 == gene, gene < 2 {
                    values[row, gene] = 3
                    interventions[row, gene] = 1
                }
            }
        }
        return (values, interventions)
    }

    private func rearranged(_ matrix: Matrix<Float>, rows: [Int], columns: [Int]) -> Matrix<Float> {
        Matrix(
            rows: rows.count, columns: columns.count, values: rows.flatMap { row in columns.map { matrix[row, $0] } })
    }

    /// Panels of 6 genes are read at once, those of 20 in subsets; cells are drawn at random where they are many.
    @Test(arguments: [(6, 20_000), (20, 20_000), (6, 80)])
    func orderOfCellsAndGenesMakesNoDifference(_ d: Int, _ cellsAtMost: Int) throws {
        let predictor = try StructurePredictor(Self.tensors())
        let (values, interventions) = data(120, d)
        var options = StructureOptions()
        options.cellsAtMost = cellsAtMost
        options.genesAtOnce = 8
        let plain = try predictor.predict(
            values: values, interventions: interventions, genes: (0..<d).map { "g\($0)" }, options: options)
        let (rows, columns) = (RandomStream(seed: 4).order(120), RandomStream(seed: 5).order(d))
        let moved = try predictor.predict(
            values: rearranged(values, rows: rows, columns: columns),
            interventions: rearranged(interventions, rows: rows, columns: columns), genes: columns.map { "g\($0)" },
            options: options)
        for i in 0..<d {
            for j in 0..<d { #expect(moved.beliefs[i, j] == plain.beliefs[columns[i], columns[j]]) }
        }
        #expect(Set(plain.beliefs.probabilities.map { ($0 * 1000).rounded() }).count > 10)
    }

    @Test func panelsLargerThanThoseOfTheTrainingAreReadWhole() throws {
        let predictor = try StructurePredictor(Self.tensors())
        let (values, interventions) = data(60, 20)
        let genes = (0..<20).map { "g\($0)" }
        let whole = try predictor.predict(values: values, interventions: interventions, genes: genes)
        #expect(whole.subsetCount == 1 && whole.notices.map(\.code) == ["PANEL_OUTSIDE_TRAINING"])
    }

    /// How panels are shared among cores makes no difference: side by side, or each by all.
    @Test func panelsHaveTheSameLogitsHoweverCoresShareThem() throws {
        let tensors = try Self.tensors()
        let card = try ModelCard(tensors, file: nil)
        guard case .pairwise(let options) = card.network else { throw Mistake() }
        let reader = try PairwisePanelReader(options, features: card.features, tensors: tensors, file: nil)
        let (values, interventions) = data(60, 8)
        let cells = InterventionalCells(
            genes: (0..<8).map { "g\($0)" }, values: values, interventions: interventions)
        func logits(genes: Int, workers: Int) -> [[Float]] {
            reader.read(2, genes: genes, workers: Workers(count: workers)) {
                cells.panel(cells: Array(0..<60), genes: Array($0..<$0 + 7))
            }.map(\.logits)
        }
        let sideBySide = logits(genes: 7, workers: 2)
        #expect(sideBySide == logits(genes: 1000, workers: 3) && sideBySide == logits(genes: 7, workers: 1))
        #expect(sideBySide[0] != sideBySide[1])
    }

    private struct Mistake: Error {}

    @Test func largePanelsAreReadInSubsets() throws {
        let predictor = try StructurePredictor(Self.tensors())
        let (values, interventions) = data(60, 20)
        let genes = (0..<20).map { "g\($0)" }
        var seen = [Int]()
        var options = StructureOptions()
        options.genesAtOnce = 8
        let first = try predictor.predict(
            values: values, interventions: interventions, genes: genes, options: options
        ) { done, total in
            seen.append(done)
            #expect(done <= total)
        }
        #expect(first.subsetCount > 1 && seen.last == first.subsetCount)
        #expect(first.notices.map(\.code) == ["GENE_SUBSETS"])
        let again = try predictor.predict(
            values: values, interventions: interventions, genes: genes, options: options)
        #expect(first == again)
        var other = options
        other.seed = 1
        let second = try predictor.predict(values: values, interventions: interventions, genes: genes, options: other)
        #expect(first.beliefs != second.beliefs)
    }

    @Test func genesWithoutEvidenceHaveNoEdgesAndChangeNoOthers() throws {
        let predictor = try StructurePredictor(Self.tensors())
        let (values, interventions) = data(60, 4)
        let plain = try predictor.predict(values: values, interventions: interventions, genes: ["a", "b", "c", "d"])
        #expect(plain.notices.isEmpty)
        // The same cells with a gene that is always 4 in the middle.
        func widened(_ matrix: Matrix<Float>, _ value: Float) -> Matrix<Float> {
            Matrix(
                rows: 60, columns: 5,
                values: (0..<60).flatMap { row in
                    [matrix[row, 0], matrix[row, 1], value, matrix[row, 2], matrix[row, 3]]
                })
        }
        let genes = ["a", "b", "silent", "c", "d"]
        let result = try predictor.predict(
            values: widened(values, 4), interventions: widened(interventions, 0), genes: genes)
        #expect(result.notices.map(\.code) == ["CONSTANT_GENES"])
        #expect(result.notices[0].message.contains("1 gene has the same value in all cells (silent)"))
        let places = [0, 1, 3, 4]
        for (i, a) in places.enumerated() {
            #expect(result.beliefs[a, 2] == 0 && result.beliefs[2, a] == 0)
            for (j, b) in places.enumerated() where i != j {
                // Cells are read in another order, so that sums round otherwise.
                #expect(abs(result.beliefs[a, b] - plain.beliefs[i, j]) < 1e-5)
            }
        }
        #expect(plain.beliefs.ranked.allSatisfy { $0.probability > 0 })
    }

    @Test func cellsOfUnknownTargetsAreLeftOut() throws {
        let predictor = try StructurePredictor(Self.tensors())
        let (values, interventions) = data(100, 4)
        let contexts = [
            Context(perturbation: "control", isControl: true), Context(perturbation: "kd0"),
            Context(perturbation: "kd1"),
            Context(perturbation: "drug"),
        ]
        // The drug's cells have values of their own, which must not matter.
        var expression = values
        var contextOfCell = (0..<100).map { row in row % 5 < 2 ? 1 + row % 5 : 0 }
        for gene in 0..<4 { expression.values += [Float(gene) * 7] }
        expression = Matrix(rows: 101, columns: 4, values: expression.values)
        contextOfCell.append(3)
        let screen = PerturbationScreen(
            genes: ["a", "b", "c", "d"], expression: expression, scale: .logIntensity, contexts: contexts,
            contextOfCell: contextOfCell, knownTargets: ["kd0": ["a"], "kd1": ["b", "elsewhere"]])
        let result = try predictor.predict(screen: screen)
        #expect(result.notices.map(\.code) == ["UNKNOWN_TARGETS"])
        #expect(
            result.notices[0].message == "1 of 101 cells had a perturbation without a known target among the genes and "
                + "was left out of structure learning: 1 perturbation (drug).")
        let plain = try predictor.predict(values: values, interventions: interventions, genes: screen.genes)
        #expect(result.beliefs == plain.beliefs)
        let all = try predictor.predict(
            screen: PerturbationScreen(
                genes: screen.genes, expression: values, scale: .counts, contexts: [Context(perturbation: "drug")],
                contextOfCell: Array(repeating: 0, count: 100)))
        #expect(all.notices.map(\.code) == ["NO_KNOWN_INTERVENTIONS", "TOTALS_NOT_NORMALISED"])
    }

    @Test func foreignWeightsAreRefused() throws {
        func error(_ tensors: SafeTensors) -> WeightsError? {
            #expect(throws: WeightsError.self) { try StructurePredictor(tensors, file: "w") }
        }
        var tensors = try Self.tensors()
        #expect(try error(Self.tensors(features: ["x"]))?.code == "MISMATCH")
        let removed = tensors.entries.removeLast()
        #expect(error(tensors)?.message.contains("weights for the network") == true)
        tensors.entries.append(.init(name: "another", shape: removed.shape, values: removed.values))
        #expect(error(tensors)?.element == removed.name)
        let card = tensors.metadata["card"]!
        tensors.metadata["card"] = card.replacingOccurrences(of: "\"blocks\" : 2", with: "\"blocks\" : 4096")
        #expect(error(tensors)?.code == "MISMATCH")
        tensors.metadata["card"] = card.replacingOccurrences(
            of: "\"features\" : \\[[^]]*\\]", with: "\"features\" : []", options: .regularExpression)
        #expect(error(tensors)?.code == "MALFORMED")
        tensors.metadata = [:]
        #expect(error(tensors)?.element == "card")
        tensors.metadata = ["card": "{}"]
        #expect(error(tensors)?.code == "MALFORMED")
        let zero = try Self.tensors().metadata["card"]!.replacingOccurrences(of: "\"heads\" : 2", with: "\"heads\" : 0")
        tensors.metadata = ["card": zero]
        #expect(error(tensors)?.code == "MALFORMED")
        // Of one channel a large factor would need few weights.
        let factor = try Self.tensors().metadata["card"]!.replacingOccurrences(
            of: "\"feedForwardFactor\" : [0-9]+", with: "\"feedForwardFactor\" : 65", options: .regularExpression)
        tensors.metadata = ["card": factor]
        #expect(error(tensors)?.message.contains("size is impossible") == true)
    }

    /// As many genes as the card says are read at once, whatever memory that takes.
    @Test func aCardMayNotClaimAnyPanel() throws {
        #expect(try StructurePredictor(Self.tensors(genes: 2...1000)).card.genes == 2...1000)
        let tensors = try Self.tensors(genes: 2...1001)
        let error = #expect(throws: WeightsError.self) { try StructurePredictor(tensors, file: "w") }
        #expect(error?.code == "MALFORMED" && error?.element == "card" && error?.file == "w")
        #expect(error?.message.contains("panels of 1 to 1000 genes in training, found 2 to 1001") == true)
    }
}
