import Foundation
import Matrices
import Probability
import Testing

@testable import Responses

/// Evidence of means of lopsided values.
struct GeneSkewnessTests {
    /// Rates of large deviations of a Poisson mean: λ' ln(λ'/λ) − (λ' − λ) a cell, here of 110 cells of which a gene that one
    /// cell in 770 expresses is seen in two.
    @Test func rareCountsSpeakAsPoissonSays() {
        let (rate, cells) = (1.0 / 770, 110.0)
        let gene = GeneSkewness(skewness: 1 / rate.squareRoot(), variance: rate)
        let seen = 2 / cells
        let poisson = cells * (seen * log(seen / rate) - (seen - rate))
        let normal = cells * 0.5 * (seen - rate) * (seen - rate) / rate
        #expect(abs(normal - gene.discount(shift: seen - rate, cells: cells) - poisson) < 1e-9)
        // Five standard errors, and yet odds of one to thirty only.
        #expect(normal > 12 && poisson < 3.5)
    }

    @Test func whatIsEvenLosesNothing() {
        let even = GeneSkewness(skewness: 0, variance: 2)
        #expect(even.discount(shift: 3, cells: 50) == 0)
        // To the short side the normal distribution is cautious enough.
        #expect(GeneSkewness(skewness: 2, variance: 1).discount(shift: -1, cells: 50) == 0)
        #expect(GeneSkewness(skewness: -2, variance: 1).discount(shift: -1, cells: 50) > 1)
        // Where the series takes over from the formula, nothing jumps.
        let gene = GeneSkewness(skewness: 1, variance: 1)
        let (below, above) = (gene.discount(shift: 0.99e-4, cells: 1e12), gene.discount(shift: 1.01e-4, cells: 1e12))
        #expect(abs(below / above - pow(0.99 / 1.01, 3)) < 1e-3)
    }

    /// Moments within contexts: those of an exponential distribution, whatever the means of the contexts are.
    @Test func momentsAreThoseWithinContexts() throws {
        let design = try ScreenDesign(
            genes: ["a", "b"], perturbations: [.init(name: "p")], contexts: [[], [.init(0)]])
        var moments = try ScreenMoments(design: design, basis: .linear, cellCount: 20_000)
        var random = RandomStream(seed: 3)
        let contexts = (0..<20_000).map { $0 % 2 }
        let values = contexts.flatMap { context in
            [Float(3 * Double(context) - 2 * log(random.uniform())), Float(random.normal())]
        }
        try moments.add(Matrix(rows: contexts.count, columns: 2, values: values), contexts: contexts)
        let found = try ScreenSummary(moments).skewness
        // Skewness 2 and variance 4; of 20,000 cells the skewness of an exponential is known to .1 or so.
        #expect(abs(found[0].skewness - 2) < 0.3 && abs(found[0].variance - 4) < 0.3)
        // Of a normal distribution none is found.
        #expect(found[1].skewness == 0 && abs(found[1].variance - 1) < 0.05)
    }

    /// A gene that one cell in five hundred expresses, and three of the first perturbation's hundred: six standard errors, of
    /// which Poisson makes odds of 1 to 900, no more than the best of 240 pairs may have by chance.
    @Test func genesThatFewCellsExpressAreNoTargets() throws {
        let k = 120
        let design = try ScreenDesign(
            genes: ["rare", "other"], perturbations: (0..<k).map { .init(name: "p\($0)") },
            contexts: [[]] + (0..<k).map { [.init($0)] })
        var moments = try ScreenMoments(design: design, basis: .linear, cellCount: 0)
        var random = RandomStream(seed: 11)
        let contexts = Array(repeating: 0, count: 400) + (0..<k * 100).map { 1 + $0 / 100 }
        let values = contexts.indices.flatMap { cell in
            let isExpressed = contexts[cell] == 1 ? cell < 403 : cell % 500 == 7
            return [isExpressed ? Float(1 / 0.002.squareRoot()) : 0, Float(random.normal())]
        }
        try moments.add(Matrix(rows: contexts.count, columns: 2, values: values), contexts: contexts)
        var options = ResponseOptions()
        options.mechanisms = .linear
        options.draws = 2
        var most: [Double] = []
        for learns in [false, true] {
            var priors = ResponsePriors.sparse(design)
            priors.learnsTargetRate = learns
            let posterior = try ResponsePosterior(
                moments, priors: priors, options: options, stream: RandomStream(seed: 1), workers: 2)
            most.append((0..<k).map { posterior.targetProbability($0, 0) }.max() ?? 0)
        }
        #expect(most[0] > 0.9 && most[1] < 0.2, "\(most)")
    }
}
