import AnnotatedData
import Foundation
import Interventions
import Matrices
import Screens
import Testing

@testable import ScreenModels

/// On screens of which the truth is known.
struct ScreenModelTests {
    static var options: ScreenModelOptions {
        var options = ScreenModelOptions()
        options.draws = 6
        options.mechanisms = .linear
        options.particles = 100
        return options
    }

    private static let seen = ChainScreen(measured: 18, unseen: 6)
    private static let model = Result { try ScreenModel.fit(seen.screen, options: options) }

    @Test func theChainAndTheTargetsAreFound() throws {
        let model = try Self.model.get()
        let beliefs = model.edgeBeliefs
        for source in 0..<ChainScreen.genes {
            for target in 0..<ChainScreen.genes where source != target {
                #expect((beliefs[source, target] > 0.5) == (target == source + 1), "\(source) → \(target)")
            }
        }
        for place in model.contexts.indices {
            let drug = try #require(Int(model.contexts[place].perturbation.dropFirst(4)))
            let best = try #require(try model.targets(ofMeasured: place).first)
            #expect(best.gene == "g\(Self.seen.drugs[drug].target)" && best.probability > 0.9)
        }
        // Standard error of a regression on 3,200 cells: about .02.
        #expect(abs(model.effect(of: 0, on: 1) - ChainScreen.effect) < 0.08)
    }

    /// Doses that nobody measured, between and beyond those that were.
    @Test func unseenDosesFollowTheCurveAndIntervalsHoldThem() throws {
        let model = try Self.model.get()
        var held = 0
        var count = 0
        var squares = 0.0
        for drug in 0..<18 {
            for dose in [0.7, 1.4, 3, 5] {
                let found = try model.predict(.init(perturbation: ChainScreen.name(drug), dose: dose))
                let truth = Self.seen.shift([drug], dose)
                for gene in Self.seen.drugs[drug].target..<ChainScreen.genes {
                    held += found.lower[gene] <= truth[gene] && truth[gene] <= found.upper[gene] ? 1 : 0
                    count += 1
                    squares += pow(found.shift[gene] - truth[gene], 2)
                }
            }
        }
        // The mean of 40 cells alone is off by .6 / √40 ≈ .1 and more downstream; four doses share one curve.
        #expect((squares / Double(count)).squareRoot() < 0.12)
        // 90 % within three standard deviations of a share over 18 independent drugs.
        #expect(Double(held) / Double(count) > 0.69)
    }

    @Test func unseenDrugsAreToldFromTheirFeatures() throws {
        let model = try Self.model.get()
        let table = try #require(Self.seen.screen.features)
        var squares = 0.0
        var nothing = 0.0
        for drug in 18..<24 {
            let context = Context(perturbation: ChainScreen.name(drug), dose: 2)
            let query = try #require(model.query(for: context, features: table))
            let found = try model.predict(query)
            let best = found.targetProbability.indices.max { found.targetProbability[$0] < found.targetProbability[$1] }
            #expect(best == Self.seen.drugs[drug].target)
            #expect(!found.isMeasured)
            for (predicted, truth) in zip(found.shift, Self.seen.shift([drug], 2)) {
                squares += (predicted - truth) * (predicted - truth)
                nothing += truth * truth
            }
        }
        #expect(squares < 0.15 * nothing)
    }

    @Test func featuresLikeNoneAreSaidToBeFarAndAnswersGetWider() throws {
        let model = try Self.model.get()
        let table = try #require(Self.seen.screen.features)
        func asked(_ factor: Double) -> PerturbationQuery {
            PerturbationQuery(
                perturbation: "new", dose: 2, features: table.values.row(0).map { Double($0) * factor })
        }
        let near = try model.predict(asked(1.02))
        let far = try model.predict(asked(-6))
        func width(_ found: PredictedPerturbation) -> Double {
            zip(found.upper, found.lower).reduce(0) { $0 + $1.0 - $1.1 }
        }
        #expect(!near.isOutOfSupport && far.isOutOfSupport)
        #expect(width(far) > 1.5 * width(near))
    }

    @Test func partsOfAShiftSumToWhatTheCausalModelSays() throws {
        let model = try Self.model.get()
        let query = PerturbationQuery(perturbation: ChainScreen.name(1), dose: 2)
        let found = try model.predict(query)
        let parts = try model.attribution(query)
        let d = ChainScreen.genes
        for gene in 0..<d {
            let sum = (0..<d).reduce(0.0) { $0 + parts.parts[$1 * d + gene] }
            // Both in single precision.
            #expect(abs(found.causalWeight * sum + found.residual[gene] - found.shift[gene]) < 1e-4)
        }
        #expect(parts.errors.allSatisfy { $0 == 0 })
    }

    /// What the causal model says of targets stays where predictions are not told from it.
    @Test func targetsKeepTheirEffectsWhereLikenessAnswersAlone() throws {
        var model = try Self.model.get()
        // Treatments of which likeness told all and the causal model nothing.
        let trials = (0..<300).map { place in
            ShiftCalibration.Trial(
                treatment: place, blend: .init(causal: 0, causalHalfWidth: 1, direct: Double(place % 5)),
                measured: Double(place % 5), deviation: 0.1)
        }
        model.calibration.learn(.measured, from: trials, noise: .identity(trials.count))
        for drug in 0..<6 {
            let query = PerturbationQuery(perturbation: ChainScreen.name(drug), dose: 2)
            let found = try model.predict(query)
            let target = Self.seen.drugs[drug].target
            #expect(found.causalWeight == 0 && found.residual == found.shift)
            // Not less than half of an effect of 2 or more at a dose beyond most half doses.
            #expect(found.directEffect[target] * Self.seen.drugs[drug].size > 0)
            #expect(abs(found.directEffect[target]) > 0.5)
            let parts = try model.attribution(query).parts
            #expect(abs(parts[target * ChainScreen.genes + target] - found.directEffect[target]) < 1e-4)
        }
    }

    /// Perturbations that do nothing, without doses or features by which anything could be tried.
    @Test func whereNothingHappensNothingIsFoundAndIntervalsSaySo() throws {
        let planted = ChainScreen(measured: 6, doses: [nil], cells: 60, strength: 0)
        var screen = planted.screen
        screen.features = nil
        let model = try ScreenModel.fit(screen, options: Self.options)
        for context in model.contexts {
            let found = try model.predict(.init(perturbation: context.perturbation))
            // A false target of 36 is no surprise at the prior of one in ten.
            #expect(zip(found.lower, found.upper).count { $0 <= 0 && 0 <= $1 } >= 5)
            #expect(zip(found.lower, found.upper).allSatisfy { $0 < $1 })
        }
    }

    @Test func nothingGivenMovesNothing() throws {
        let found = try Self.model.get().predict(.init(perturbation: ChainScreen.name(0), dose: 0))
        #expect(found.shift.allSatisfy { $0 == 0 } && found.upper.allSatisfy { $0 == 0 })
    }

    @Test func aPairThatWasNotMeasuredIsTheSumOfItsParts() throws {
        let planted = ChainScreen(measured: 8, doses: [nil], pairs: [(0, 1), (2, 3), (4, 5)])
        let model = try ScreenModel.fit(planted.screen, options: Self.options)
        let found = try model.predict(
            .init(perturbation: "both", parts: [ChainScreen.name(1), ChainScreen.name(4)]))
        for (predicted, truth) in zip(found.shift, planted.shift([1, 4], nil)) {
            // Means of 40 cells downstream of the chain: .2 each, two parts.
            #expect(abs(predicted - truth) < 0.5)
        }
        #expect(found.targetProbability[1] > 0.9 && found.targetProbability[4] > 0.9)
        let half = try #require(
            model.query(
                for: Context(perturbation: "half"), features: nil,
                combinations: ["half": [ChainScreen.name(1), "nobody knows"]]))
        #expect(try model.predict(half).targetProbability[1] > 0.9)
    }

    @Test func strataShiftNothingButTheirOwnMeans() throws {
        let planted = ChainScreen(measured: 8, doses: [1, 4], strata: ["a", "b"])
        let model = try ScreenModel.fit(planted.screen, options: Self.options)
        let best = try model.targets(ofMeasured: 0)[0]
        #expect(best.gene == "g0" && best.probability > 0.9)
        let found = try model.predict(.init(perturbation: ChainScreen.name(0), dose: 4, covariates: ["line": "b"]))
        #expect(abs(found.shift[0] - planted.shift([0], 4)[0]) < 0.3)
        #expect(model.edgeBeliefs[0, 1] > 0.9 && model.edgeBeliefs[4, 2] < 0.5)
    }

    @Test func theNumberOfThreadsChangesNothing() throws {
        func bytes(_ workers: Int) throws -> Data {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            defer { try? FileManager.default.removeItem(at: folder) }
            let planted = ChainScreen(measured: 8, doses: [1, 4])
            try ScreenModel.fit(planted.screen, options: Self.options, seed: 3, workers: workers).save(to: folder)
            return try Data(contentsOf: folder.appendingPathComponent("model.safetensors"))
        }
        #expect(try bytes(1) == bytes(3))
    }
}
