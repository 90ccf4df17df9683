import Foundation
import Matrices
import Probability
import Testing

@testable import Responses

/// Mechanisms that bend.
struct NonlinearFitTests {
    /// 0 → 1 ← 2 with an interaction, 1 → 3.
    static let bent: PlantedWorld = {
        var world = PlantedWorld.linear(
            Array(repeating: [0, 0, 0, 0], count: 4), noise: [1, 1, 0.6, 0.6],
            effects: [[0: 2], [1: -2], [2: 2.5], [3: 3]])
        // Genes are numbered along the order: 0 and 1 are roots.
        world.edges = [(0, 2), (1, 2), (2, 3)]
        world.mechanisms[2] = { 1.5 * tanh(1.5 * $0[0] - 1.5 * $0[1]) + 0.8 * tanh(2 * $0[0] + 1) }
        world.mechanisms[3] = { 1.5 * tanh(1.5 * $0[2] - 0.5) }
        return world
    }()

    @Test func unitSumsAreThoseOfTheCells() throws {
        let world = Self.bent
        let cells = world.cells()
        let summary = try ScreenSummary(world.moments())
        let units = RandomUnits(genes: 4, count: 6, stream: RandomStream(seed: 1))
        let strengths = summary.design.contexts.map {
            $0.map { ResponseSystem.Strength(perturbation: $0.perturbation, value: 0.5) }
        }
        let problem = UnitProblem(summary, units: units, priors: .sparse(summary.design), strengths: strengths)
        let sums = UnitSums(gene: 2, parents: [0, 1], problem)
        let n = cells.values.rows
        func row(_ cell: Int) -> [Double] {
            let (a, b) = (Double(cells.values[cell, 0]), Double(cells.values[cell, 1]))
            let hidden = (0..<6).map { unit in
                tanh(
                    Double(units.offsets[unit]) + a * Double(units.weights[unit]) + b * Double(units.weights[6 + unit]))
            }
            let treated = (0..<4).map { k in
                world.contexts[cells.contexts[cell]].contains { $0.perturbation == k } ? 0.5 : 0
            }
            return [1, a, b] + hidden + treated
        }
        let rows = (0..<n).map(row)
        #expect(sums.columns == rows[0].count)
        var own = [Double](repeating: 0, count: sums.columns)
        for column in 0..<sums.columns {
            sums.fill(row: column, of: 2, into: &own)
            for other in 0..<sums.columns {
                let expected = rows.reduce(0) { $0 + $1[column] * $1[other] }
                // Single precision within stretches of 400 cells.
                #expect(abs(own[other] - expected) < 1e-5 * Double(n))
            }
            #expect(abs(sums.square(of: column, for: 2) - own[column]) < 1e-12 * Double(n))
        }
        let square = sums.fill(responseOf: 2, into: &own)
        for column in 0..<sums.columns {
            let expected = zip(rows, 0..<n).reduce(0) { $0 + $1.0[column] * Double(cells.values[$1.1, 2]) }
            #expect(abs(own[column] - expected) < 1e-5 * Double(n))
        }
        #expect(abs(square - (0..<n).reduce(0) { $0 + pow(Double(cells.values[$1, 2]), 2) }) < 1e-5 * Double(n))
    }

    @Test func bentMechanismsAreFoundAndSaidToBeSo() throws {
        let world = Self.bent
        let posterior = try world.fitted(mechanisms: .chosen)
        #expect(posterior.isNonlinear)
        #expect(try #require(posterior.nonlinearGain) > 50)
        #expect(posterior.graph.edges.map { [$0.source, $0.target] } == world.edges.map { [$0.0, $0.1] })
        #expect(posterior.best.responses.map(\.targets) == world.effects.map { $0.keys.sorted() })
        // What the mechanisms say of an intervention that was never made: both roots at once.
        let mechanisms = posterior.best.mechanisms
        let shift = mechanisms.meanShift(of: [1.5, -1, 0, 0], cells: 2000)
        let expected = trueShift(world, [1.5, -1, 0, 0])
        // Mechanisms are known to about 0.1 where cells are.
        for (own, expected) in zip(shift, expected) { #expect(abs(Double(own) - expected) < 0.2) }
    }

    func trueShift(_ world: PlantedWorld, _ shifts: [Double]) -> [Double] {
        var stream = RandomStream(seed: 8)
        var sums = [Double](repeating: 0, count: 4)
        let n = 20_000
        for _ in 0..<n {
            var (base, moved) = ([0.0, 0, 0, 0], [0.0, 0, 0, 0])
            for gene in 0..<4 {
                let noise = world.noise[gene] * stream.normal()
                base[gene] = world.mechanisms[gene](base) + noise
                moved[gene] = world.mechanisms[gene](moved) + noise + shifts[gene]
                sums[gene] += moved[gene] - base[gene]
            }
        }
        return sums.map { $0 / Double(n) }
    }

    @Test func straightMechanismsStayStraight() throws {
        let posterior = try PlantedWorld.five.fitted(mechanisms: .chosen)
        #expect(!posterior.isNonlinear)
        #expect(try #require(posterior.nonlinearGain) < 20)
        #expect(posterior.best.mechanisms.isLinear)
    }

    @Test func keptCellsSufficeAndAreSaid() throws {
        let world = Self.bent
        let cells = world.cells()
        var moments = try ScreenMoments(
            design: world.design(), cellCount: cells.values.rows, keptBytes: cells.values.rows * 4 * 4 * 3 / 5)
        try moments.add(cells.values, contexts: cells.contexts)
        var options = ResponseOptions()
        options.mechanisms = .nonlinear
        options.draws = 1
        options.units = 24
        let posterior = try ResponsePosterior(moments, options: options, stream: RandomStream(seed: 1))
        #expect(posterior.notices.map(\.code) == ["SUBSAMPLED"])
        #expect(posterior.graph.edges.map { [$0.source, $0.target] } == world.edges.map { [$0.0, $0.1] })
    }
}
