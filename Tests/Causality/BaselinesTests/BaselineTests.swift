import Matrices
import Screens
import Testing

@testable import Baselines

@Suite struct BaselineTests {
    private static func training(
        _ contexts: [Context], _ shifts: [[Double]], features: FeatureTable? = nil,
        combinations: [String: [String]] = [:], controlMeans: [[Double]]? = nil, cells: [Int]? = nil
    ) -> TrainingShifts {
        TrainingShifts(
            genes: shifts[0].count, contexts: contexts, shifts: shifts, cells: cells ?? contexts.map { _ in 1 },
            controlMeans: controlMeans ?? shifts.map { $0.map { _ in 0 } }, features: features,
            combinations: combinations)
    }

    private static func ask(_ context: Context, controlMean: [Double] = [0, 0]) -> BaselineQuestion {
        BaselineQuestion(context: context, controlMean: controlMean)
    }

    private static func isNear(_ a: [Double]?, _ b: [Double], _ tolerance: Double = 1e-12) -> Bool {
        guard let a else { return false }
        return a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
    }

    @Test("Means of all, and of the same dose; a dose in between by its logarithm")
    func means() {
        let training = Self.training(
            ["a", "b"].flatMap { name in [1.0, 100].map { Context(perturbation: name, dose: $0) } },
            [[0, 2], [4, 0], [2, 2], [8, 0]])
        let (pooled, own) = (TrainingMean(training, isPooled: true), TrainingMean(training, isPooled: false))
        let new = Context(perturbation: "c", dose: 100)
        #expect(Self.isNear(pooled.shift(of: Self.ask(new)), [3.5, 1]))
        #expect(Self.isNear(own.shift(of: Self.ask(new)), [6, 0]))
        #expect(Self.isNear(own.shift(of: Self.ask(.init(perturbation: "c", dose: 10))), [3.5, 1]))
        #expect(Self.isNear(own.shift(of: Self.ask(.init(perturbation: "c", dose: 1000))), [6, 0]))
        // Cells of a kind that training lacks are answered by the mean of all.
        let elsewhere = Context(perturbation: "c", dose: 100, covariates: ["line": "x"])
        #expect(Self.isNear(own.shift(of: Self.ask(elsewhere)), [3.5, 1]))
        #expect(NoChange(genes: 2).shift(of: Self.ask(new)) == [0, 0])
        #expect(OwnShift(training).shift(of: Self.ask(training.contexts[1])) == [4, 0])
        #expect(OwnShift(training).shift(of: Self.ask(new)) == nil)
    }

    @Test("Levels make doses comparable, amounts do not")
    func levels() {
        let training = Self.training(
            [
                Context(perturbation: "a", dose: 5, level: "High"), Context(perturbation: "a", dose: 1, level: "Low"),
                Context(perturbation: "b", dose: 500, level: "High"),
            ], [[2, 0], [9, 9], [4, 2]])
        let mean = TrainingMean(training, isPooled: false)
        let high = Context(perturbation: "c", dose: 1, level: "High")
        #expect(Self.isNear(mean.shift(of: Self.ask(high)), [3, 1]))
    }

    @Test("Single perturbations add up; one that was not measured counts as the mean of the others")
    func additive() {
        let contexts = ["a", "b", "a+b"].map { Context(perturbation: $0) }
        let parts = ["a+b": ["a", "b"], "a+c": ["a", "c"]]
        let training = Self.training(contexts, [[1, 0], [0, 3], [9, 9]], combinations: parts)
        let baseline = AdditiveShift(training)
        #expect(Self.isNear(baseline.shift(of: Self.ask(.init(perturbation: "a+b"))), [1, 3]))
        #expect(Self.isNear(baseline.shift(of: Self.ask(.init(perturbation: "a+c"))), [1.5, 1.5]))
        #expect(baseline.shift(of: Self.ask(.init(perturbation: "c"))) == nil)
    }

    @Test("Other doses: pooled by cells, interpolated on the logarithm, and the Hill curve that they lie on")
    func doses() throws {
        func response(_ dose: Double) -> Double { 1 / (1 + (2 / dose) * (2 / dose)) }
        let doses = [0.5, 1, 4, 16]
        let training = Self.training(
            doses.map { Context(perturbation: "a", dose: $0) }, doses.map { [3 * response($0), -response($0)] },
            cells: [1, 1, 1, 5])
        let asked = Self.ask(.init(perturbation: "a", dose: 2))
        let pooled = try #require(PooledDoses(training).shift(of: asked))
        let weighted = (response(0.5) + response(1) + response(4) + 5 * response(16)) / 8
        #expect(Self.isNear(pooled, [3 * weighted, -weighted]))
        let between = (response(1) + response(4)) / 2
        #expect(Self.isNear(InterpolatedDose(training).shift(of: asked), [3 * between, -between]))
        // EC50 2 and slope 2 lie on the grid up to half a step of 1/12 decade, 10 % of the dose; the response moves by at
        // most slope / 4 of that.
        #expect(Self.isNear(HillCurve(training).shift(of: asked), [1.5, -0.5], 0.08))
        let far = Self.ask(.init(perturbation: "a", dose: 1e6))
        #expect(Self.isNear(HillCurve(training).shift(of: far), [3, -1], 0.15))
        #expect(HillCurve(training).shift(of: Self.ask(.init(perturbation: "b", dose: 2))) == nil)
        #expect(InterpolatedDose(training).shift(of: Self.ask(.init(perturbation: "a"))) == nil)
    }

    @Test("Cells whose controls are alike have the say")
    func similarCells() {
        let contexts = ["x", "y"].map { Context(perturbation: "a", covariates: ["line": $0]) }
        let training = Self.training(
            contexts, [[1, 0], [0, 1]], controlMeans: [[1, 2, 3, 4], [4, 3, 2, 1]].map { $0.map(Double.init) })
        let asked = Self.ask(
            .init(perturbation: "a", covariates: ["line": "z"]), controlMean: [1, 2, 3, 5])
        // Correlations of 0.98 and −0.98: e^98 to 1.
        #expect(Self.isNear(SimilarCells(training, cutsAtZero: false).shift(of: asked), [1, 0]))
        #expect(SimilarCells(training, cutsAtZero: true).cutsAtZero)
        let seen = Self.ask(contexts[0], controlMean: [1, 2, 3, 4])
        #expect(SimilarCells(training, cutsAtZero: false).shift(of: seen) == nil)
    }

    /// Twelve perturbations whose first gene follows a feature and whose second is the dose.
    private static func regression() -> TrainingShifts {
        let names = (0..<12).map { "p\($0)" }
        let table = FeatureTable(
            perturbations: names + ["new"], features: ["f", "constant"],
            values: Matrix(
                rows: 13, columns: 2, values: (0..<12).flatMap { [Float($0) - 5.5, 1] } + [2, 1]))
        return training(
            names.flatMap { name in [1.0, 10].map { Context(perturbation: name, dose: $0) } },
            (0..<12).flatMap { place in [[Double(place) - 5.5, 1], [Double(place) - 5.5, 2]] }, features: table)
    }

    @Test("Regressions meet what is linear in a feature, and know what they don't")
    func regressions() throws {
        let training = Self.regression()
        let features = try #require(FeatureSpace(training))
        let asked = Self.ask(.init(perturbation: "new", dose: 10))
        // The smallest penalties of the grid leave a share of at most 0.003 / 24 of the truth.
        let linear = KernelRidge(training, features: features, kernel: .linear)
        #expect(Self.isNear(linear.shift(of: asked), [2, 2], 0.01))
        // A Gaussian follows a line between measured points to within some percent.
        let similar = KernelRidge(training, features: features, kernel: .similarity)
        #expect(Self.isNear(similar.shift(of: asked), [2, 2], 0.3))
        let neighbours = NearestNeighbours(training, features: features)
        #expect(Self.isNear(neighbours.shift(of: asked), [2, 2], 0.7))
        #expect(linear.shift(of: Self.ask(.init(perturbation: "unknown", dose: 10))) == nil)
    }

    @Test("Regressions on noise fall back on the mean")
    func noise() throws {
        let training = Self.regression()
        // Shifts that no feature tells: alternating signs.
        let noise = TrainingShifts(
            genes: 2, contexts: training.contexts,
            shifts: training.contexts.indices.map { [$0 / 2 % 2 == 0 ? 1 : -1, 0] }, cells: training.cells,
            controlMeans: training.controlMeans, features: training.features)
        let features = try #require(FeatureSpace(noise))
        let asked = Self.ask(.init(perturbation: "new", dose: 10))
        for kernel in [KernelRidge.Kernel.linear, .similarity] {
            let found = KernelRidge(noise, features: features, kernel: kernel).shift(of: asked)
            #expect(Self.isNear(found, [0, 0], 0.25), "\(kernel)")
        }
    }

    @Test("Bits are compared by Tanimoto")
    func bits() throws {
        let names = ["a", "b", "c"]
        let values: [[Float]] = [[1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1]]
        let table = FeatureTable(
            perturbations: names, features: (0..<8).map { "bit\($0)" },
            values: Matrix(rows: 3, columns: 8, values: values.flatMap(\.self)))
        let training = Self.training(
            names.map { Context(perturbation: $0) }, [[1, 0], [0, 1], [0, 0]], features: table)
        let features = try #require(FeatureSpace(training))
        #expect(features.comparesBits)
        let rows = try names.map { try #require(features.row(of: .init(perturbation: $0))) }
        // Two of four bits that either has.
        #expect(features.likeness(rows[0], rows[1]) == 0.5)
        #expect(features.likeness(rows[0], rows[2]) == 0)
        #expect(FeatureSpace(Self.training([.init(perturbation: "a")], [[0, 0]], features: table)) == nil)
    }
}
