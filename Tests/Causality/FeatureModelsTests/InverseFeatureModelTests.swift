import Foundation
import Matrices
import Probability
import Testing

@testable import FeatureModels

struct InverseFeatureModelTests {
    var quick: EffectSearchOptions {
        var options = EffectSearchOptions()
        options.particles = 200
        options.movesPerTemperature = 5
        options.finalMoves = 15
        return options
    }

    /// Targets are found, and probabilities and intervals mean what they say.
    @Test func calibratedOnUnseenPerturbations() throws {
        let world = SimulatedFeatures(count: 70, genes: 6, features: 12, seed: 2)
        let model = try world.model(30)
        #expect(model.isConverged)
        let (names, features) = world.unseen(from: 30)
        let posteriors = try model.posteriors(
            of: names, features: features, options: quick, stream: RandomStream(seed: 5))
        var expected = 0.0
        var variance = 0.0
        var found = 0
        var right = 0
        var covered = 0
        for (place, posterior) in posteriors.enumerated() {
            let truth = world.effects[30 + place]
            for (gene, p) in posterior.targetProbabilities.enumerated() {
                expected += p
                variance += p * (1 - p)
                found += truth[gene] != 0 ? 1 : 0
                right += (p > 0.5) == (truth[gene] != 0) ? 1 : 0
            }
            let draws = (0..<posterior.particleCount).map { posterior.doseParameters(of: $0)[0] }
            let limits = quantiles(of: draws, at: [0.05, 0.95])
            if (limits[0]...limits[1]).contains(world.dose[30 + place][0]) { covered += 1 }
        }
        // Three standard deviations of a sum of independent events, and as much again for 200 particles that remember.
        #expect(abs(expected - Double(found)) < 3 * variance.squareRoot() + 4, "\(expected) for \(found)")
        // 240 decisions; guessing "no target" is right in three quarters.
        #expect(right > 220, "\(right)")
        // 40 intervals of 90 %: 36 ± 3 · 1.9.
        #expect((30...40).contains(covered), "\(covered)")
    }

    @Test func theSameAtAnyNumberOfThreadsAndInAnyOrder() throws {
        let world = SimulatedFeatures(count: 24, genes: 5, features: 6, seed: 7)
        let model = try world.model(20)
        let (names, features) = world.unseen(from: 20)
        let stream = RandomStream(seed: 3)
        let one = try model.posteriors(of: names, features: features, options: quick, stream: stream, workers: 1)
        let three = try model.posteriors(of: names, features: features, options: quick, stream: stream, workers: 3)
        #expect(one == three)
        let order = [2, 0, 3, 1]
        let turned = try model.posteriors(
            of: order.map { names[$0] }, features: features.selectingRows(order), options: quick, stream: stream)
        for (place, i) in order.enumerated() { #expect(turned[place] == one[i]) }
        let again = try InverseFeatureModel(world.measured(20), space: world.space(20), genes: 5, doseCount: 2)
        #expect(again.kernel == model.kernel)
    }

    @Test func uninformativeFeaturesGiveThePrior() throws {
        let world = SimulatedFeatures(count: 34, genes: 6, features: 8, informative: false, seed: 11)
        let model = try world.model(30)
        let (names, features) = world.unseen(from: 30)
        let posteriors = try model.posteriors(
            of: names, features: features, options: quick, stream: RandomStream(seed: 5))
        let rate = (0...model.prior.mostTargets).reduce(0) { $0 + Double($1) * exp(model.prior.logCounts[$1]) } / 6
        for posterior in posteriors {
            #expect(posterior.featureVariance > 0.8, "\(posterior.featureVariance)")
            for p in posterior.targetProbabilities { #expect(abs(p - rate) < 0.25, "\(p) for \(rate)") }
        }
    }

    /// Ten copies of each feature are no more evidence than one.
    @Test func repeatedFeaturesAreNoFurtherWitnesses() throws {
        let world = SimulatedFeatures(count: 30, genes: 6, features: 4, noise: 0.6, seed: 13)
        var copies = Matrix<Double>(rows: 30, columns: 40)
        for i in 0..<30 {
            for c in 0..<40 { copies[i, c] = world.features[i, c % 4] }
        }
        let space = try FeatureSpace(
            perturbations: world.names, features: (0..<40).map { "f\($0)" }, values: copies)
        let one = try world.model(30)
        let ten = try InverseFeatureModel(world.measured(30), space: space, genes: 6, doseCount: 2)
        #expect(one.temper > 0.3, "\(one.temper)")
        // Ten times the density: a tenth of its power, up to what the prior on the kernel has to do with it.
        #expect(ten.temper < 0.35 * one.temper, "\(ten.temper) and \(one.temper)")
    }

    /// Cells leave open which of two dose curves it was; the features know.
    @Test func featuresWeighCandidates() throws {
        let world = SimulatedFeatures(count: 30, genes: 4, features: 16, noise: 0.05, seed: 17)
        let measured = world.measured(30).enumerated().map { k, known -> MeasuredEffects in
            guard k % 3 == 0 else { return known }
            // The true curve second.
            let dose = [known.doseParameters[0] - 1.5, known.doseParameters[1]] + known.doseParameters
            return MeasuredEffects(
                name: known.name, targets: known.targets, effects: known.effects + known.effects, doseParameters: dose,
                probabilities: [0.5, 0.5])
        }
        let model = try InverseFeatureModel(measured, space: world.space(30), genes: 4, doseCount: 2)
        let ofTruth = model.measured.filter { $0.candidateCount > 1 }.map { $0.probabilities[1] }
        #expect(ofTruth.count == 10)
        // Without features half of it; most are told.
        #expect(ofTruth.reduce(0, +) > 7.5, "\(ofTruth)")
    }

    @Test func heldOutPerturbationsAreToldFromTheOthers() throws {
        let world = SimulatedFeatures(count: 24, genes: 5, features: 10, seed: 19)
        let model = try world.model(24)
        let held = try model.heldOutPosteriors([0, 5, 9], options: quick, stream: RandomStream(seed: 1))
        #expect(held.map(\.name) == ["p0", "p5", "p9"])
        // Leaving one out by hand: the conditional on the others, asked for the one.
        let others = model.measured.indices.filter { $0 != 5 }
        let conditional = MeasuredFeatures(model).conditional(on: others)
        let products = model.space.products(model.space.measured)
        let query = conditional.query(products: products.withMeasured.row(5), square: products.squares[5])
        let particles = model.measured[5].particles
        let direct = conditional.scores(particles, query).logLikelihoods[0] / model.temper
        let closed = try #require(LeaveOneOut(model)).logLikelihoods(of: 5, particles)[0]
        // Two ways to solve the same equations, one without the axes of least weight.
        #expect(abs(direct - closed) < 1e-3 * max(1, abs(direct)), "\(direct) and \(closed)")
    }

    /// Guesses are told in batches; each is told as if it stood alone.
    @Test func manyGuessesAreToldLikeEach() throws {
        let world = SimulatedFeatures(count: 9, genes: 4, features: 6, seed: 31)
        let others = try #require(LeaveOneOut(world.model(9)))
        var guesses = EffectParticles(count: 600, capacity: 1, doseCount: 2)
        for i in 0..<guesses.count { guesses.append(Int32(i % 4), 0.01 * Double(i - 300) + 0.005, to: i) }
        let together = others.logLikelihoods(of: 2, guesses)
        #expect(together.count == 600)
        for i in stride(from: 0, to: 600, by: 37) {
            let alone = others.logLikelihoods(of: 2, guesses.selecting([i]))[0]
            // Products of other shapes round otherwise; values are of order 10.
            #expect(abs(together[i] - alone) < 1e-8 * max(1, abs(alone)))
        }
    }

    @Test func duplicatesAndManyFeaturesAreNoTrouble() throws {
        let world = SimulatedFeatures(count: 14, genes: 3, features: 60, seed: 23)
        var features = world.features.selectingRows(Array(0..<12))
        for c in 0..<60 { features[1, c] = features[0, c] }
        let space = try FeatureSpace(
            perturbations: Array(world.names.prefix(12)), features: (0..<60).map { "f\($0)" }, values: features)
        var measured = world.measured(12)
        measured[1] = MeasuredEffects(name: "p1", effects: world.effects[0], doseParameters: world.dose[0])
        let model = try InverseFeatureModel(measured, space: space, genes: 3, doseCount: 2)
        let (names, unseen) = world.unseen(from: 12)
        let posteriors = try model.posteriors(
            of: names, features: unseen, options: quick, stream: RandomStream(seed: 5))
        for posterior in posteriors {
            #expect(
                posterior.logEvidence.isFinite && posterior.targetProbabilities.allSatisfy { (0...1.0001).contains($0) }
            )
            #expect(posterior.arrays.map(\.name).contains("effects"))
            for array in posterior.arrays { #expect(array.values.count == array.shape.reduce(1, *)) }
        }
    }

    @Test func aModelFromDiskSaysTheSame() throws {
        let world = SimulatedFeatures(count: 12, genes: 4, features: 5, seed: 29)
        var measured = world.measured(10)
        measured[3] = MeasuredEffects(
            name: "p3", targets: [0, 2], effects: [1.1, 0, 0.9, -1], doseParameters: [0.3, 0.1, 0.2, 0.7],
            probabilities: [0.3, 0.7])
        let model = try InverseFeatureModel(measured, space: world.space(10), genes: 4, doseCount: 2)
        let text = try JSONEncoder().encode(model.description)
        let description = try JSONDecoder().decode(InverseFeatureModel.Description.self, from: text)
        let again = try InverseFeatureModel(description, arrays: model.arrays)
        let (names, features) = world.unseen(from: 10)
        let stream = RandomStream(seed: 5)
        #expect(
            try model.posteriors(of: names, features: features, options: quick, stream: stream)
                == again.posteriors(of: names, features: features, options: quick, stream: stream))
        for place in model.arrays.indices {
            var arrays = model.arrays
            arrays.remove(at: place)
            #expect(throws: FeatureModelError.self) { try InverseFeatureModel(description, arrays: arrays) }
            let array = model.arrays[place]
            arrays = model.arrays
            arrays[place] = FeatureArray(
                name: array.name, shape: [array.values.count + 1], values: array.values + [1])
            #expect(throws: FeatureModelError.self) { try InverseFeatureModel(description, arrays: arrays) }
        }
    }

    @Test func impossibleInputIsRefused() throws {
        let world = SimulatedFeatures(count: 5, genes: 3, features: 4, seed: 1)
        let space = try world.space(5)
        func code(_ body: () throws -> Void) -> String? {
            do {
                try body()
                return nil
            } catch { return (error as? FeatureModelError)?.code }
        }
        let measured = world.measured(5)
        func fit(_ effects: [MeasuredEffects], genes: Int = 3, doses: Int = 2) -> String? {
            code { _ = try InverseFeatureModel(effects, space: space, genes: genes, doseCount: doses) }
        }
        #expect(fit(Array(measured.prefix(4))) == "COUNT")
        #expect(fit(measured, doses: 1) == "EFFECTS")
        #expect(fit(measured, genes: 0) == "OPTION")
        #expect(
            fit([MeasuredEffects(name: "p0", effects: [.nan, 0, 0], doseParameters: [0, 0])] + measured.dropFirst())
                == "EFFECTS")
        #expect(
            fit(
                [MeasuredEffects(name: "p0", targets: [1, 0], effects: [1, 1], doseParameters: [0, 0])]
                    + measured.dropFirst()) == "EFFECTS")
        #expect(
            fit(
                [MeasuredEffects(name: "p0", targets: [], effects: [], doseParameters: [], probabilities: [])]
                    + measured.dropFirst()) == "EFFECTS")
        let model = try world.model(5)
        let stream = RandomStream(seed: 0)
        #expect(
            code { _ = try model.posteriors(of: ["x"], features: Matrix(rows: 1, columns: 3), stream: stream) }
                == "COUNT")
        #expect(
            code {
                _ = try model.posteriors(
                    of: ["x"], features: Matrix(rows: 1, columns: 4, repeating: .infinity), stream: stream)
            } == "NONFINITE")
        var options = EffectSearchOptions()
        options.particles = 0
        #expect(
            code {
                _ = try model.posteriors(
                    of: ["x"], features: Matrix(rows: 1, columns: 4), options: options, stream: stream)
            } == "OPTION")
        // A perturbation without any effect among the measured is possible.
        #expect(
            fit([MeasuredEffects(name: "p0", effects: [0, 0, 0], doseParameters: [0, 0])] + measured.dropFirst()) == nil
        )
    }
}
