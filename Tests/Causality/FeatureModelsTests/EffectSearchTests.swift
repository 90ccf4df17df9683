import Foundation
import Matrices
import Probability
import Testing

@testable import FeatureModels

struct EffectSearchTests {
    /// Three genes without doses, where every set of targets can be gone through and effects be summed over a grid.
    @Test func asInAFullEnumeration() throws {
        let world = SimulatedFeatures(count: 14, genes: 3, features: 4, doses: false, noise: 0.5, seed: 4)
        let model = try world.model(12)
        let conditional = MeasuredFeatures(model).conditional(on: Array(0..<12))
        let (names, features) = world.unseen(from: 12)
        let products = model.space.products(features)
        var options = EffectSearchOptions()
        options.particles = 1000
        let posteriors = try model.posteriors(
            of: names, features: features, options: options, stream: RandomStream(seed: 1))
        for i in names.indices {
            let query = conditional.query(products: products.withMeasured.row(i), square: products.squares[i])
            let exact = enumerated(conditional, query, model.prior)
            // Four standard errors of 1000 draws as good as 250 independent ones.
            for (a, b) in zip(posteriors[i].targetProbabilities, exact.probabilities) {
                #expect(abs(a - b) < 4 * (max(b * (1 - b), 0.01) / 250).squareRoot(), "\(a) for \(b)")
            }
            // The product of some ten means of 1000 weights of coefficient of variation 1: 10 % in all.
            #expect(abs(posteriors[i].logEvidence - exact.logEvidence) < 0.4)
        }
    }

    private func enumerated(
        _ conditional: FeatureConditional, _ query: FeatureConditional.Query, _ prior: EffectPrior
    ) -> (probabilities: [Double], logEvidence: Double) {
        // Midpoints of equal parts of the normal distribution of ln |E|.
        let parts = 16
        let sizes = (0..<parts).map {
            exp(
                NormalDistribution(mean: prior.logMean, standardDeviation: prior.logDeviation)
                    .quantile((Double($0) + 0.5) / Double(parts)))
        }
        let effects =
            sizes.map { ($0, log(prior.positiveShare / Double(parts))) }
            + sizes.map { (-$0, log((1 - prior.positiveShare) / Double(parts))) }
        var masses: [(targets: [Int], log: Double)] = []
        for set in 0..<8 {
            let targets = (0..<3).filter { set >> $0 & 1 == 1 }
            var guesses: [[Int]] = [[]]
            for _ in targets { guesses = guesses.flatMap { g in effects.indices.map { g + [$0] } } }
            var particles = EffectParticles(count: guesses.count, capacity: 3, doseCount: 0)
            for (i, guess) in guesses.enumerated() {
                for (gene, e) in zip(targets, guess) { particles.append(Int32(gene), effects[e].0, to: i) }
            }
            let values = conditional.scores(particles, query).logLikelihoods
            for (i, guess) in guesses.enumerated() {
                masses.append(
                    (
                        targets,
                        values[i] + prior.logCounts[targets.count] - EffectPrior.logChoices(targets.count, of: 3)
                            + guess.reduce(0) { $0 + effects[$1].1 }
                    ))
            }
        }
        let best = masses.map(\.log).max() ?? 0
        let total = masses.reduce(0) { $0 + exp($1.log - best) }
        let probabilities = (0..<3).map { gene in
            masses.reduce(0) { $0 + ($1.targets.contains(gene) ? exp($1.log - best) : 0) } / total
        }
        let constant = -0.5 * conditional.temper * conditional.featureCount * log(2 * .pi)
        return (probabilities, log(total) + best + constant)
    }

    /// Moves without a likelihood leave the prior as it is.
    @Test func movesKeepThePrior() {
        let measured = [
            MeasuredEffects(name: "a", effects: [2, 0, 0, 0, 0, 0, 0, 0], doseParameters: [0.5, 0.1]),
            MeasuredEffects(name: "b", effects: [0, -1, 1.4, 0, 0, 0, 0, 0], doseParameters: [-0.5, 0.4]),
        ]
        let prior = EffectPrior(measured, genes: 8, doseCount: 2)
        let moves = EffectMoves(
            prior: prior, weights: EffectMoves.weights(scores: [3, 1, 4, 1, 5, 9, 2, 6]))
        var stream = RandomStream(seed: 8)
        let count = 3000
        var particles = EffectParticles(count: count, from: prior, &stream)
        for _ in 0..<25 {
            for i in 0..<count {
                var changed = particles
                if i > 0 { changed = particles.selecting([i]) } else { changed = particles.selecting([0]) }
                let (ratio, _) = moves.propose(&changed, 0, step: 1, &stream)
                let gain = changed.logPrior(0, prior) - particles.logPrior(i, prior) + ratio
                if log(1 - stream.uniform()) < gain { particles.copy(changed, 0, to: i) }
            }
        }
        func share(_ condition: (Int) -> Bool) -> Double { Double((0..<count).count(where: condition)) / Double(count) }
        // Four standard errors of 3000 draws.
        func near(_ found: Double, _ expected: Double) -> Bool {
            abs(found - expected) < 4 * (max(expected * (1 - expected), 1e-3) / Double(count)).squareRoot()
        }
        for m in 0...3 { #expect(near(share { particles.targetCounts[$0] == m }, exp(prior.logCounts[m])), "\(m)") }
        let mean = (0...prior.mostTargets).reduce(0) { $0 + Double($1) * exp(prior.logCounts[$1]) }
        for gene in 0..<8 {
            #expect(near(share { particles.contains(Int32(gene), $0) }, mean / 8), "gene \(gene)")
        }
        let sizes = (0..<count).flatMap { particles.effects(of: $0) }
        let logs = sizes.map { log(abs($0)) }
        let average = logs.reduce(0, +) / Double(logs.count)
        #expect(abs(average - prior.logMean) < 5 * prior.logDeviation / Double(logs.count).squareRoot())
        let positive = Double(sizes.count { $0 > 0 }) / Double(sizes.count)
        #expect(abs(positive - prior.positiveShare) < 5 * 0.5 / Double(sizes.count).squareRoot())
    }

    @Test func resamplingKeepsProportions() {
        let masses = [1.0, 0, 2, 5]
        let chosen = EffectSearch.resampled(masses, total: 8, at: 0.3)
        #expect(chosen == [0, 2, 3, 3] || chosen == [2, 3, 3, 3])
        let many = EffectSearch.resampled((0..<80).map { masses[$0 % 4] }, total: 160, at: 0.5)
        for kind in [1] { #expect(!many.contains { $0 % 4 == kind }) }
        #expect(abs(many.count { $0 % 4 == 3 } - 50) <= 20)
    }
}
