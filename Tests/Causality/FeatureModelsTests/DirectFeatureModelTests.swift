import Foundation
import Matrices
import Probability
import Testing

@testable import FeatureModels

struct DirectFeatureModelTests {
    /// Perturbations at three doses, whose responses follow their features or nothing.
    struct World {
        let space: FeatureSpace
        let table: ResponseTable
        let features: Matrix<Double>
        let responses: Matrix<Double>
        let measured: Int

        init(perturbations n: Int, unseen: Int, informative: Bool, binary: Bool = false, seed: UInt64) throws {
            var stream = RandomStream(seed: seed)
            let p = binary ? 30 : 5
            let genes = 7
            let features = Matrix<Double>(
                rows: n + unseen, columns: p,
                values: (0..<(n + unseen) * p).map { _ in
                    binary ? (stream.bernoulli(0.3) ? 1 : 0) : stream.normal()
                })
            let weights = (0..<p * genes).map { _ in stream.normal() / Double(p).squareRoot() }
            let mean = (0..<genes).map { _ in stream.normal() }
            var values = Matrix<Double>(rows: 3 * (n + unseen), columns: genes)
            for i in 0..<n + unseen {
                let own = (0..<genes).map { _ in stream.normal() }
                for dose in 0..<3 {
                    for g in 0..<genes {
                        let told = (0..<p).reduce(0) { $0 + features[i, $1] * weights[$1 * genes + g] }
                        values[3 * i + dose, g] =
                            Double(dose + 1) / 2 * (mean[g] + (informative ? told : own[g])) + 0.1 * stream.normal()
                    }
                }
            }
            self.features = features
            responses = values
            measured = n
            space = try FeatureSpace(
                perturbations: (0..<n).map { "p\($0)" }, features: (0..<p).map { "f\($0)" },
                values: features.selectingRows(Array(0..<n)))
            table = try ResponseTable(
                perturbations: (0..<3 * n).map { $0 / 3 }, covariates: Self.doses(n),
                values: values.selectingRows(Array(0..<3 * n)))
        }

        static func doses(_ n: Int) -> Matrix<Double> {
            Matrix(rows: 3 * n, columns: 1, values: (0..<3 * n).map { Double($0 % 3) })
        }

        var unseen: (names: [String], features: Matrix<Double>, covariates: Matrix<Double>, truth: Matrix<Double>) {
            let count = features.rows - measured
            let rows = (0..<3 * count).map { measured + $0 / 3 }
            return (
                rows.map { "u\($0)" }, features.selectingRows(rows), Self.doses(count),
                responses.selectingRows((0..<3 * count).map { 3 * measured + $0 })
            )
        }
    }

    func error(_ predictions: [DirectFeatureModel.Prediction], _ truth: Matrix<Double>) -> Double {
        var sum = 0.0
        for (i, prediction) in predictions.enumerated() {
            for g in 0..<truth.columns {
                sum += (prediction.mean[g] - truth[i, g]) * (prediction.mean[g] - truth[i, g])
            }
        }
        return (sum / Double(truth.values.count)).squareRoot()
    }

    @Test func featuresThatTellAreUsed() throws {
        let world = try World(perturbations: 24, unseen: 8, informative: true, seed: 3)
        let unseen = world.unseen
        let told = try DirectFeatureModel(world.table, space: world.space)
        let mean = try DirectFeatureModel(world.table, space: world.space, usesFeatures: false)
        let a = try told.predictions(of: unseen.names, features: unseen.features, covariates: unseen.covariates)
        let b = try mean.predictions(of: unseen.names, features: unseen.features, covariates: unseen.covariates)
        #expect(error(a, unseen.truth) < 0.5 * error(b, unseen.truth))
        let held = (told.heldOut, mean.heldOut)
        let stacking = try PredictiveStacking(
            models: ["features", "mean"],
            logDensities: zip(held.0.logDensities, held.1.logDensities).map { [$0, $1] })
        #expect(stacking.weights[0] > 0.8)
        // 168 values: 90 % of them within 90 % intervals, ± 15 % as values of one perturbation go together.
        var inside = 0
        for (i, prediction) in a.enumerated() {
            for g in 0..<7 {
                let width = 1.645 * (prediction.variance[g] + 0.01).squareRoot()
                inside += abs(prediction.mean[g] - unseen.truth[i, g]) < width ? 1 : 0
            }
        }
        #expect((126...168).contains(inside), "\(inside)")
    }

    @Test(arguments: [false, true]) func featuresThatTellNothingGiveTheMean(binary: Bool) throws {
        let world = try World(perturbations: 24, unseen: 6, informative: false, binary: binary, seed: 5)
        let unseen = world.unseen
        let told = try DirectFeatureModel(world.table, space: world.space)
        let predictions = try told.predictions(
            of: unseen.names, features: unseen.features, covariates: unseen.covariates)
        // The mean of the measured at the same dose, and the spread of one perturbation about it.
        for (i, prediction) in predictions.enumerated() {
            for g in 0..<7 {
                let values = (0..<24).map { world.table.values[3 * $0 + i % 3, g] }
                let mean = values.reduce(0, +) / 24
                let spread = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 23).squareRoot()
                // A mean course smoothed over doses: within three standard errors of the mean of 24.
                #expect(abs(prediction.mean[g] - mean) < 0.65 * spread, "\(prediction.mean[g]) for \(mean) ± \(spread)")
                #expect(prediction.variance[g].squareRoot() > 0.5 * spread)
            }
        }
    }

    @Test(arguments: [ResponseKernel.FeatureForm.none, .tanimoto, .radial])
    func theGradientIsThatOfTheLoss(form: ResponseKernel.FeatureForm) throws {
        let world = try World(
            perturbations: 5, unseen: 0, informative: true, binary: form == .tanimoto, seed: 9)
        let inputs = TreatmentPairs(world.table, space: world.space)
        let start = ResponseKernel(form: form, covariateCount: 1)
        let rows = Array(0..<15)
        let values = rows.map { world.table.values[$0, 0] }
        let outer = Matrix(rows: 15, columns: 15, values: values.flatMap { a in values.map { a * $0 } })
        func loss(_ parameters: [Double]) throws -> (value: Double, gradient: [Double]) {
            try #require(
                DirectFeatureModel.loss(
                    parameters, start, inputs, rows: rows, outer: outer, noise: world.table.noise))
        }
        let here = start.logParameters.enumerated().map { $1 + 0.2 * Double($0 % 2) }
        let gradient = try loss(here).gradient
        for place in here.indices {
            var (up, down) = (here, here)
            up[place] += 1e-5
            down[place] -= 1e-5
            let slope = try (loss(up).value - loss(down).value) / 2e-5
            // Rounding of values near 100 over the step.
            #expect(abs(slope - gradient[place]) < 1e-6 * max(1, abs(slope)))
        }
    }

    @Test func aPerturbationLikeNoneIsOpen() throws {
        let world = try World(perturbations: 24, unseen: 1, informative: true, seed: 3)
        let model = try DirectFeatureModel(world.table, space: world.space)
        let covariates = Matrix(rows: 2, columns: 1, values: [1.0, 1])
        let features = Matrix(
            rows: 2, columns: 5, values: Array(world.features.values.prefix(5)) + Array(repeating: 40, count: 5))
        let found = try model.predictions(of: ["near", "far"], features: features, covariates: covariates)
        #expect(found[0].openShare < found[1].openShare)
        #expect(zip(found[0].variance, found[1].variance).allSatisfy { $0 < $1 })
    }

    @Test func wrongTablesAreRefused() throws {
        let values = Matrix<Double>(rows: 2, columns: 1, values: [1, 2])
        #expect(throws: FeatureModelError.self) { try ResponseTable(perturbations: [0, 0], values: values) }
        #expect(throws: FeatureModelError.self) { try ResponseTable(perturbations: [0], values: values) }
        #expect(throws: FeatureModelError.self) {
            try ResponseTable(perturbations: [0, 1], noise: [1, 0], values: values)
        }
        let world = try World(perturbations: 4, unseen: 0, informative: true, seed: 1)
        let beyond = try ResponseTable(perturbations: [0, 9], values: values)
        #expect(throws: FeatureModelError.self) { try DirectFeatureModel(beyond, space: world.space) }
    }
}

struct DrawScoresTests {
    /// Draws around the truth beat the mean course, and draws that know nothing do not.
    @Test func drawsThatAreRightScoreHigher() throws {
        let world = try DirectFeatureModelTests.World(perturbations: 12, unseen: 0, informative: false, seed: 21)
        let model = try DirectFeatureModel(world.table, space: world.space, usesFeatures: false)
        var stream = RandomStream(seed: 2)
        func draws(_ weight: Double) -> [[Matrix<Double>]] {
            (0..<12).map { k in
                (0..<20).map { _ in
                    Matrix(
                        rows: 3, columns: 7,
                        values: (0..<21).map {
                            weight * world.table.values[3 * k + $0 / 7, $0 % 7] + 0.1 * stream.normal()
                        })
                }
            }
        }
        let mean = model.heldOut.logDensities.reduce(0, +)
        let right = try model.scores(ofHeldOut: draws(1))
        let none = try model.scores(ofHeldOut: draws(0))
        #expect(right.logDensities.reduce(0, +) > mean)
        #expect(none.logDensities.reduce(0, +) < mean)
        #expect(right.discrepancy < none.discrepancy)
        #expect(throws: FeatureModelError.self) { try model.scores(ofHeldOut: []) }
    }
}
