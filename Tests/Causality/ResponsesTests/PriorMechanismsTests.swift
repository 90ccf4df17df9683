import Foundation
import Matrices
import Probability
import Testing

@testable import Responses

struct PriorMechanismsTests {
    /// Two regulators and what they make of gene 2, exactly.
    private func cells(_ count: Int) -> Matrix<Float> {
        var stream = RandomStream(seed: 3)
        var values = Matrix<Float>(rows: count, columns: 3, values: stream.normals(3 * count))
        for cell in 0..<count { values[cell, 2] = 1 + 2 * values[cell, 0] - values[cell, 1] }
        return values
    }

    private func prior(_ cells: Matrix<Float>, _ reading: @escaping PriorMechanisms.Reading) -> PriorMechanisms {
        PriorMechanisms(cells: cells, means: reading)
    }

    @Test("Means are read once for each set of regulators, and not without")
    func reading() throws {
        let system = try SparseRegressionTests().system(PlantedWorld.five)
        let cells = cells(50)
        let asked = Counter()
        let prior = prior(cells) { gene, _ in
            asked.add()
            return (0..<cells.rows).map { cells[$0, gene] }
        }
        func sums(_ parents: [Int]) -> PriorSums<ResponseSystem>? {
            prior.sums(system, gene: 2, parents: parents, columns: [0] + parents.map { 1 + $0 })
        }
        #expect(sums([0, 1]) != nil && sums([0, 1]) != nil && sums([0]) != nil)
        #expect(asked.count == 2)
        #expect(sums([]) == nil && asked.count == 2)
        let silent = self.prior(cells) { _, _ in nil }
        #expect(silent.sums(system, gene: 2, parents: [0], columns: [0, 1]) == nil)
    }

    @Test("The score is that of y − X m under coefficients N(0, σ² A₀⁻¹), and the means of coefficients are those of y")
    func score() throws {
        let tests = SparseRegressionTests()
        var small = PlantedWorld.five
        small.cellsPerContext = [20, 6, 6, 6, 6, 6]
        let system = try tests.system(small)
        let cells = cells(15)
        let means = (0..<15).map { Float(0.4) + Float(0.7) * cells[$0, 1] - Float(0.3) * cells[$0, 2] }
        let known = [0, 2, 3]
        let sums = try #require(
            prior(cells) { _, _ in means }.sums(system, gene: 3, parents: [1, 2], columns: known))
        var regression = SparseRegression(gene: 3, sums)
        for column in [2, 3, 9] where !regression.isActive(column) { regression.add(column, sums) }
        regression = SparseRegression(regression, sums)
        let columns = regression.active
        #expect(Set(columns) == [0, 2, 3, 9])

        // A₀ and m by their definition, in the order of the active columns; the perturbation has its own prior.
        let p = columns.count
        let phi = (0..<15).map { cell in
            columns.map { column in
                column == 0 ? 1 : column <= 3 ? Double(cells[cell, column - 1]) : 0
            }
        }
        var precision = Matrix<Double>(rows: p, columns: p)
        var shared = [Double](repeating: 0, count: p)
        for (place, column) in columns.enumerated() { precision[place, place] = 1 / system.variances[column] }
        for (row, mean) in zip(phi, means) {
            for i in 0..<p {
                shared[i] += row[i] * Double(mean)
                for j in 0..<p { precision[i, j] += row[i] * row[j] }
            }
        }
        let factor = try #require(CholeskyFactor(precision))
        let m = factor.solve(shared)
        let rows = tests.rows(small, columns)
        let y = rows.x.indices.map { cell in
            Double(rows.values[cell, 3]) - zip(rows.x[cell], m).reduce(0) { $0 + $1.0 * $1.1 }
        }
        // A₀ = L L': the columns of X L⁻ᵀ have coefficients N(0, σ²).
        let whole = factor.whitened(Matrix(rows: y.count, columns: p, values: rows.x.flatMap { $0 }).transposed)
        let whitened = y.indices.map { cell in (0..<p).map { whole[$0, cell] } }
        let expected = try tests.logDensity(y, whitened, variances: Array(repeating: 1, count: p))
        // Both sum some hundred terms of size 1 to 100 in Double.
        #expect(abs(regression.logMarginalLikelihood(sums) + sums.logNormaliser - expected) < 1e-8)
    }

    @Test("Few cells follow the prior means, many overrule them")
    func weight() throws {
        func slope(cells count: Int, prior slope: Double?) throws -> Double {
            var world = PlantedWorld.linear([[0, 0.9], [0, 0]], noise: [1, 1], effects: [[0: 1]])
            world.cellsPerContext = [count, count]
            let design = try world.design()
            var priors = ResponsePriors.sparse(design)
            priors.edges[0, 1] = 50
            priors.edges[1, 0] = -50
            let apart = cells(40)
            let prior = slope.map { slope in
                self.prior(apart.selectingColumns([0, 1])) { _, _ in
                    (0..<apart.rows).map { Float(slope) * apart[$0, 0] }
                }
            }
            var options = ResponseOptions()
            options.mechanisms = .linear
            options.draws = 0
            let fitted = try ResponsePosterior(
                world.moments(), priors: priors, options: options, prior: prior, stream: RandomStream(seed: 1),
                workers: 1)
            return Double(fitted.best.mechanisms.mechanisms[1].weights[0])
        }
        let few = try (slope(cells: 3, prior: nil), slope(cells: 3, prior: 5))
        let many = try (slope(cells: 2000, prior: nil), slope(cells: 2000, prior: 5))
        #expect(few.1 - few.0 > 0.2)
        // A prior of 40 cells' worth, 4 off, beside 4000.
        #expect(abs(many.1 - many.0) < 0.06)
    }
}

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var value = 0
    var count: Int { lock.withLock { value } }
    func add() { lock.withLock { value += 1 } }
}
