import AnnotatedData
import Foundation
import Matrices
import Networks
import Probability
import Screens
import Tensors
import Testing

@testable import Structure

/// `StructurePredictor` with weights of the network that reads cells.
@Suite struct CellPanelReaderTests {
    static func tensors(
        input: InputStandardisation = .zScores, change: (inout EdgePredictorOptions) -> Void = { _ in }
    ) throws -> SafeTensors {
        let (network, weights) = EdgePredictorTests.small()
        var options = network.options
        options.input = input
        change(&options)
        let card = ModelCard(
            name: "cells", version: "0", network: .avici(options), trainingDistribution: "none", genes: 2...8,
            cells: 50...100, steps: 0, validation: [], intendedUse: "tests", limits: "untrained")
        return SafeTensors(
            entries: weights.entries(),
            metadata: [ModelCard.metadataKey: String(decoding: try card.encoded(), as: UTF8.self)])
    }

    private func counts(_ n: Int, _ d: Int) -> Matrix<Float> {
        var stream = RandomStream(seed: 6)
        let values = (0..<n * d).map { Float(stream.poisson(mean: Double($0 % d) + 0.5)) }
        return Matrix(rows: n, columns: d, values: values)
    }

    private func logarithms(_ counts: Matrix<Float>, factor: (Int) -> Float) -> Matrix<Float> {
        Matrix(
            rows: counts.rows, columns: counts.columns,
            values: counts.values.enumerated().map { log1p($1 * factor($0 / counts.columns)) })
    }

    private let genes = ["a", "b", "c", "d", "e", "f"]

    @Test func theCardPicksTheNetwork() throws {
        let predictor = try StructurePredictor(Self.tensors())
        let (network, weights) = EdgePredictorTests.small()
        let values = counts(60, 6)
        let prediction = try predictor.predict(values: values, genes: genes)
        let x = InputStandardisation.zScores.encoded(values: values, interventions: nil)
        let logits = network.logits(of: x, cells: 60, genes: 6, weights: weights)
        for i in 0..<6 {
            for j in 0..<6 where i != j {
                // The predictor has an order of its own, so sums round otherwise.
                #expect(abs(prediction.beliefs[i, j] - 1 / (1 + exp(-logits[i * 6 + j]))) < 1e-5)
            }
        }
        #expect(prediction.notices.isEmpty)
        #expect(try JSONDecoder().decode(ModelCard.self, from: predictor.card.encoded()) == predictor.card)
    }

    /// To the last bit, in panels that are read at once (6 genes) and in subsets (12).
    @Test(arguments: [6, 12]) func orderOfCellsAndGenesMakesNoDifference(_ d: Int) throws {
        let predictor = try StructurePredictor(Self.tensors())
        let values = counts(70, d)
        var interventions = Matrix<Float>(rows: 70, columns: d)
        for cell in 0..<20 { interventions[cell, cell % 2] = 1 }
        let (rows, columns) = (RandomStream(seed: 4).order(70), RandomStream(seed: 5).order(d))
        func rearranged(_ matrix: Matrix<Float>) -> Matrix<Float> {
            Matrix(rows: 70, columns: d, values: rows.flatMap { row in columns.map { matrix[row, $0] } })
        }
        let plain = try predictor.predict(
            values: values, interventions: interventions, genes: (0..<d).map { "g\($0)" })
        let moved = try predictor.predict(
            values: rearranged(values), interventions: rearranged(interventions), genes: columns.map { "g\($0)" })
        for i in 0..<d {
            for j in 0..<d { #expect(moved.beliefs[i, j] == plain.beliefs[columns[i], columns[j]]) }
        }
        #expect(Set(plain.beliefs.probabilities.map { ($0 * 1000).rounded() }).count > 5)
    }

    /// Normalisation scales each cell, which shares of its total do not see: but for the rounding of logarithms there and
    /// back, counts are the same in any of its scales.
    @Test func countsComeBackFromLogarithms() throws {
        let predictor = try StructurePredictor(Self.tensors(input: .counts))
        let counts = counts(60, 6)
        let plain = try predictor.predict(
            values: logarithms(counts) { _ in 1 }, genes: genes, areCounts: true)
        let scaled = try predictor.predict(
            values: logarithms(counts) { 0.5 + Float($0 % 7) }, genes: genes, areCounts: true)
        #expect(largestDifference(plain.beliefs.probabilities, scaled.beliefs.probabilities) < 1e-4)
        let (network, weights) = EdgePredictorTests.small()
        let x = InputStandardisation.counts.encoded(values: counts, interventions: nil)
        let logits = network.logits(of: x, cells: 60, genes: 6, weights: weights)
        #expect(abs(plain.beliefs[0, 1] - 1 / (1 + exp(-logits[1]))) < 1e-4)
    }

    @Test func weightsOfCountsRefuseOtherValues() throws {
        let predictor = try StructurePredictor(Self.tensors(input: .counts))
        let error = #expect(throws: WeightsError.self) { try predictor.predict(values: counts(60, 6), genes: genes) }
        #expect(error?.code == "MISMATCH" && error?.message.contains("counts") == true)
    }

    /// Values below 0, which counts never are, and a gene without any.
    @Test(arguments: [InputStandardisation.zScores, .counts])
    func oddDataGiveBeliefsNotTraps(_ input: InputStandardisation) throws {
        let predictor = try StructurePredictor(Self.tensors(input: input))
        var values = counts(60, 4)
        values[5, 0] = -7
        for cell in 0..<60 { values[cell, 3] = 0 }
        let result = try predictor.predict(values: values, genes: ["a", "b", "c", "d"], areCounts: true)
        #expect(result.beliefs.probabilities.allSatisfy { $0.isFinite })
        #expect((0..<3).allSatisfy { result.beliefs[$0, 3] == 0 && result.beliefs[3, $0] == 0 })
        #expect(result.beliefs[0, 1] > 0)
    }

    private func error(_ tensors: SafeTensors) -> WeightsError? {
        #expect(throws: WeightsError.self) { try StructurePredictor(tensors, file: "w") }
    }

    @Test func damagedWeightsAreNamed() throws {
        let whole = try Self.tensors()
        let place = try #require(whole.entries.firstIndex { $0.name == "block1.output.weight" })
        let entry = whole.entries[place]
        var tensors = whole
        tensors.entries[place] = .init(name: entry.name, shape: entry.shape.reversed(), values: entry.values)
        #expect(error(tensors)?.element == entry.name && error(tensors)?.message.contains("shape") == true)
        tensors.entries[place] = .init(name: "block9.output.weight", shape: entry.shape, values: entry.values)
        #expect(error(tensors)?.element == entry.name && error(tensors)?.code == "MISMATCH")
        tensors = whole
        tensors.entries.append(.init(name: "block9.output.weight", shape: entry.shape, values: entry.values))
        #expect(error(tensors)?.element == "block9.output.weight" && error(tensors)?.code == "MISMATCH")
        tensors = whole
        var values = entry.values
        values[7] = .nan
        tensors.entries[place] = .init(name: entry.name, shape: entry.shape, values: values)
        #expect(error(tensors)?.element == entry.name && error(tensors)?.message.contains("nan at place 7") == true)
    }

    /// n × d × 128 channels of single precision stay about a gigabyte.
    @Test func fewerCellsOfLargerPanelsAreRead() throws {
        let predictor = try StructurePredictor(Self.tensors())
        var options = StructureOptions()
        for (genes, cells) in [(50, 20_000), (100, 20_000), (1000, 2_000)] {
            options.genesAtOnce = genes
            #expect(predictor.cellsAtMost(genes: 2000, options: options) == cells)
        }
    }

    @Test func aCardMayNotAskForMoreThanItsFileHolds() throws {
        #expect(try error(Self.tensors { $0.layers = 4096 })?.code == "MISMATCH")
        #expect(try error(Self.tensors { $0.width = 4096 })?.message.contains("weights for the network") == true)
        #expect(try error(Self.tensors { $0.heads = 0 })?.code == "MALFORMED")
        #expect(try error(Self.tensors { $0.keySize = .max })?.code == "MALFORMED")
        #expect(try error(Self.tensors { $0.dropout = 1 })?.code == "MALFORMED")
        #expect(try error(Self.tensors { $0.widening = 65 })?.code == "MALFORMED")
        var tensors = try Self.tensors()
        let card = try #require(tensors.metadata["card"])
        tensors.metadata["card"] = card.replacingOccurrences(of: "\"avici\"", with: "\"oracle\"")
        #expect(error(tensors)?.code == "MALFORMED")
        // Statistics of pairs mean nothing to a network of cells, but a pairwise one cannot do without their names.
        tensors.metadata["card"] = card.replacingOccurrences(of: "\"avici\"", with: "\"pairwise\"")
        #expect(error(tensors)?.code == "MALFORMED")
    }

    /// What the export of a published checkpoint writes: see `Pipelines/Weights/export_avici.py`.
    @Test func exportedCheckpointsAreRead() throws {
        let linear = try StructurePredictor(weightsFile: AVICIFixture.path("weights"))
        guard case .avici(let options) = linear.card.network else { throw AVICIFixture.Unexpected() }
        #expect(options.layers == 2 && options.masksDiagonal && options.input == .zScores)
        #expect(linear.card.name == "neurips-linear" && linear.card.genes == 2...50 && linear.card.steps == 300_000)
        let grown = try StructurePredictor(weightsFile: AVICIFixture.path("count_weights"))
        guard case .avici(let options) = grown.card.network else { throw AVICIFixture.Unexpected() }
        #expect(!options.masksDiagonal && options.input == .counts)
    }

    /// Cut anywhere, a file is refused.
    @Test func truncatedFilesAreRefused() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: AVICIFixture.path("weights")))
        for length in [0, 7, 8, 100, data.count / 2, data.count - 1] {
            let error = #expect(throws: WeightsError.self) {
                try StructurePredictor(SafeTensors(data: data.prefix(length), file: "w"), file: "w")
            }
            #expect(error?.code == "MALFORMED" && error?.file == "w")
        }
    }
}
