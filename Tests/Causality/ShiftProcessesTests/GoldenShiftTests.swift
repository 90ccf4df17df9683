import Foundation
import Matrices
import Screens
import Testing

@testable import ShiftProcesses

/// Against scikit-learn, SciPy and NumPy (`Pipelines/Golden/shift_processes.py`).
struct GoldenShiftTests {
    struct Values: Decodable {
        struct ByFeatures: Decodable {
            let features: [[Double]]
            let shifts: [Double]
            let unseen: [[Double]]
            let cells: [Double]
            /// Common, own, radial, linear.
            let weights: [Double]
            let mean, variance: [Double]
        }
        struct ByDose: Decodable {
            let names: [Int]
            let steps: [Double]
            let cells: [Double]
            let groups: [Int]
            let controlCells: [Double]
            /// Common, own, own by dose, treatment.
            let weights: [Double]
            let growth: Double
            let variances, scales: [Double]
            let shifts: [[Double]]
            /// Perturbation and step.
            let asked: [[Double]]
            /// Treatments × genes × (mean, variance).
            let predicted, heldOut: [[[Double]]]
            let logPosterior, logDeterminant: Double
        }
        let byFeatures: ByFeatures
        let byDose: ByDose
    }

    /// Order of summation in double precision; condition numbers are below 1e3.
    let tolerance = 1e-9
    let values: Values

    init() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Reference/Golden/ShiftProcesses")
        values = try JSONDecoder().decode(
            Values.self, from: Data(contentsOf: folder.appending(path: "values.json")))
    }

    private func features(_ rows: [[Double]], _ names: [String]) -> FeatureTable {
        FeatureTable(
            perturbations: names, features: ["a", "b", "c", "d"],
            values: Matrix(rows: rows.count, columns: 4, values: rows.flatMap { $0.map { Float($0) } }))
    }

    @Test func byFeatures() throws {
        let golden = values.byFeatures
        let n = golden.shifts.count
        let names = (0..<n).map { "p\($0)" }
        let table = try ShiftTable(
            contexts: names.map { Context(perturbation: $0) },
            shifts: Matrix(rows: n, columns: 1, values: golden.shifts), variances: [1], cells: golden.cells,
            controls: Array(repeating: [], count: n), controlCells: [], features: features(golden.features, names))
        var kernel = ShiftKernel(
            terms: [.common, .identity, .radial, .linear].map { ShiftTerm(perturbation: $0) }, columns: [])
        kernel.parameters = golden.weights.map { log($0) }
        let process = try ShiftProcess(
            table, kernel: kernel, logScales: [0], logPosterior: 0, isConverged: true, workers: 1)
        let asked = ["x", "y", "z"]
        let found = try process.predict(
            asked.map { Context(perturbation: $0) }, features: features(golden.unseen, asked))
        for (i, prediction) in found.enumerated() {
            #expect(abs(prediction.mean[0] - golden.mean[i]) < tolerance)
            #expect(abs(prediction.variance[0] - golden.variance[i]) < tolerance)
        }
    }

    private func table(_ golden: Values.ByDose) throws -> ShiftTable {
        let n = golden.names.count
        return try ShiftTable(
            contexts: (0..<n).map { Context(perturbation: "p\(golden.names[$0])", dose: exp(golden.steps[$0])) },
            shifts: Matrix(rows: n, columns: 3, values: golden.shifts.flatMap { $0 }), variances: golden.variances,
            cells: golden.cells, controls: golden.groups.map { [.init(group: $0, share: 1)] },
            controlCells: golden.controlCells)
    }

    private func kernel(_ golden: Values.ByDose) -> ShiftKernel {
        var kernel = ShiftKernel(
            terms: [
                .init(perturbation: .common), .init(perturbation: .identity),
                .init(perturbation: .identity, dose: .near), .init(perturbation: .treatment),
            ], columns: [.dose])
        kernel.parameters = golden.weights.map { log($0) } + [golden.growth]
        return kernel
    }

    @Test func byDoseWithSharedControls() throws {
        let golden = values.byDose
        let process = try ShiftProcess(
            table(golden), kernel: kernel(golden), logScales: golden.scales.map { log($0) }, logPosterior: 0,
            isConverged: true, workers: 1)
        let asked = golden.asked.map { Context(perturbation: "p\(Int($0[0]))", dose: exp($0[1])) }
        let found = try process.predict(asked) + process.heldOut(.perturbation).predictions
        let expected = golden.predicted + golden.heldOut
        #expect(found.count == expected.count)
        for (row, prediction) in found.enumerated() {
            for gene in 0..<3 {
                #expect(abs(prediction.mean[gene] - expected[row][gene][0]) < tolerance)
                #expect(abs(prediction.variance[gene] - expected[row][gene][1]) < tolerance)
            }
        }
    }

    @Test func evidence() throws {
        let golden = values.byDose
        let (table, kernel) = (try table(golden), kernel(golden))
        let doses = DoseScale(table.contexts)
        let side = TreatmentSide(table.contexts, combinations: [:], doses: doses, controls: [:])
        let relations = TreatmentRelations(
            side, side, features: FeatureLikeness(nil, measured: []), doseLength: doses.length, unlikeness: nil)
        let n = table.contexts.count
        let outputs = Matrix(
            rows: n, columns: 3,
            values: (0..<n).flatMap { i in (0..<3).map { table.shifts[i, $0] / table.variances[$0].squareRoot() } })
        let evidence = ShiftEvidence(
            terms: kernel.terms.map { relations.matrix($0) },
            design: kernel.design(side, doses, measured: side, unlikeness: nil),
            noise: table.noise(Array(0..<n)), outputs: outputs, workers: 1)
        let value = try #require(evidence(kernel, start: nil))
        let constant = 0.5 * (golden.logDeterminant + Double(n) * log(2 * .pi)) * 3
        // SciPy's search stops within 1e-8 of ln r, where the density is flat.
        #expect(abs(kernel.penalty.value - value.loss - constant - golden.logPosterior) < 1e-8)
    }
}
