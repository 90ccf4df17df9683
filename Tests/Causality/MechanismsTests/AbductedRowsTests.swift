import Graphs
import Matrices
import Probability
import Testing

@testable import Mechanisms

/// F of two parents p, q: p² + p q, of one parent: its sine-like cube; none for roots.
private struct BentMechanisms: NodeMechanisms, MechanismModel {
    func mechanisms(of context: MechanismContext, workers: Int) -> any NodeMechanisms { self }

    func means(of node: Int, parents: Matrix<Float>) -> [Float] {
        (0..<parents.rows).map { row in
            switch parents.columns {
            case 0: 0
            case 1: parents[row, 0] - 0.1 * parents[row, 0] * parents[row, 0] * parents[row, 0]
            default: parents[row, 0] * parents[row, 0] + parents[row, 0] * parents[row, 1]
            }
        }
    }
}

struct AbductedRowsTests {
    /// a → b → d, a → c, c → d; e alone.
    private let graph = DirectedGraph(
        nodeCount: 5, edges: [Edge(0, 1), Edge(1, 3), Edge(0, 2), Edge(2, 3)])

    private func rows() -> Matrix<Float> {
        var stream = RandomStream(seed: 4)
        var values = Matrix<Float>(rows: 30, columns: 5, values: stream.normals(150))
        for row in 0..<30 { values[row, 2] = 2 * values[row, 2] + 7 }
        return values
    }

    private func abducted(_ model: some MechanismModel) throws -> (model: StructuralModel, rows: AbductedRows) {
        let context = try MechanismContext(values: rows(), names: ["a", "b", "c", "d", "e"], graph: graph)
        let model = try StructuralModel(context, by: model, workers: 1)
        return (model, try AbductedRows(rows(), by: model, workers: 1))
    }

    @Test("Changes are those of the rows made again from their noise, shifted where a shift acts")
    func changesAreOfTheSameNoise() throws {
        let (model, cells) = try abducted(BentMechanisms())
        let changes = cells.changes(shifts: [0: 0.8, 2: -1], settings: [1: 0.3])
        var noise = try model.noise(of: rows(), workers: 1)
        for row in 0..<30 {
            noise[row, 0] += 0.8
            noise[row, 2] -= 1
        }
        let whole = try model.values(noise: noise, interventions: [1: 0.3])
        for row in 0..<30 {
            for node in 0..<5 {
                // Single precision of numbers up to 10, whose standardised squares go into d.
                #expect(abs(rows()[row, node] + changes[row, node] - whole[row, node]) < 1e-3)
            }
        }
        #expect(Set((0..<30).map { changes[$0, 3] }).count > 20)
    }

    @Test("What no intervention reaches does not change, not even by rounding")
    func unreached() throws {
        let (_, cells) = try abducted(BentMechanisms())
        let changes = cells.changes(shifts: [2: 1])
        for row in 0..<30 {
            #expect(changes[row, 0] == 0 && changes[row, 1] == 0 && changes[row, 4] == 0)
            // In standardised units and back.
            #expect(abs(changes[row, 2] - 1) < 1e-5 && changes[row, 3] != 0)
        }
        #expect(cells.changes().values.allSatisfy { $0 == 0 })
    }

    @Test("Along straight mechanisms a shift arrives times the slopes of its paths")
    func straight() throws {
        let (model, cells) = try abducted(LeastSquaresModel())
        let means = { (node: Int, parents: [Float]) in
            model.mechanisms.means(of: node, parents: Matrix(rows: 1, columns: parents.count, values: parents))[0]
        }
        // Slopes in standardised units.
        let ab = means(1, [1]) - means(1, [0])
        let ac = means(2, [1]) - means(2, [0])
        let bd = means(3, [1, 0]) - means(3, [0, 0])
        let cd = means(3, [0, 1]) - means(3, [0, 0])
        let deviations = model.context.deviations
        let expected = Double(ab * bd + ac * cd) / deviations[0] * deviations[3]
        let changes = cells.changes(shifts: [0: 1])
        for row in 0..<30 { #expect(abs(Double(changes[row, 3]) - expected) < 1e-4) }
    }
}
