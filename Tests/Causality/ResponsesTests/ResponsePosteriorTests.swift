import Foundation
import Graphs
import Matrices
import Probability
import Testing

@testable import Responses

/// Whole fits of small worlds with known truth.
struct ResponsePosteriorTests {
    func edges(_ posterior: ResponsePosterior) -> Set<[Int]> {
        Set(posterior.graph.edges.map { [$0.source, $0.target] })
    }

    func edges(_ world: PlantedWorld) -> Set<[Int]> { Set(world.edges.map { [$0.0, $0.1] }) }

    func targets(_ posterior: ResponsePosterior) -> [Set<Int>] { posterior.best.responses.map { Set($0.targets) } }

    @Test func graphTargetsAndEffectsAreRecovered() throws {
        let world = PlantedWorld.five
        let posterior = try world.fitted()
        #expect(edges(posterior) == edges(world))
        #expect(targets(posterior) == world.effects.map { Set($0.keys) })
        for (k, effects) in world.effects.enumerated() {
            let grid = posterior.grid(of: k, in: posterior.best)
            for (place, gene) in posterior.best.responses[k].targets.enumerated() {
                let moments = grid.moments(ofTarget: place)
                // Seven effects within four standard deviations each.
                #expect(abs(moments.mean - effects[gene]!) < 4 * moments.deviation)
                // A hundred cells of noise at most 1.
                #expect(moments.deviation < 0.11)
            }
        }
        let truth = edges(world)
        for i in 0..<5 {
            for j in 0..<5 where i != j {
                #expect((posterior.edges[i, j] > 0.5) == truth.contains([i, j]), "\(i) → \(j)")
            }
        }
        for k in 0..<5 {
            for gene in 0..<5 {
                #expect((posterior.targetProbability(k, gene) > 0.5) == (world.effects[k][gene] != nil))
            }
        }
        #expect(posterior.notices.isEmpty)
    }

    @Test func workersAndBlocksChangeNothing() throws {
        let world = PlantedWorld.five
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for mechanisms in [ResponseOptions.Mechanisms.linear, .nonlinear] {
            let one = try encoder.encode(world.fitted(mechanisms: mechanisms, draws: 2, workers: 1))
            let three = try encoder.encode(world.fitted(mechanisms: mechanisms, draws: 2, workers: 3))
            #expect(one == three)
        }
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let posterior = try PlantedWorld.five.fitted(draws: 2)
        let read = try JSONDecoder().decode(ResponsePosterior.self, from: JSONEncoder().encode(posterior))
        #expect(read.edgeLogOdds == posterior.edgeLogOdds)
        let treatments = [ScreenDesign.Treatment(3)]
        #expect(
            read.meanShifts(of: treatments, draws: 3, stream: RandomStream(seed: 1))
                == posterior.meanShifts(of: treatments, draws: 3, stream: RandomStream(seed: 1)))
    }

    @Test func dosesGiveCurves() throws {
        var world = PlantedWorld.five
        let doses = [0.5, 1, 2, 4]
        world.curves = world.effects.indices.map { (halfDose: [0.6, 1, 1.5, 0.8, 2][$0], steepness: 2) }
        world.contexts = [[]] + world.effects.indices.flatMap { k in doses.map { [.init(k, dose: $0)] } }
        world.cellsPerContext = [400] + Array(repeating: 100, count: 20)
        let posterior = try world.fitted()
        #expect(edges(posterior) == edges(world))
        #expect(targets(posterior) == world.effects.map { Set($0.keys) })
        for k in world.effects.indices {
            let curve = try #require(posterior.grid(of: k, in: posterior.best).curveMoments)
            // Five curves within four standard deviations, which leave no more than half a doubling.
            #expect(abs(curve.halfDose.mean - log(world.curves[k]!.halfDose)) < 4 * curve.halfDose.deviation)
            #expect(curve.halfDose.deviation < 0.4)
        }
        // A dose that was never given: the mean shift of the target itself.
        let shifts = posterior.meanShifts(of: [.init(4, dose: 3)], draws: 40, stream: RandomStream(seed: 2))
        let mean = shifts.columnMeans()[4]
        #expect(abs(mean - 2.5 * world.share(.init(4, dose: 3))) < 0.2)
    }

    @Test func combinationsAdd() throws {
        var world = PlantedWorld.five
        // Two perturbations are seen only together with others.
        world.contexts = [
            [], [.init(0)], [.init(0), .init(1)], [.init(2), .init(1)], [.init(3), .init(4)], [.init(4)],
        ]
        let posterior = try world.fitted()
        #expect(edges(posterior) == edges(world))
        #expect(targets(posterior) == world.effects.map { Set($0.keys) })
        let together = posterior.best.mechanisms.meanShift(of: [2, -2.5, 0, 0, 0])
        let shifts = posterior.meanShifts(of: [.init(0), .init(1)], draws: 30, stream: RandomStream(seed: 2))
        for (own, expected) in zip(shifts.columnMeans(), together) {
            // Means of a few draws of effects that are known to a tenth.
            #expect(abs(own - Double(expected)) < 0.3)
        }
    }

    @Test func strataAreTakenOut() throws {
        var world = PlantedWorld.five
        world.stratum = [3, 0, 0, 0, 3]
        let posterior = try world.fitted()
        // Without the strata's columns genes 0 and 4 would be seen to go together.
        #expect(edges(posterior) == edges(world))
        let mechanism = posterior.best.mechanisms.mechanisms[4]
        #expect(abs(mechanism.covariates[1] - mechanism.covariates[0] - 3) < 0.2)
        #expect(abs(posterior.best.mechanisms.usualCovariates[0] - 0.5) < 0.1)
    }

    @Test func replacedMechanismsAreRecovered() throws {
        var world = PlantedWorld.five
        world.replaced = [
            (perturbation: 1, gene: 1, mean: -2, deviation: 0.3), (perturbation: 2, gene: 3, mean: 3, deviation: 0.2),
        ]
        world.effects[1] = [:]
        world.effects[2] = [:]
        let posterior = try world.fitted()
        #expect(edges(posterior) == edges(world))
        #expect(posterior.best.responses[1].targets.isEmpty)
        let replacement = try #require(posterior.best.replacements[1].first)
        #expect(replacement.gene == 1)
        // A hundred cells: 0.03, four times that; the deviation has a prior of half a count.
        #expect(abs(replacement.mean + 2) < 0.12)
        #expect(abs(replacement.deviation - 0.3) < 0.12)
        // x₂ follows the new mean of x₁, whatever x₀ is.
        let shift = posterior.meanShifts(of: [.init(1)], draws: 20, stream: RandomStream(seed: 3)).columnMeans()
        #expect(abs(shift[2] + 1.6) < 0.2)
        #expect(abs(shift[0]) < 1e-6)
    }

    @Test func knownTargetsAreFixed() throws {
        var world = PlantedWorld.five
        // Perturbation 2 acts on gene 2, and is said to act on gene 0 alone.
        world.knownTargets = [[0], nil, [0], nil, nil]
        let posterior = try world.fitted()
        #expect(posterior.best.responses[2].targets == [0])
        #expect(posterior.best.responses[0].targets == [0])
        #expect(posterior.targetProbability(2, 0) == 1)
        #expect(posterior.targetProbability(2, 2) == 0)
    }

    @Test func forbiddenEdgesStayOut() throws {
        let world = PlantedWorld.five
        var priors = ResponsePriors.sparse(try world.design())
        priors.edges[0, 1] = -.infinity
        var options = ResponseOptions()
        options.mechanisms = .linear
        let posterior = try ResponsePosterior(
            world.moments(), priors: priors, options: options, stream: RandomStream(seed: 1))
        #expect(!posterior.graph[0, 1])
        #expect(posterior.edges[0, 1] == 0)
    }

    @Test func oddScreensAreSaidToBeSo() throws {
        var world = PlantedWorld.five
        world.curves[0] = (halfDose: 1, steepness: 1)
        world.contexts[1] = [.init(0, dose: 2)]
        world.cellsPerContext[2] = 3
        world.cellsPerContext[3] = 0
        let posterior = try world.fitted()
        #expect(posterior.notices.map(\.code) == ["ONE_DOSE", "NO_CELLS", "FEW_CELLS"])
        #expect(posterior.notices[0].message.contains("p0"))
        // One dose leaves the curve's prior.
        let curve = try #require(posterior.grid(of: 0, in: posterior.best).curveMoments)
        #expect(curve.halfDose.deviation > 0.5)
        #expect(posterior.best.responses[2].targets.isEmpty)
    }

    @Test func badOptionsAndPriorsAreRefused() throws {
        let world = PlantedWorld.five
        var options = ResponseOptions()
        options.restarts = 0
        #expect { try ResponsePosterior(world.moments(), options: options, stream: RandomStream(seed: 1)) } throws: {
            ($0 as? ResponseError)?.element == "restarts"
        }
        var priors = ResponsePriors.sparse(try world.design())
        priors.edges[0, 1] = .infinity
        #expect { try ResponsePosterior(world.moments(), priors: priors, stream: RandomStream(seed: 1)) } throws: {
            ($0 as? ResponseError)?.code == "NOT_FINITE"
        }
        priors.edges = Matrix(rows: 2, columns: 2)
        #expect { try ResponsePosterior(world.moments(), priors: priors, stream: RandomStream(seed: 1)) } throws: {
            ($0 as? ResponseError)?.code == "SHAPE"
        }
    }
}
