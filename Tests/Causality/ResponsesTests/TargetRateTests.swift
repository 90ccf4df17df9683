import Foundation
import Matrices
import Probability
import Testing

@testable import Responses

/// Rates of targets that are learnt from the screen.
struct TargetRateTests {
    func logit(_ p: Double) -> Double { log(p / (1 - p)) }

    func targetSum(_ posterior: ResponsePosterior) -> Double {
        let (k, d) = (posterior.design.perturbations.count, posterior.design.genes.count)
        return (0..<k).reduce(0) { sum, k in sum + (0..<d).reduce(0.0) { $0 + posterior.targetProbability(k, $1) } }
    }

    /// Eight genes in a chain and forty perturbations of ten cells, most or all without any effect.
    func mostlyNothing(effects: Int) -> PlantedWorld {
        var weights = Array(repeating: [Double](repeating: 0, count: 8), count: 8)
        for gene in 1..<8 { weights[gene - 1][gene] = 0.8 }
        var world = PlantedWorld.linear(
            weights, noise: Array(repeating: 0.7, count: 8),
            effects: (0..<40).map { $0 < effects ? [$0 % 8: 3] : [:] })
        world.cellsPerContext = [400] + Array(repeating: 10, count: 40)
        return world
    }

    func fitted(_ world: PlantedWorld, learns: Bool) throws -> ResponsePosterior {
        var priors = ResponsePriors.sparse(try world.design())
        priors.learnsTargetRate = learns
        var options = ResponseOptions()
        options.mechanisms = .linear
        options.draws = 2
        return try ResponsePosterior(
            world.moments(), priors: priors, options: options, stream: RandomStream(seed: 7), workers: 2)
    }

    /// A rate of 0.1 claims what 320 pairs show by chance; the learnt one holds nearly all of it back.
    @Test func whereNothingMovesLittleIsClaimed() throws {
        let world = mostlyNothing(effects: 0)
        let blind = try fitted(world, learns: false)
        let knowing = try fitted(world, learns: true)
        #expect(blind.targetRate.map { abs($0 - 0.1) < 1e-12 } == true)
        // Two targets before anything is seen, among 20 and 320 pairs: 0.006; what chance adds is less than that again.
        #expect(try #require(knowing.targetRate) < 0.012)
        #expect(targetSum(knowing) < 0.3 * targetSum(blind))
        #expect(targetSum(knowing) < 1)
        #expect(knowing.best.responses.allSatisfy { $0.targets.isEmpty })
    }

    @Test func whatIsPlainIsFoundAtARateOfItsOwn() throws {
        let world = mostlyNothing(effects: 6)
        let posterior = try fitted(world, learns: true)
        #expect(posterior.best.responses.map { Set($0.targets) } == world.effects.map { Set($0.keys) })
        // (2 + 6) / (20 + 320), give or take what is not plain.
        #expect(abs(try #require(posterior.targetRate) - 8.0 / 340) < 0.006)
    }

    private func learnt(
        _ given: Matrix<Double>, present: Matrix<Double>? = nil, discount: Double = 0, evidence: (Int) -> Double
    ) -> (logOdds: Matrix<Double>, rate: Double)? {
        var all = given
        for place in all.values.indices { all.values[place] = evidence(place) }
        return TargetRate.learnt(
            .init(
                given: given, present: present ?? given, evidence: all,
                discounts: Matrix(rows: given.rows, columns: given.columns, repeating: discount)))
    }

    /// The mode of a beta-binomial where the evidence is decisive: (2 + number) / (2 / before + all).
    @Test func theRateIsThatOfTheBetaBinomial() throws {
        let given = Matrix<Double>(rows: 30, columns: 10, repeating: logit(0.1))
        func sure(_ number: Int) -> (Int) -> Double { { $0 < number ? 50 : -50 } }
        let rarer = try #require(learnt(given, evidence: sure(7)))
        #expect(abs(rarer.rate - 9.0 / 320) < 1e-4)
        #expect(abs(rarer.logOdds[4, 4] - logit(rarer.rate)) < 1e-9)
        // Never above what was given, and nothing to do where the rate is what was given.
        #expect(learnt(given, evidence: sure(200)) == nil)
        // From rarer odds back up where more is found, but no further than given.
        let back = try #require(learnt(given, present: rarer.logOdds, evidence: sure(200)))
        #expect(abs(back.rate - 0.1) < 1e-12 && abs(back.logOdds[0, 0] - logit(0.1)) < 1e-12)
        // What is taken from the evidence is taken from the odds, and counts when the rate is learnt.
        let less = try #require(learnt(given, discount: 80, evidence: sure(7)))
        #expect(abs(less.rate - 2.0 / 320) < 1e-4)
        #expect(abs(less.logOdds[0, 0] - logit(less.rate) + 80) < 1e-9)
    }

    @Test func whatIsFixedStaysFixed() throws {
        var given = Matrix<Double>(rows: 4, columns: 10, repeating: logit(0.1))
        given[0, 0] = .infinity
        given[1, 3] = -.infinity
        let rarer = try #require(learnt(given) { _ in -40 }).logOdds
        #expect(rarer[0, 0] == .infinity && rarer[1, 3] == -.infinity && rarer[2, 2] < given[2, 2])
        let all = Matrix<Double>(rows: 2, columns: 2, repeating: .infinity)
        #expect(learnt(all) { _ in 0 } == nil)
        #expect(TargetRate.mean(all.values) == nil)
    }
}
