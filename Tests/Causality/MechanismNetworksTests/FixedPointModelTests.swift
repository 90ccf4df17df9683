import Foundation
import Graphs
import Matrices
import Mechanisms
import Networks
import Probability
import Testing

@testable import MechanismNetworks

struct FixedPointModelTests {
    private let golden: GoldenFixture

    init() throws { golden = try GoldenFixture() }

    private var card: FixedPointCard {
        FixedPointCard(
            name: "fixed points", version: "1", network: GoldenFixture.options, trainingDistribution: "none",
            nodes: 2...6, rows: 10...12, worldsSeen: 0, steps: 0, trainingSeconds: 0, cores: 1, validation: [],
            intendedUse: "tests", limits: "all")
    }

    private func file(_ card: FixedPointCard) throws -> SafeTensors {
        SafeTensors(entries: golden.weights.entries(), metadata: try card.metadata())
    }

    @Test func aFileIsReadBack() throws {
        let model = try FixedPointModel(try file(card))
        #expect(model.card == card)
        let rows = golden.matrix("rows")
        let graph = DirectedGraph(nodeCount: 6, edges: [Edge(0, 1), Edge(1, 5)])
        let context = try MechanismContext(values: rows, names: (0..<6).map { "x\($0)" }, graph: graph)
        let mechanisms = try model.mechanisms(of: context, workers: 2)
        let expected = golden.network.mechanisms(
            of: context.values, parents: graph.parents, weights: golden.weights, workers: 1)
        let points = Matrix<Float>(rows: 3, columns: 1, values: [-1, 0, 2])
        #expect(mechanisms.means(of: 5, parents: points) == expected.means(of: 5, parents: points))
        #expect(Set(mechanisms.means(of: 5, parents: points)).count == 3)
    }

    /// As many as are read, spread evenly.
    @Test func manyRowsAreReadInPart() throws {
        var stream = RandomStream(seed: 1)
        let values = Matrix<Float>(
            rows: 2 * FixedPointModel.mostRows, columns: 2,
            values: (0..<4 * FixedPointModel.mostRows).map { _ in Float(stream.normal()) })
        let context = try MechanismContext(
            values: values, names: ["a", "b"], graph: DirectedGraph(nodeCount: 2, edges: [Edge(0, 1)]))
        let found = try FixedPointModel(try file(card)).mechanisms(of: context, workers: 1)
        let half = context.values.selectingRows(Array(stride(from: 0, to: values.rows, by: 2)))
        let expected = golden.network.mechanisms(
            of: half, parents: [[], [0]], weights: golden.weights, workers: 1)
        let points = Matrix<Float>(rows: 2, columns: 1, values: [-1, 1])
        #expect(found.means(of: 1, parents: points) == expected.means(of: 1, parents: points))
    }

    @Test func otherFilesAreRefused() throws {
        var impossible = card
        impossible.network.encoder.heads = 0
        for (metadata, code) in [
            ([:], "MISMATCH"), (["card": "{}"], "MISMATCH"),
            (["kind": "fixed points", "card": "{}"], "MALFORMED"), (try impossible.metadata(), "MALFORMED"),
        ] as [([String: String], String)] {
            let error = #expect(throws: WeightsError.self) {
                try FixedPointModel(SafeTensors(entries: golden.weights.entries(), metadata: metadata))
            }
            #expect(error?.code == code)
        }
        // Weights of another size than the card's.
        var larger = card
        larger.network.headWidth += 1
        #expect(throws: WeightsError.self) { try FixedPointModel(file(larger)) }
    }
}
