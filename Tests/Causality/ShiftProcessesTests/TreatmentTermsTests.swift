import Foundation
import Matrices
import Probability
import Screens
import Testing

@testable import ShiftProcesses

/// What of treatments is compared, and what is learnt from it.
struct TreatmentTermsTests {
    // MARK: Features

    private func features(_ rows: [[Float]]) -> FeatureTable {
        FeatureTable(
            perturbations: rows.indices.map { "p\($0)" }, features: rows[0].indices.map { "f\($0)" },
            values: Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap { $0 }))
    }

    @Test func bitsAreComparedByTanimoto() {
        let table = features([[1, 1, 0, 0, 0, 0, 0, 1], [1, 0, 1, 0, 0, 1, 1, 0], [0, 1, 1, 1, 1, 0, 0, 0]])
        let likeness = FeatureLikeness(table, measured: ["p0", "p1", "p2"])
        #expect(likeness.forms == [.tanimoto])
        // One of 3 + 4 − 1 bits in common; exact in double precision but for the division.
        #expect(abs(likeness.matrix(.tanimoto, ["p0"], ["p1"])[0, 0] - 1.0 / 6) < 1e-15)
        #expect(likeness.matrix(.tanimoto, ["p1"], ["p1"])[0, 0] == 1)
        // Seven bits are too few to count as a fingerprint.
        let few = FeatureLikeness(
            features(table.values.values.count > 0 ? [[1, 0], [0, 1], [1, 1]] : []), measured: ["p0", "p1", "p2"])
        #expect(few.forms == [.radial, .linear])
    }

    @Test func numbersAreStandardisedByMeasuredPerturbations() {
        // p0 and p1 have mean 1 and deviation 1 in the first column; the second is constant and left out.
        let likeness = FeatureLikeness(features([[0, 5], [2, 5], [4, 9]]), measured: ["p0", "p1"])
        #expect(likeness.forms == [.radial, .linear])
        #expect(abs(likeness.matrix(.linear, ["p0"], ["p2"])[0, 0] + 3) < 1e-12)
        #expect(abs(likeness.matrix(.radial, ["p1"], ["p2"])[0, 0] - exp(-2)) < 1e-12)
    }

    @Test func unknownFeatures() {
        let known = features([[0, .nan], [2, 5], [4, 9], [1, 2]])
        let likeness = FeatureLikeness(known, measured: ["p0", "p1", "p2", "p3"])
        // p0 has a feature that is no number: like itself alone, and no part of means.
        #expect(likeness.matrix(.radial, ["p0"], ["p0", "p1"]).values == [1, 0])
        #expect(likeness.matrix(.linear, ["p1", "x"], ["x"]).values == [0, 1])
        #expect(FeatureLikeness(features([[1, 2], [1, 2]]), measured: ["p0", "p1"]).forms.isEmpty)
        #expect(FeatureLikeness(known, measured: ["p1"]).forms.isEmpty)
        #expect(FeatureLikeness(nil, measured: ["p1", "p2"]).forms.isEmpty)
    }

    @Test func featuresTellOfUnseenPerturbations() throws {
        let (count, genes) = (40, 30)
        var stream = RandomStream(seed: 3)
        let rows = (0..<count + 8).map { _ in (0..<3).map { _ in Float(stream.normal()) } }
        let loads = (0..<3 * genes).map { _ in stream.normal() }
        func truth(_ i: Int) -> [Double] {
            (0..<genes).map { g in (0..<3).reduce(0) { $0 + Double(rows[i][$1]) * loads[$1 * genes + g] } }
        }
        let table = try ShiftTable(
            contexts: (0..<count).map { Context(perturbation: "p\($0)") },
            shifts: Matrix(
                rows: count, columns: genes,
                values: (0..<count).flatMap { truth($0).map { $0 + 0.3 * stream.normal() } }),
            variances: Array(repeating: 0.9, count: genes), cells: Array(repeating: 10, count: count),
            controls: Array(repeating: [], count: count), controlCells: [],
            features: features(Array(rows.prefix(count))))
        let process = try ShiftProcess(table, workers: 1)
        let names = (count..<count + 8).map { "p\($0)" }
        let unseen = FeatureTable(
            perturbations: names, features: ["f0", "f1", "f2"],
            values: Matrix(rows: 8, columns: 3, values: rows.suffix(8).flatMap { $0 }))
        let contexts = names.map { Context(perturbation: $0) }
        let known = try process.predict(contexts, features: unseen)
        let unknown = try process.predict(contexts)
        var (error, total) = (0.0, 0.0)
        for (row, prediction) in known.enumerated() {
            for (value, guess) in zip(truth(count + row), prediction.mean) {
                error += (value - guess) * (value - guess)
                total += value * value
            }
        }
        // Noise of variance 0.09 on 3 loads from 40 shifts leaves under 1 % of a variance of 3; the prior as much
        // again.
        #expect(error < 0.05 * total)
        #expect(known.allSatisfy { $0.openShare < 0.2 } && unknown.allSatisfy { $0.openShare > 0.5 })
        #expect(process.components.filter { $0.term.perturbation == .linear }.reduce(0) { $0 + $1.share } > 0.4)
        var others = unseen
        others.features[0] = "g"
        #expect(throws: ShiftProcessError.self) { try process.predict(contexts, features: others) }
    }

    // MARK: What cannot be told apart

    @Test func termsThatAreTheSameAreLeftOut() throws {
        let table = try SimulatedShifts(perturbations: 12, doses: [1], genes: 4, seed: 2).table()
        let process = try ShiftProcess(table, workers: 1)
        // One dose and cells of one kind: what is common, and what is the perturbation's own, which is all of its
        // treatment.
        #expect(process.kernel.terms == [.init(perturbation: .common), .init(perturbation: .identity)])
        #expect(process.kernel.columns.isEmpty)
        let single = try ShiftProcess(
            ShiftTable(
                contexts: [Context(perturbation: "a")], shifts: Matrix(rows: 1, columns: 1, values: [1]),
                variances: [1], cells: [1], controls: [[]], controlCells: []), workers: 1)
        #expect(single.kernel.terms == [.init(perturbation: .common)])
        let mean = try single.predict([Context(perturbation: "b")])[0].mean[0]
        #expect(mean > 0 && mean < 1)
    }

    // MARK: Doses

    @Test func dosesLieOnTheLogarithmOrByLevel() {
        func at(_ dose: Double?, _ level: String? = nil) -> Context {
            Context(perturbation: "a", dose: dose, level: level)
        }
        let scale = DoseScale([at(1), at(10), at(100), at(10)])
        // Decades are the steps, 10 the middle; rounding.
        #expect(abs(scale.position(at(1000)) - 2) < 1e-12 && abs(scale.positionWithin(at(1000)) - 1) < 1e-12)
        #expect(scale.position(at(nil)) == 0 && scale.position(at(0)).isFinite && scale.amount(at(5)) == 0)
        let levels = DoseScale([at(100, "High"), at(1, "Low"), at(0.1, "Low"), at(5, "Middle"), at(300, "High")])
        #expect(levels.levels == ["Low", "Middle", "High"])
        #expect(levels.position(at(7, "High")) == 1 && levels.position(at(7, "Low")) == -1)
        #expect(levels.position(at(7, "other")) == 0)
        #expect(levels.amount(at(300, "Low")) > levels.amount(at(1, "High")))
    }

    // MARK: Combinations

    @Test func aDoubleIsWhatItsPartsAddUpTo() throws {
        let (singles, genes) = (12, 60)
        var stream = RandomStream(seed: 6)
        let effects = (0..<singles).map { _ in (0..<genes).map { _ in stream.normal() } }
        let pairs = (0..<singles - 1).map { [$0, $0 + 1] } + [[0, 5], [3, 9]]
        // Doubles do seven tenths of the sum.
        let treatments = (0..<singles).map { [$0] } + pairs
        func truth(_ parts: [Int]) -> [Double] {
            (0..<genes).map { g in
                parts.reduce(0) { $0 + effects[$1][g] } * (parts.count > 1 ? 0.7 : 1)
            }
        }
        func name(_ parts: [Int]) -> String { parts.map { "g\($0)" }.joined(separator: "+") }
        let table = try ShiftTable(
            contexts: treatments.map { Context(perturbation: name($0)) },
            shifts: Matrix(
                rows: treatments.count, columns: genes,
                values: treatments.flatMap { truth($0).map { $0 + 0.2 * stream.normal() } }),
            variances: Array(repeating: 0.4, count: genes), cells: Array(repeating: 10, count: treatments.count),
            controls: Array(repeating: [], count: treatments.count), controlCells: [],
            combinations: Dictionary(uniqueKeysWithValues: pairs.map { (name($0), $0.map { "g\($0)" }) }))
        let process = try ShiftProcess(table, workers: 1)
        let prediction = try process.predict(
            [Context(perturbation: "g2+g7")], combinations: ["g2+g7": ["g2", "g7"]])[0]
        let expected = truth([2, 7])
        let error = zip(prediction.mean, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let total = expected.reduce(0) { $0 + $1 * $1 }
        // Two singles with errors of variance 0.04 each, halved by the doubles that hold them: 0.04 of 0.98.
        #expect(error < 0.1 * total)
        // ln 0.7 / ln 2 = −0.51, known from 13 doubles of 60 genes to a few hundredths; the prior is centred on 0.
        #expect(process.kernel.columns.first == .parts)
        #expect(abs(process.kernel.coefficients[process.kernel.terms.count] + 0.51) < 0.1)
        let held = process.heldOut(.combination)
        #expect(held.treatments == Array(singles..<treatments.count))
        let left = process.folds(.perturbation).first { $0.asked == [5] }
        #expect(left?.left == [5, 16, 17, 23])
    }

    /// Singles and doubles by a kernel with a strength for one part.
    private func stronglyParted(_ coefficient: Double) throws -> ShiftProcess {
        var stream = RandomStream(seed: 9)
        let names = ["a", "b", "c", "a+b", "b+c"]
        let table = try ShiftTable(
            contexts: names.map { Context(perturbation: $0) },
            shifts: Matrix(rows: 5, columns: 8, values: (0..<40).map { _ in stream.normal() }),
            variances: Array(repeating: 1, count: 8), cells: Array(repeating: 3, count: 5),
            controls: Array(repeating: [.init(group: 0, share: 1)], count: 5), controlCells: [6],
            combinations: ["a+b": ["a", "b"], "b+c": ["b", "c"]])
        var kernel = ShiftKernel(
            terms: [.init(perturbation: .once), .init(perturbation: .identity)], columns: [.part("a"), .part("c")])
        kernel.parameters = [-0.5, 0.2, coefficient, 0.3]
        return try ShiftProcess(
            table, kernel: kernel, logScales: Array(repeating: 0, count: 8), logPosterior: 0, isConverged: true,
            workers: 1)
    }

    /// How strong a perturbation is was learnt from its own treatments: it is forgotten with them.
    @Test func strengthsAreLeftOutWithTheirTreatments() throws {
        func left(_ coefficient: Double, _ kind: HeldOutShifts.Kind, _ treatment: Int) throws -> ShiftPrediction {
            let held = try stronglyParted(coefficient).heldOut(kind)
            return held.predictions[try #require(held.treatments.firstIndex(of: treatment))]
        }
        // a, without a and a+b. Rounding.
        let (one, other) = (try left(2, .perturbation, 0), try left(0, .perturbation, 0))
        #expect(zip(one.mean, other.mean).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(zip(one.variance, other.variance).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(abs(one.openShare - other.openShare) < 1e-12)
        // a+b, with a known.
        let known = (try left(2, .combination, 3), try left(0, .combination, 3))
        #expect(zip(known.0.mean, known.1.mean).contains { abs($0 - $1) > 1e-3 })
    }

    /// Half of all perturbations do next to nothing: what the others have in common is not expected of doubles that hold
    /// them.
    @Test func whatDoesNothingAloneDoesLittleInCombination() throws {
        let (singles, genes) = (12, 80)
        var stream = RandomStream(seed: 12)
        func drawn(_ size: Double) -> [Double] { (0..<genes).map { _ in size * stream.normal() } }
        let common = drawn(1)
        let effects = (0..<singles).map { place in
            place % 2 == 0 ? zip(common, drawn(0.5)).map { $0 + $1 } : drawn(0.02)
        }
        let pairs = (0..<singles).map { [$0, ($0 + 2) % singles] }
        func name(_ parts: [Int]) -> String { parts.map { "g\($0)" }.joined(separator: "+") }
        let treatments = (0..<singles).map { [$0] } + pairs
        let shifts = treatments.flatMap { parts in
            (0..<genes).map { gene in parts.reduce(0) { $0 + effects[$1][gene] } + 0.2 * stream.normal() }
        }
        let table = try ShiftTable(
            contexts: treatments.map { Context(perturbation: name($0)) },
            shifts: Matrix(rows: treatments.count, columns: genes, values: shifts),
            variances: Array(repeating: 0.4, count: genes), cells: Array(repeating: 10, count: treatments.count),
            controls: Array(repeating: [], count: treatments.count), controlCells: [],
            combinations: Dictionary(uniqueKeysWithValues: pairs.map { (name($0), $0.map { "g\($0)" }) }))
        let process = try ShiftProcess(table, workers: 1)
        func size(_ name: String, _ parts: [String]) throws -> Double {
            try process.predict([Context(perturbation: name)], combinations: [name: parts])[0].mean
                .reduce(0) { $0 + $1 * $1 } / Double(genes)
        }
        // A strong one and an unknown one are common + own = 1.25 at least; nothing and an unknown one far less.
        #expect(try size("g0+x", ["g0", "x"]) > 0.6)
        #expect(try size("g1+x", ["g1", "x"]) < 0.3)
    }

    // MARK: Cells

    @Test func unseenCellsFollowSimilarOnes() throws {
        let genes = 200
        var stream = RandomStream(seed: 7)
        func drawn() -> [Double] { (0..<genes).map { _ in stream.normal() } }
        // Two families of cells: controls and effects go together within each.
        let families = [(drawn(), drawn()), (drawn(), drawn())]
        func near(_ values: [Double]) -> [Double] { values.map { $0 + 0.3 * stream.normal() } }
        let cells = (0..<8).map { c in (near(families[c % 2].0), near(families[c % 2].1)) }
        func covariates(_ c: Int) -> [String: String] { ["cell": "c\(c)"] }
        let table = try ShiftTable(
            contexts: (0..<7).map { Context(perturbation: "drug", covariates: covariates($0)) },
            shifts: Matrix(rows: 7, columns: genes, values: (0..<7).flatMap { near(cells[$0].1) }),
            variances: Array(repeating: 0.9, count: genes), cells: Array(repeating: 10, count: 7),
            controls: Array(repeating: [], count: 7), controlCells: [],
            profiles: Dictionary(uniqueKeysWithValues: (0..<7).map { (covariates($0), cells[$0].0) }))
        let process = try ShiftProcess(table, workers: 1)
        let asked = [Context(perturbation: "drug", covariates: covariates(7))]
        func correlation(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
                / (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
        }
        let known = try process.predict(asked, controls: [covariates(7): cells[7].0])[0].mean
        let unknown = try process.predict(asked)[0].mean
        // Own noise alone leaves (1/1.09)^½ of a correlation; without the controls both families weigh alike: about
        // 0.7.
        #expect(correlation(known, cells[7].1) > 0.9 && correlation(unknown, cells[7].1) < 0.8)
        #expect(throws: ShiftProcessError.self) { try process.predict(asked, controls: [covariates(7): [1]]) }
        #expect(process.folds(.stratum).map(\.left) == (0..<7).map { [$0] })
    }
}
