import Foundation
import Matrices
import Probability
import Testing

@testable import Responses

/// Means of contexts that differ more than their cells and targets explain.
struct ContextNoiseTests {
    /// Cells whose contexts were each moved by noise of this variance, over the noise variance of the gene.
    func noisy(_ world: PlantedWorld, noise: Double, seed: UInt64 = 0) throws -> ScreenMoments {
        var cells = world.cells(seed: seed)
        var stream = RandomStream(seed: seed).stream("noise between contexts")
        let moved = world.contexts.map { _ in
            world.noise.map { Float($0 * noise.squareRoot() * stream.normal()) }
        }
        for (cell, context) in cells.contexts.enumerated() {
            // Downstream genes answer to what they see: the noise of each is passed on along the graph.
            var change = [Float](repeating: 0, count: world.genes)
            for gene in 0..<world.genes {
                let before = world.mechanisms[gene](cells.values.row(cell).map(Double.init))
                let after = world.mechanisms[gene](zip(cells.values.row(cell), change).map { Double($0 + $1) })
                change[gene] = Float(after - before) + moved[context][gene]
            }
            for gene in 0..<world.genes { cells.values[cell, gene] += change[gene] }
        }
        var moments = try ScreenMoments(design: world.design(), cellCount: cells.values.rows)
        try moments.add(cells.values, contexts: cells.contexts)
        return moments
    }

    /// A chain of eight genes; thirty perturbations of one gene each, six without any effect.
    static let wide: PlantedWorld = {
        var weights = Array(repeating: [Double](repeating: 0, count: 8), count: 8)
        for gene in 1..<8 { weights[gene - 1][gene] = 0.8 }
        var world = PlantedWorld.linear(
            weights, noise: Array(repeating: 0.7, count: 8),
            effects: (0..<30).map { $0 < 24 ? [$0 % 8: $0 % 2 == 0 ? 2 : -2] : [:] })
        world.cellsPerContext = [2000] + Array(repeating: 400, count: 30)
        return world
    }()

    func options(_ mechanisms: ResponseOptions.Mechanisms) -> ResponseOptions {
        var options = ResponseOptions()
        options.mechanisms = mechanisms
        options.draws = 2
        options.units = 12
        return options
    }

    func falseTargets(_ responses: [PerturbationResponse], of world: PlantedWorld) -> Int {
        zip(responses, world.effects).reduce(0) { $0 + Set($1.0.targets).subtracting($1.1.keys).count }
    }

    func missedTargets(_ responses: [PerturbationResponse], of world: PlantedWorld) -> Int {
        zip(responses, world.effects).reduce(0) { $0 + Set($1.1.keys).subtracting($1.0.targets).count }
    }

    @Test func noiseOfContextsIsNotTakenForTargets() throws {
        let world = Self.wide
        let moments = try noisy(world, noise: 0.04)
        // Without a variance of its own the noise becomes targets: 20 % of a standard deviation at 400 cells.
        let summary = try ScreenSummary(moments)
        let blind = StructureFit(
            summary, priors: .sparse(summary.design), curvesPerGene: 1, restarts: 1, workers: 2,
            stream: RandomStream(seed: 7))
        let claimed = PerturbationResponse.all(
            blind.summaries, summary: summary, strengths: blind.strengths, priors: .sparse(summary.design),
            curvesPerGene: 1)
        #expect(falseTargets(claimed, of: world) > 50)
        for mechanisms in [ResponseOptions.Mechanisms.linear, .nonlinear] {
            let posterior = try ResponsePosterior(
                moments, options: options(mechanisms), stream: RandomStream(seed: 7), workers: 2)
            // The spread of some 200 remainders is known to 10 %; effects that blur into noise add to it.
            #expect(posterior.contextNoise > 0.02 && posterior.contextNoise < 0.08)
            // Of some 200 that could be claimed, one in 1,000 stands out that far by chance.
            #expect(falseTargets(posterior.best.responses, of: world) <= 2)
            #expect(missedTargets(posterior.best.responses, of: world) == 0)
            #expect(posterior.notices.map(\.code) == ["CONTEXT_NOISE"])
            // What an effect may be wrong by is the noise of its context, not that of its cells.
            let moments = posterior.grid(of: 0, in: posterior.best).moments(ofTarget: 0)
            #expect(moments.deviation > 0.7 * 0.1)
            #expect(abs(moments.mean - 2) < 4 * moments.deviation)
        }
    }

    @Test func cleanScreensHaveNone() throws {
        for world in [Self.wide, .five, NonlinearFitTests.bent] {
            let posterior = try ResponsePosterior(
                noisy(world, noise: 0), options: options(.chosen), stream: RandomStream(seed: 7), workers: 2)
            #expect(posterior.contextNoise == 0)
        }
    }

    @Test func sumsAreThoseOfGeneralisedLeastSquares() throws {
        var world = PlantedWorld.five
        world.cellsPerContext = [9, 5, 4, 6, 3, 4]
        world.contexts[5] = [.init(4), .init(0)]
        // The second perturbation sets its gene.
        world.replaced = [(1, 1, 0.5, 0.3)]
        let cells = world.cells()
        var summary = try ScreenSummary(noisy(world, noise: 0))
        let noise = 0.3
        summary.contextNoise = noise
        let strengths = summary.design.contexts.map {
            $0.map { ResponseSystem.Strength(perturbation: $0.perturbation, value: 0.5) }
        }
        let system = ResponseSystem(summary, curves: 1, strengths: strengths, priors: .sparse(summary.design))
        for gene in [0, 1] {
            // Cells of one context share noise: V = 1 + ρ within, 1 on the diagonal.
            let rows = cells.contexts.indices.filter { gene != 1 || cells.contexts[$0] != 2 }
            let n = rows.count
            var covariance = Matrix<Double>.identity(n)
            for i in 0..<n {
                for j in 0..<n where cells.contexts[rows[i]] == cells.contexts[rows[j]] { covariance[i, j] += noise }
            }
            let factor = try #require(CholeskyFactor(covariance))
            let columns = (0..<system.columns).map { column -> [Double] in
                rows.map { cell in
                    if column == 0 { return 1 }
                    if column <= 5 { return Double(cells.values[cell, column - 1]) }
                    let isTreated = world.contexts[cells.contexts[cell]].contains { $0.perturbation == column - 6 }
                    return isTreated ? 0.5 : 0
                }
            }
            var own = [Double](repeating: 0, count: system.columns)
            for column in 0..<system.columns {
                let solved = factor.solve(columns[column])
                system.fill(row: column, of: gene, into: &own)
                for other in 0..<system.columns {
                    let expected = zip(solved, columns[other]).reduce(0) { $0 + $1.0 * $1.1 }
                    // Sums of some 30 products of numbers up to 10.
                    #expect(abs(own[other] - expected) < 1e-9)
                }
                #expect(abs(system.square(of: column, for: gene) - own[column]) < 1e-9)
            }
        }
    }

    @Test func unitSumsAreThoseOfGeneralisedLeastSquares() throws {
        var world = PlantedWorld.five
        world.cellsPerContext = [700, 5, 4, 6, 3, 4]
        let cells = world.cells()
        var summary = try ScreenSummary(noisy(world, noise: 0))
        let noise = 0.3
        summary.contextNoise = noise
        let units = RandomUnits(genes: 5, count: 2, stream: RandomStream(seed: 1))
        let strengths = summary.design.contexts.map {
            $0.map { ResponseSystem.Strength(perturbation: $0.perturbation, value: 0.5) }
        }
        let problem = UnitProblem(summary, units: units, priors: .sparse(summary.design), strengths: strengths)
        let sums = UnitSums(gene: 2, parents: [0], problem)
        let n = cells.contexts.count
        let columns = (0..<sums.columns).map { column -> [Double] in
            (0..<n).map { cell in
                let parent = Double(cells.values[cell, 0])
                switch column {
                case 0: return 1
                case 1: return parent
                case 2, 3:
                    return tanh(Double(units.offsets[column - 2]) + parent * Double(units.weights[column - 2]))
                default:
                    return world.contexts[cells.contexts[cell]].contains { $0.perturbation == column - 4 } ? 0.5 : 0
                }
            }
        }
        let response = (0..<n).map { Double(cells.values[$0, 2]) }
        // 1 − w 11ᵀ within each context.
        func product(_ a: [Double], _ b: [Double]) -> Double {
            var result = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
            for context in world.contexts.indices {
                let own = (0..<n).filter { cells.contexts[$0] == context }
                let weight = noise / (1 + noise * Double(own.count))
                result -= weight * own.reduce(0) { $0 + a[$1] } * own.reduce(0) { $0 + b[$1] }
            }
            return result
        }
        var own = [Double](repeating: 0, count: sums.columns)
        for column in 0..<sums.columns {
            sums.fill(row: column, of: 2, into: &own)
            for other in 0..<sums.columns {
                // Single precision within stretches of 512 cells.
                #expect(abs(own[other] - product(columns[column], columns[other])) < 1e-5 * Double(n))
            }
        }
        let square = sums.fill(responseOf: 2, into: &own)
        for column in 0..<sums.columns {
            #expect(abs(own[column] - product(columns[column], response)) < 1e-5 * Double(n))
        }
        #expect(abs(square - product(response, response)) < 1e-5 * Double(n))
    }
}
