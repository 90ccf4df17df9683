import Matrices
import Networks
import Probability
import Structure
import Testing

@testable import Discovery

/// What holds for every method.
struct ClassicalMethodTests {
    private func beliefs(_ method: ClassicalMethod, _ cells: InterventionalCells, threads: Int = 2) throws -> [Float] {
        try method.discover(in: cells, workers: Workers(count: threads)).beliefs.probabilities
    }

    @Test(arguments: ClassicalMethod.allCases) func threadsAndOrderMakeNoDifference(_ method: ClassicalMethod) throws {
        let cells = try GoldenCells("interventions").cells
        let found = try beliefs(method, cells)
        #expect(found.allSatisfy { (0...1).contains($0) } && Set(found).count > 2)
        #expect(try beliefs(method, cells, threads: 1) == found)
        #expect(try beliefs(method, cells, threads: 5) == found)
        var stream = RandomStream(seed: 4)
        let rows = stream.permutation(cells.values.rows)
        let genes = stream.permutation(6)
        func arranged(_ matrix: Matrix<Float>) -> Matrix<Float> { matrix.selectingRows(rows).selectingColumns(genes) }
        let other = InterventionalCells(
            genes: genes.map { cells.genes[$0] }, values: arranged(cells.values),
            interventions: cells.interventions.map(arranged))
        let shuffled = try beliefs(method, other)
        for a in 0..<6 {
            for b in 0..<6 { #expect(shuffled[a * 6 + b] == found[genes[a] * 6 + genes[b]]) }
        }
    }

    /// A constant gene has no edges, and that is said; a duplicated gene does not break a method.
    @Test(arguments: ClassicalMethod.allCases) func constantAndDuplicatedGenes(_ method: ClassicalMethod) throws {
        let cells = try GoldenCells("interventions").cells
        var values = Matrix<Float>(rows: cells.values.rows, columns: 8, repeating: 3.7)
        var interventions = Matrix<Float>(rows: values.rows, columns: 8)
        for row in 0..<values.rows {
            for gene in 0..<7 {
                values[row, gene] = cells.values[row, gene % 6]
                interventions[row, gene] = cells.interventions![row, gene % 6]
            }
        }
        let found = try method.discover(
            in: InterventionalCells(
                genes: cells.genes + ["twin", "constant"], values: values, interventions: interventions),
            workers: Workers(count: 2))
        let probabilities = found.beliefs.probabilities
        #expect(probabilities.allSatisfy { (0...1).contains($0) })
        for gene in 0..<8 {
            #expect(probabilities[gene * 8 + 7] == 0 && probabilities[7 * 8 + gene] == 0)
        }
        #expect(found.notices.contains { $0.code == "CONSTANT_GENES" && $0.message.contains("constant") })
        if method == .lingam { #expect(found.notices.contains { $0.code == "REDUNDANT_GENES" }) }
        // Edges of genes without a twin are still found.
        let best = (0..<64).filter { $0 / 8 != $0 % 8 }.max { probabilities[$0] < probabilities[$1] }
        #expect(best.map { probabilities[$0] > 0.3 } == true)
    }

    /// Fifteen cells of twenty genes of noise: scores stay in range, and no search has an edge for sure.
    @Test(arguments: ClassicalMethod.allCases.filter { $0 != .lingam && $0 != .meanShift })
    func fewerCellsThanGenes(_ method: ClassicalMethod) throws {
        var stream = RandomStream(seed: 6)
        let values = Matrix(rows: 15, columns: 20, values: (0..<300).map { _ in Float(stream.normal()) })
        let found = try beliefs(method, InterventionalCells(genes: (0..<20).map { "g\($0)" }, values: values))
        #expect(found.allSatisfy { (0...1).contains($0) })
        if method == .cam { #expect(found.allSatisfy { $0 < 0.9 }) }
    }

    @Test func valuesThatAreNotFiniteAreRefused() throws {
        let cells = InterventionalCells(
            genes: ["a", "b"], values: Matrix(rows: 3, columns: 2, values: [1, 2, 3, .nan, 5, 6]))
        let error = #expect(throws: DiscoveryError.self) { try ClassicalMethod.correlation.discover(in: cells) }
        #expect(error?.code == "NONFINITE" && error?.element == "b")
    }

    @Test func panelsBeyondAMethodAreRefused() throws {
        let genes = (0..<501).map { "g\($0)" }
        let cells = InterventionalCells(genes: genes, values: Matrix(rows: 2, columns: 501))
        let error = #expect(throws: DiscoveryError.self) { try ClassicalMethod.cam.discover(in: cells) }
        #expect(error?.code == "TOO_MANY_GENES")
        let one = InterventionalCells(genes: ["a"], values: Matrix(rows: 1, columns: 1))
        #expect(throws: DiscoveryError.self) { try ClassicalMethod.correlation.discover(in: one) }
    }

    @Test func cellsAreDrawnBeyondTheLimit() throws {
        let cells = try GoldenCells("laplace").cells
        var options = StructureOptions()
        options.cellsAtMost = 100
        let found = try ClassicalMethod.correlation.discover(in: cells, options: options)
        #expect(found.notices.contains { $0.code == "CELLS_DRAWN" && $0.message.contains("100 of 240") })
        #expect(found.beliefs != (try ClassicalMethod.correlation.discover(in: cells)).beliefs)
        #expect(found.notices.last?.code == "SCORES")
    }
}
