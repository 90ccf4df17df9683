import FeatureModels
import Foundation
import Matrices
import Probability
import Screens
import Testing

@testable import ShiftProcesses

struct ShiftProcessTests {
    private static func simulated(
        _ perturbations: Int = 24, doses: [Double] = [1, 3, 9], genes: Int = 60, seed: UInt64 = 1
    ) -> SimulatedShifts {
        SimulatedShifts(perturbations: perturbations, doses: doses, genes: genes, seed: seed)
    }

    /// What is known of three treatments a, b, c after a and b were measured against the same controls.
    @Test func sharedControlsByHand() throws {
        let (y, n, m) = ([1.5, 0.5], [2.0, 4.0], 5.0)
        let table = try ShiftTable(
            contexts: [Context(perturbation: "a"), Context(perturbation: "b")],
            shifts: Matrix(rows: 2, columns: 1, values: y), variances: [2], cells: n,
            controls: [[.init(group: 0, share: 1)], [.init(group: 0, share: 1)]], controlCells: [m])
        var kernel = ShiftKernel(terms: [ShiftTerm(perturbation: .common)], columns: [])
        let w = 0.7
        kernel.parameters = [log(w)]
        let process = try ShiftProcess(
            table, kernel: kernel, logScales: [0], logPosterior: 0, isConverged: true, workers: 1)
        let predicted = try process.predict([Context(perturbation: "c")])[0]
        // The controls' error and the common effect are in both alike: w + 1/m beside 1/n. Both shifts tell of their
        // sum, weighed by n, with precision n₁ + n₂; w/(w + 1/m) of it is effect.
        let both = w + 1 / m
        let precision = n[0] + n[1]
        let sum = (n[0] * y[0] + n[1] * y[1]) * both / (1 + both * precision)
        // Rounding of double precision.
        #expect(abs(predicted.mean[0] - w / both * sum) < 1e-12)
        let left = w - w * w * precision / (1 + both * precision)
        #expect(abs(predicted.variance[0] - 2 * left) < 1e-12)
        #expect(abs(predicted.openShare - left / w) < 1e-12)
        let (lower, upper) = predicted.interval(level: 0.9)
        // The quantile to the digits written.
        #expect(abs(upper[0] - predicted.mean[0] - 1.6448536 * (2 * left).squareRoot()) < 1e-6)
        #expect(abs(upper[0] + lower[0] - 2 * predicted.mean[0]) < 1e-12)
        let density = predicted.logDensity(of: [predicted.mean[0] + 1], sampling: [0.5])
        let total = 2 * left + 0.5
        #expect(abs(density + 0.5 * (1 / total + log(2 * .pi * total))) < 1e-12)
    }

    /// Treatments that do nothing but share controls: what they have in common is the controls' error, weighed by cells.
    @Test func theErrorOfControlsByHand() throws {
        let (y, n, m) = ([1.5, 0.5], [2.0, 4.0], 5.0)
        let table = try ShiftTable(
            contexts: [Context(perturbation: "a"), Context(perturbation: "b")],
            shifts: Matrix(rows: 2, columns: 1, values: y), variances: [2], cells: n,
            controls: [[.init(group: 0, share: 1)], [.init(group: 0, share: 1)]], controlCells: [m])
        func error(of weight: Double) throws -> Double {
            var kernel = ShiftKernel(terms: [ShiftTerm(perturbation: .identity)], columns: [])
            kernel.parameters = [log(weight)]
            return try ShiftProcess(
                table, kernel: kernel, logScales: [log(2.0)], logPosterior: 0, isConverged: true, workers: 1
            ).controlErrors[0, 0]
        }
        // y = −ε + the error of the treated, of variances 1/m and 1/n. Rounding, and signals of 1e-9.
        let expected = -(n[0] * y[0] + n[1] * y[1]) / (m + n[0] + n[1])
        #expect(abs(try error(of: 1e-9) - expected) < 1e-7)
        // Own effects of variance 2 w blur what is in common: precisions 1/(1/n + 2 w) instead of n.
        let blurred = n.map { 1 / (1 / $0 + 2 * 0.3) }
        let less = -(blurred[0] * y[0] + blurred[1] * y[1]) / (m + blurred[0] + blurred[1])
        #expect(abs(try error(of: 0.3) - less) < 1e-12)
    }

    @Test func gradient() throws {
        let table = try Self.simulated(6, genes: 5).table()
        let doses = DoseScale(table.contexts)
        let side = TreatmentSide(table.contexts, combinations: [:], doses: doses, controls: [:])
        let relations = TreatmentRelations(
            side, side, features: FeatureLikeness(nil, measured: []), doseLength: doses.length, unlikeness: nil)
        let terms: [ShiftTerm] = [
            .init(perturbation: .common), .init(perturbation: .identity, dose: .near), .init(perturbation: .treatment),
        ]
        var kernel = ShiftKernel(terms: terms, columns: ShiftKernel.columns(side, learnt: side))
        #expect(kernel.columns == [.dose])
        let rows = Array(table.contexts.indices)
        let evidence = ShiftEvidence(
            terms: terms.map { relations.matrix($0) },
            design: kernel.design(side, doses, measured: side, unlikeness: nil), noise: table.noise(rows),
            outputs: table.shifts, workers: 1)
        kernel.parameters = [-0.4, 0.3, -2, 0.2]
        let here = try #require(evidence(kernel, start: nil))
        for (place, expected) in here.gradient.enumerated() {
            var ends: [Double] = []
            for step in [-1e-4, 1e-4] {
                var moved = kernel
                moved.parameters[place] += step
                ends.append(try #require(evidence(moved, start: here.logScales)).loss)
            }
            let slope = (ends[1] - ends[0]) / 2e-4
            // Third derivatives times the step's square, 1e-8, and rounding of losses of 1e2 over the step, 1e-10.
            #expect(abs(slope - expected) < 1e-6 * max(1, abs(slope)), "\(place)")
        }
    }

    /// Each gene's scale is where its likelihood is highest.
    @Test func scalesAreAtTheirMaximum() {
        var stream = RandomStream(seed: 4)
        let variances = (0..<40).map { _ in exp(2 * stream.normal()) }
        let coordinates = Matrix(rows: 40, columns: 3, values: (0..<120).map { _ in 2 * stream.normal() })
        let found = SignalScales(coordinates, variances: variances, start: nil, workers: 1)
        func loss(_ gene: Int, _ x: Double) -> Double {
            (0..<40).reduce(0.5 * x * x / 2.25) {
                let total = exp(x) * variances[$1] + 1
                return $0 + 0.5 * (coordinates[$1, gene] * coordinates[$1, gene] / total + log(total))
            }
        }
        for gene in 0..<3 {
            let best = stride(from: -6.0, through: 6, by: 0.01).map { loss(gene, $0) }.min() ?? 0
            // The grid's best is above the maximum by at most curvature (below 20) times half its step, squared.
            #expect(loss(gene, found.logScales[gene]) <= best + 1e-9)
            #expect(best - loss(gene, found.logScales[gene]) < 20 * 0.005 * 0.005)
        }
        let total = (0..<3).reduce(0) { $0 + loss($1, found.logScales[$1]) }
        #expect(abs(found.loss - total) < 1e-9)
    }

    @Test func componentsAreFound() throws {
        let simulated = Self.simulated(60, genes: 150)
        let process = try ShiftProcess(simulated.table(), workers: 2)
        #expect(process.isConverged)
        func share(_ chosen: (ShiftTerm) -> Bool) -> Double {
            process.components.filter { chosen($0.term) }.reduce(0) { $0 + $1.share }
        }
        #expect(abs(process.components.reduce(0) { $0 + $1.share } - 1) < 1e-9)
        // Planted: 0.4, 0.5 and 0.1. What is common is one effect for each gene, 150 draws: a relative standard error
        // of (2/150)^½, a tenth; three of these. What is of one dose alone can in part be told as the smooth course of
        // a dose.
        #expect(abs(share { $0.perturbation == .common } - 0.4) < 0.12)
        #expect(abs(share { $0.perturbation == .identity && $0.dose == .all } - 0.5) < 0.15)
        let coefficient = process.kernel.parameters[process.kernel.terms.count]
        // 0.3 a step; three doses and 9,000 shifts fix it to a few hundredths.
        #expect(process.kernel.columns == [.dose] && abs(coefficient - 0.3) < 0.06)
    }

    /// Errors of predictions made without a perturbation are as large as the process says, and cover as it says.
    @Test func heldOutErrorsAreAsLargeAsSaid() throws {
        let simulated = Self.simulated(40, genes: 100)
        let process = try ShiftProcess(simulated.table(), workers: 2)
        for kind in [HeldOutShifts.Kind.perturbation, .dose] {
            let held = process.heldOut(kind)
            #expect(held.treatments == Array(0..<120))
            var (square, inside, error, null) = (0.0, 0, 0.0, 0.0)
            for (row, prediction) in held.predictions.enumerated() {
                for gene in 0..<100 {
                    let miss = simulated.truth[row, gene] - prediction.mean[gene]
                    square += miss * miss / prediction.variance[gene] / 12_000
                    inside += abs(miss) < 1.645 * prediction.variance[gene].squareRoot() ? 1 : 0
                    error += miss * miss
                    null += simulated.truth[row, gene] * simulated.truth[row, gene]
                }
            }
            // About 4,000 independent errors: a standard error of 0.022; scales are of a few genes' shifts each, and
            // estimated: four times that.
            #expect(abs(square - 1) < 0.1, "\(kind)")
            #expect(abs(Double(inside) / 12_000 - 0.9) < 0.03, "\(kind)")
            // Of all variance 0.4 is common, and 0.5 the perturbation's own, known from its other doses.
            #expect(error / null < (kind == .dose ? 0.35 : 0.75), "\(kind)")
        }
    }

    /// The closed form is what a process says that never saw the group.
    @Test(arguments: [HeldOutShifts.Kind.perturbation, .dose])
    func heldOutIsARefitWithoutTheGroup(_ kind: HeldOutShifts.Kind) throws {
        let table = try Self.simulated(8, genes: 12).table()
        let process = try ShiftProcess(table, workers: 1)
        let held = process.heldOut(kind)
        for fold in process.folds(kind) {
            let kept = table.contexts.indices.filter { !fold.left.contains($0) }
            let rest = try ShiftTable(
                contexts: kept.map { table.contexts[$0] }, shifts: table.shifts.selectingRows(kept),
                variances: table.variances, cells: kept.map { table.cells[$0] },
                controls: kept.map { table.controls[$0] }, controlCells: table.controlCells)
            let refit = try ShiftProcess(
                rest, kernel: process.kernel, logScales: process.logScales, logPosterior: 0, isConverged: true,
                workers: 1)
            // All doses remain measured, of other perturbations; their mean does not move as all have all.
            let asked = try refit.predict(fold.asked.map { table.contexts[$0] })
            for (treatment, prediction) in zip(fold.asked, asked) {
                let place = try #require(held.treatments.firstIndex(of: treatment))
                let own = held.predictions[place]
                #expect(own.context == prediction.context)
                // Two ways of solving equations of condition below 1e4 in double precision.
                for (a, b) in zip(own.mean + own.variance, prediction.mean + prediction.variance) {
                    #expect(abs(a - b) < 1e-9, "\(kind) \(treatment)")
                }
            }
        }
    }

    @Test func theSameBytesAtAnyNumberOfWorkersAndFromDisk() throws {
        var stream = RandomStream(seed: 8)
        let simulated = Self.simulated(10, genes: 150)
        let names = (0..<11).map { "p\($0)" }
        let features = FeatureTable(
            perturbations: names, features: ["x", "y"],
            values: Matrix(rows: 11, columns: 2, values: (0..<22).map { _ in Float(stream.normal()) }))
        let table = try simulated.table(features: features)
        let one = try ShiftProcess(table, workers: 1)
        let three = try ShiftProcess(table, workers: 3)
        let asked = [Context(perturbation: "p10", dose: 2), Context(perturbation: "p0", dose: 1)]
        let expected = try one.predict(asked, workers: 1)
        #expect(try three.predict(asked, workers: 3) == expected)
        #expect(one.heldOut(.perturbation, workers: 1) == three.heldOut(.perturbation, workers: 3))
        #expect(one.components == three.components)
        let encoded = try JSONEncoder().encode(one.description)
        let description = try JSONDecoder().decode(ShiftProcess.Description.self, from: encoded)
        let restored = try ShiftProcess(description, arrays: one.arrays)
        #expect(try restored.predict(asked) == expected)
        #expect(restored.components == one.components && restored.logPosterior == one.logPosterior)
        for name in one.arrays.map(\.name) {
            #expect(throws: ShiftProcessError.self) {
                try ShiftProcess(description, arrays: one.arrays.filter { $0.name != name })
            }
        }
        let cut = one.arrays.map { FeatureArray(name: $0.name, shape: [1, 1], values: [0]) }
        #expect(throws: ShiftProcessError.self) { try ShiftProcess(description, arrays: cut) }
    }
}
