import Graphs
import Matrices
import Probability
import Testing

@testable import Mechanisms

/// F_i = 0.7 Σ parents + 0.3 (first parent)²: anything that is not linear.
private struct CurvedMechanisms: NodeMechanisms, MechanismModel {
    func mechanisms(of context: MechanismContext, workers: Int) -> any NodeMechanisms { self }

    func means(of node: Int, parents: Matrix<Float>) -> [Float] {
        (0..<parents.rows).map { row in
            guard parents.columns > 0 else { return 0.1 }
            let values = parents.row(row)
            return Float(Double(values.reduce(0, +)) * 0.7) + 0.3 * values.first! * values.first!
        }
    }
}

struct StructuralModelTests {
    private let graph = DirectedGraph(nodeCount: 4, edges: [Edge(2, 0), Edge(0, 3), Edge(2, 3), Edge(3, 1)])
    private let names = ["a", "b", "c", "d"]

    private func rows(_ count: Int = 40, seed: UInt64 = 1) -> Matrix<Float> {
        var stream = RandomStream(seed: seed)
        var values = Matrix<Float>(rows: count, columns: 4, values: stream.normals(4 * count))
        for row in 0..<count { values[row, 1] = 3 * values[row, 1] + 5 }
        return values
    }

    private func curved() throws -> StructuralModel {
        try StructuralModel(
            MechanismContext(values: rows(), names: names, graph: graph), by: CurvedMechanisms(), workers: 1)
    }

    @Test func oneSweepIsTheFixedPointOfPlainIteration() throws {
        let model = try curved()
        let noise = rows(25, seed: 2)
        let set: [Int: Float] = [0: 1.5]
        let swept = try model.values(noise: noise, interventions: set)
        // The published loop: as many rounds as nodes, from the noise itself, in standardised units.
        let n = model.context.standardised(noise: noise)
        let a = model.context.standardised(Matrix(rows: 1, columns: 4, values: [1.5, 0, 0, 0]))[0, 0]
        var z = n
        for _ in 0..<4 {
            let before = z
            for node in 0..<4 {
                let means = model.mechanisms.means(of: node, parents: before.selectingColumns(graph.parents[node]))
                for row in 0..<25 { z[row, node] = node == 0 ? a : means[row] + n[row, node] }
            }
        }
        let iterated = model.context.restored(z)
        // The same sums of single precision in the same order.
        for (x, y) in zip(swept.values, iterated.values) { #expect(abs(x - y) <= 1e-5 * max(1, abs(y))) }
    }

    @Test func withoutInterventionsCounterfactualsAreTheRows() throws {
        let model = try curved()
        let given = rows(30, seed: 3)
        let same = try model.counterfactual(of: given, interventions: [:])
        for (x, y) in zip(same.values, given.values) { #expect(abs(x - y) < 1e-4) }
    }

    @Test func linearCounterfactualsMoveByTheSlopes() throws {
        // d = 2 c exactly, b = −d exactly: setting c to 3 sets d to 6 and b to −6 whatever the noise of the rest.
        var data = rows(60, seed: 4)
        for row in 0..<60 {
            data[row, 3] = 2 * data[row, 2]
            data[row, 1] = -data[row, 3]
        }
        let chain = DirectedGraph(nodeCount: 4, edges: [Edge(2, 3), Edge(3, 1)])
        let model = try StructuralModel(
            MechanismContext(values: data, names: names, graph: chain), by: LeastSquaresModel(), workers: 1)
        let changed = try model.counterfactual(of: data, interventions: [2: 3])
        for row in 0..<60 {
            #expect(changed[row, 2] == 3 || abs(changed[row, 2] - 3) < 1e-5)
            // Slopes from single precision, through a chain of two.
            #expect(abs(changed[row, 3] - 6) < 1e-4)
            #expect(abs(changed[row, 1] + 6) < 1e-4)
            #expect(abs(changed[row, 0] - data[row, 0]) < 1e-5, "no descendant of what was set")
        }
    }

    @Test func drawnNoiseIsThatOfTheResiduals() throws {
        let model = try StructuralModel(
            MechanismContext(values: rows(400), names: names, graph: graph), by: LeastSquaresModel(), workers: 1)
        let noise = model.drawnNoise(rows: 4000, stream: RandomStream(seed: 7))
        let found = noise.columnMoments()
        let given = try model.noise(of: rows(400)).columnMoments()
        for node in 0..<4 {
            // Four standard errors of a deviation from 4,000 draws are 4.5 %.
            #expect(abs(found.standardDeviations[node] / given.standardDeviations[node] - 1) < 0.05)
            #expect(abs(found.means[node]) < 4 * found.standardDeviations[node] / 4000.0.squareRoot())
        }
    }

    /// Of 100 rows drawn one by one the mean would miss by a tenth of a deviation.
    @Test func evenNoiseHasTheMeanOfManyRows() throws {
        let model = try StructuralModel(
            MechanismContext(values: rows(400), names: names, graph: graph), by: LeastSquaresModel(), workers: 1)
        let noise = model.drawnNoise(rows: 100, evenly: true, stream: RandomStream(seed: 7))
        let found = noise.columnMoments()
        let given = try model.noise(of: rows(400)).columnMoments()
        for node in 0..<4 {
            #expect(abs(found.means[node]) < 0.01 * found.standardDeviations[node])
            #expect(abs(found.standardDeviations[node] / given.standardDeviations[node] - 1) < 0.05)
            for other in 0..<node {
                // Four standard errors of a correlation of 100 rows.
                let correlation = (0..<100).reduce(0.0) { $0 + Double(noise[$1, node] * noise[$1, other]) } / 99
                #expect(abs(correlation) < 0.4 * found.standardDeviations[node] * found.standardDeviations[other])
            }
        }
    }

    @Test func threadsDoNotMatter() throws {
        let context = try MechanismContext(values: rows(), names: names, graph: graph)
        let results = try [1, 3].map { workers in
            try StructuralModel(context, by: LeastSquaresModel(), workers: workers)
                .generated(rows: 9, interventions: [3: 2], stream: RandomStream(seed: 5))
        }
        #expect(results[0] == results[1])
    }

    @Test func rowsOfOtherColumnsAreRefused() throws {
        let model = try curved()
        #expect(throws: MechanismError.self) { try model.noise(of: Matrix(rows: 2, columns: 3)) }
    }
}

struct StructuralEnsembleTests {
    @Test func boundsHoldOneMoreAnswerAsOftenAsPromised() {
        func bounds(_ count: Int, _ level: Double) -> [Float] {
            let band = StructuralEnsemble.Band(
                of: (1...count).map { Matrix<Float>(rows: 1, columns: 1, values: [Float($0)]) }, level: level)
            return [band.lower[0, 0], band.upper[0, 0]]
        }
        // One more answer falls into each of the 20 gaps that 19 answers make, with equal probability: 18 are within.
        #expect(bounds(19, 0.9) == [1, 19])
        #expect(bounds(39, 0.9) == [2, 38])
        #expect(bounds(39, 0.5) == [10, 30])
        #expect(bounds(5, 0.9) == [1, 5])
        #expect(bounds(1, 0.9) == [1, 1])
    }

    @Test func disagreementOfGraphsWidensTheBand() throws {
        // b = a + noise: whether a is set tells graphs with a → b from those with b → a.
        var stream = RandomStream(seed: 11)
        var data = Matrix<Float>(rows: 200, columns: 2)
        for row in 0..<200 {
            data[row, 0] = Float(stream.normal())
            data[row, 1] = data[row, 0] + 0.3 * Float(stream.normal())
        }
        func band(_ forward: Float, _ backward: Float) throws -> StructuralEnsemble.Band {
            let ensemble = try StructuralEnsemble(
                values: data, names: ["a", "b"],
                beliefs: EdgeBeliefs(genes: ["a", "b"], probabilities: [0, forward, backward, 0]), graphs: 20,
                by: LeastSquaresModel(), stream: RandomStream(seed: 3), workers: 1)
            return try StructuralEnsemble.Band(
                of: ensemble.answers { model, stream in
                    let rows = try model.generated(rows: 400, interventions: [0: 2], stream: stream)
                    return Matrix(rows: 1, columns: 2, values: rows.columnMeans().map { Float($0) })
                })
        }
        let sure = try band(1, 0)
        // Mean 2 of b under do(a = 2), up to four standard errors of 200 rows and 400 draws.
        #expect(abs(sure.means[0, 1] - 2) < 0.25)
        #expect(sure.upper[0, 1] - sure.lower[0, 1] < 1e-5, "one graph, one best guess")
        let unsure = try band(0.5, 0.5)
        #expect(unsure.lower[0, 1] < 0.2)
        #expect(unsure.upper[0, 1] > 1.7)
    }
}
