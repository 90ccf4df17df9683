import Foundation
import Matrices
import Probability
import Testing

@testable import Responses

/// Regressions of one gene against the same numbers by other ways.
struct SparseRegressionTests {
    let world = PlantedWorld.five

    func system(_ world: PlantedWorld) throws -> ResponseSystem {
        let summary = try ScreenSummary(world.moments())
        return ResponseSystem(
            summary, curves: 1,
            strengths: summary.design.contexts.map { $0.map { .init(perturbation: $0.perturbation, value: 1) } },
            priors: .sparse(summary.design))
    }

    /// The cells' rows of some columns of a system without covariates: 1, genes, perturbations.
    func rows(_ world: PlantedWorld, _ columns: [Int]) -> (x: [[Double]], values: Matrix<Float>, contexts: [Int]) {
        let cells = world.cells()
        let x = (0..<cells.values.rows).map { cell -> [Double] in
            columns.map { column in
                if column == 0 { return 1 }
                if column <= world.genes { return Double(cells.values[cell, column - 1]) }
                let k = column - 1 - world.genes
                return world.contexts[cells.contexts[cell]].contains { $0.perturbation == k } ? 1 : 0
            }
        }
        return (x, cells.values, cells.contexts)
    }

    /// ln of the multivariate t density that the prior implies: scale matrix (b/a)(I + X V Xᵀ), 2a degrees of freedom,
    /// by a Cholesky factor of cells × cells.
    func logDensity(_ y: [Double], _ x: [[Double]], variances: [Double]) throws -> Double {
        let (a, b) = (2.0, 0.5)
        let n = y.count
        var scale = Matrix<Double>.identity(n)
        for i in 0..<n {
            for j in 0..<n {
                for c in variances.indices { scale[i, j] += x[i][c] * x[j][c] * variances[c] }
            }
        }
        let factor = try #require(CholeskyFactor(scale))
        let solved = factor.solve(y)
        let distance = zip(y, solved).reduce(0) { $0 + $1.0 * $1.1 } * a / b
        let degrees = 2 * a
        let half = Double(n) / 2
        return lgamma(degrees / 2 + half) - lgamma(degrees / 2) - half * log(degrees * .pi)
            - 0.5 * (factor.logDeterminant + Double(n) * log(b / a))
            - (degrees / 2 + half) * log1p(distance / degrees)
    }

    @Test func marginalLikelihoodIsTheMultivariateT() throws {
        var small = world
        small.cellsPerContext = [20, 6, 6, 6, 6, 6]
        let system = try system(small)
        var regression = SparseRegression(gene: 3, system)
        regression.improve(system)
        let columns = regression.active
        #expect(columns.count > 1)
        let cells = rows(small, columns)
        let y = (0..<cells.values.rows).map { Double(cells.values[$0, 3]) }
        let expected = try logDensity(y, cells.x, variances: columns.map { system.variances[$0] })
        // Both sum some hundred terms of size 1 to 100 in Double.
        #expect(abs(regression.logMarginalLikelihood(system) - expected) < 1e-8)
    }

    @Test func gainsAreDifferencesOfRefittedScores() throws {
        let system = try system(world)
        var regression = SparseRegression(gene: 3, system)
        regression.improve(system)
        let likelihood = regression.score
        for column in 0..<system.columns where system.logOdds(column, of: 3).isFinite {
            let isActive = regression.isActive(column)
            let promised =
                isActive
                ? regression.dropGains(system)[regression.active.firstIndex(of: column)!]
                : regression.gain(column, system)
            let columns = isActive ? regression.active.filter { $0 != column } : regression.active + [column]
            let refitted = try score(columns, gene: 3, system)
            // Scores are of size 1,000, and a Cholesky factor keeps twelve digits of them.
            #expect(abs(likelihood + promised - refitted) < 1e-7, "column \(column)")
        }
    }

    /// The score from one Cholesky factor of the active columns, by `Matrices`.
    func score(_ columns: [Int], gene: Int, _ system: ResponseSystem) throws -> Double {
        var a = system.gram.selectingRows(columns).selectingColumns(columns)
        for (place, column) in columns.enumerated() { a[place, place] += 1 / system.variances[column] }
        let g = columns.map { system.gram[$0, 1 + gene] }
        let factor = try #require(CholeskyFactor(a))
        let rest = system.gram[1 + gene, 1 + gene] - zip(g, factor.solve(g)).reduce(0) { $0 + $1.0 * $1.1 }
        let odds = columns.map { system.logOdds($0, of: gene) }.filter(\.isFinite).reduce(0, +)
        return odds - columns.reduce(0) { $0 + 0.5 * log(system.variances[$1]) } - 0.5 * factor.logDeterminant
            - (Double(system.cellCount) / 2 + 2) * log(0.5 + 0.5 * rest)
    }

    @Test func noSingleChangeIsBetter() throws {
        let system = try system(world)
        for gene in 0..<world.genes {
            var regression = SparseRegression(gene: gene, system)
            regression.improve(system)
            #expect(regression.dropGains(system).allSatisfy { $0 < 1e-6 })
            for column in 0..<system.columns where !regression.isActive(column) {
                #expect(regression.openGain(column, system) < 1e-6)
            }
            #expect(abs(try score(regression.active, gene: gene, system) - regression.score) < 1e-7)
        }
    }

    @Test func coefficientsSolveTheNormalEquations() throws {
        let system = try system(world)
        var regression = SparseRegression(gene: 4, system)
        regression.improve(system)
        let columns = regression.active
        var a = system.gram.selectingRows(columns).selectingColumns(columns)
        for (place, column) in columns.enumerated() { a[place, place] += 1 / system.variances[column] }
        let factor = try #require(CholeskyFactor(a))
        let expected = factor.solve(columns.map { system.gram[$0, 5] })
        let inverse = factor.inverse
        let own = regression.coefficients()
        for place in columns.indices {
            // Two orders of the same few sums in Double.
            #expect(abs(own.means[place] - expected[place]) < 1e-10)
            #expect(abs(own.variances[place] / inverse[place, place] - 1) < 1e-10)
        }
    }

    /// Whatever was dropped from whichever place: the same as if it had never been there.
    @Test func droppedColumnsLeaveNoTrace() throws {
        let system = try system(world)
        var stream = RandomStream(seed: 8)
        var regression = SparseRegression(gene: 3, system)
        for _ in 0..<20 {
            // All of them, in some order, then some away again.
            let open = (0..<system.columns).filter { system.logOdds($0, of: 3).isFinite }
            for place in stream.permutation(open.count) where !regression.isActive(open[place]) {
                _ = regression.permit([open[place]], true, system)
                regression.add(open[place], system)
            }
            for place in stream.permutation(open.count).prefix(1 + stream.index(below: open.count - 1)) {
                let isOpen = regression.permit([open[place]], false, system)
                #expect(isOpen)
            }
            let fresh = SparseRegression(regression, system)
            #expect(fresh.active == regression.active)
            // Scores of some 1,000, to twelve digits.
            #expect(abs(regression.score - fresh.score) < 1e-8)
            for column in open where !fresh.isActive(column) {
                #expect(abs(regression.gain(column, system) - fresh.gain(column, system)) < 1e-7)
            }
            for (own, other) in zip(regression.dropGains(system), fresh.dropGains(system)) where other > -.infinity {
                #expect(abs(own - other) < 1e-7)
            }
            for (own, other) in zip(regression.factor.values, fresh.factor.values) { #expect(abs(own - other) < 1e-8) }
            for (own, other) in zip(regression.coefficients().means, fresh.coefficients().means) {
                #expect(abs(own - other) < 1e-10)
            }
        }
    }

    @Test func flipsVisitEachChoiceAsOftenAsItsOdds() throws {
        var small = world
        small.cellsPerContext = [12, 5, 5, 5, 5, 5]
        let system = try system(small)
        var regression = SparseRegression(gene: 2, system)
        // Two perturbations alone may enter, so that all four choices can be counted.
        let open = [1 + 5 + 2, 1 + 5 + 3]
        _ = regression.permit((0..<system.columns).filter { !open.contains($0) }, false, system)
        let forced = regression.active
        let scores = try [[], [open[0]], [open[1]], open].map { try score(forced + $0, gene: 2, system) }
        let probabilities = DoseCurves.normalised(scores)
        var counts = [0, 0, 0, 0]
        var stream = RandomStream(seed: 3)
        let count = 4000
        for _ in 0..<count {
            regression.flip(sweeps: 1, system) { stream.uniform() }
            counts[(regression.isActive(open[0]) ? 1 : 0) + (regression.isActive(open[1]) ? 2 : 0)] += 1
        }
        for choice in 0..<4 {
            // Four standard deviations of a share of 4,000 draws that follow closely on one another.
            #expect(abs(Double(counts[choice]) / Double(count) - probabilities[choice]) < 0.06, "choice \(choice)")
        }
    }

    @Test func cellsWhoseMechanismIsReplacedSayNothing() throws {
        var world = PlantedWorld.five
        world.replaced = [(perturbation: 1, gene: 1, mean: -2, deviation: 0.3)]
        world.effects[1] = [:]
        world.contexts.append([.init(1), .init(3)])
        world.cellsPerContext.append(60)
        let all = try system(world)
        // The same cells without those of the two contexts.
        var without = world
        without.replaced = []
        let cells = world.cells()
        let rows = cells.contexts.indices.filter {
            !world.contexts[cells.contexts[$0]].contains { $0.perturbation == 1 }
        }
        var moments = try ScreenMoments(design: without.design(), basis: .linear, cellCount: rows.count)
        try moments.add(cells.values.selectingRows(rows), contexts: rows.map { cells.contexts[$0] })
        let summary = try ScreenSummary(moments)
        let rest = ResponseSystem(
            summary, curves: 1,
            strengths: summary.design.contexts.map { $0.map { .init(perturbation: $0.perturbation, value: 1) } },
            priors: .sparse(summary.design))
        var row = [Double](repeating: 0, count: all.columns)
        for column in 0..<all.columns {
            all.fill(row: column, of: 1, into: &row)
            for other in 0..<all.columns {
                // Sums of some hundred products, minus others of their size.
                #expect(abs(row[other] - rest.gram[column, other]) < 1e-9 * max(1, all.gram[column, column]))
            }
            #expect(abs(all.square(of: column, for: 1) - rest.gram[column, column]) < 1e-8)
        }
        #expect(all.cells(of: 1) == rest.cellCount)
        #expect(all.cells(of: 0) == all.cellCount)
    }
}
