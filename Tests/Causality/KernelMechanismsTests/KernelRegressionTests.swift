import Foundation
import Probability
import Testing

@testable import KernelMechanisms

/// Against scikit-learn (`Pipelines/Golden/kernel_mechanisms.py`).
struct GoldenKernelTests {
    private struct Golden: Decodable {
        let rows: [[Double]]
        let targets: [Double]
        let queries: [[Double]]
        let squaredResiduals: [Double]
        let parameters: [Double]
        let logEvidence: Double
        let means: [Double]
        let variances: [Double]
        let leftOutResiduals: [Double]
        let leftOutVariances: [Double]
    }

    /// Order of summation in double precision at condition numbers below 10³.
    private let tolerance = 1e-9

    @Test func regressionsAreThoseOfThePackage() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(
                path: "Reference/Golden/KernelMechanisms")
        let golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: folder.appending(path: "values.json")))
        let regression = KernelRegression(
            KernelParameters(vector: golden.parameters), inputs: RegressionInputs(rows: golden.rows),
            targets: golden.targets, squaredResiduals: golden.squaredResiduals)
        #expect(abs(regression.logEvidence - golden.logEvidence) < tolerance * abs(golden.logEvidence))
        let queries = RegressionInputs(rows: golden.queries)
        func compare(_ a: [Double], _ b: [Double]) {
            #expect(a.count == b.count)
            for (x, y) in zip(a, b) { #expect(abs(x - y) < tolerance * max(1, abs(y))) }
        }
        compare(regression.means(at: queries), golden.means)
        compare(regression.variances(at: queries), golden.variances)
        let leftOut = KernelEvidence(regression).leftOut
        compare(leftOut.residuals, golden.leftOutResiduals)
        compare(leftOut.variances, golden.leftOutVariances)
    }
}

struct KernelRegressionTests {
    private let data: RegressionData
    private let queries: RegressionInputs
    private let squaredResiduals: [Double]
    private let point = [-0.4, -1.1, -0.3, -1.8, -0.7, 0.2, 0.9, -0.1, 0.6]

    init() {
        var stream = RandomStream(seed: 3)
        let rows = (0..<17).map { _ in [stream.normal(), stream.normal()] }
        data = RegressionData(
            inputs: RegressionInputs(rows: rows), targets: rows.map { sin($0[0]) + $0[1] + 0.2 * stream.normal() })
        queries = RegressionInputs(rows: (0..<5).map { _ in [stream.normal(), stream.normal()] })
        squaredResiduals = (0..<17).map { _ in stream.normal() * stream.normal() + 1.1 }.map { $0 * $0 }
    }

    private func regression(_ point: [Double]) -> KernelRegression {
        KernelRegression(
            KernelParameters(vector: point), inputs: data.inputs, targets: data.targets,
            squaredResiduals: squaredResiduals)
    }

    /// Central differences with a step of 1e-5: their own error is 1e-10 of the third derivative plus 1e-11 of rounding.
    private func checkGradient(_ gradient: [Double], _ function: ([Double]) -> Double) {
        for place in point.indices {
            var (up, down) = (point, point)
            up[place] += 1e-5
            down[place] -= 1e-5
            let expected = (function(up) - function(down)) / 2e-5
            #expect(abs(gradient[place] - expected) < 1e-7 * max(1, abs(expected)), "number \(place)")
        }
    }

    @Test func theGradientOfTheEvidenceIsThatOfDifferences() {
        checkGradient(KernelEvidence(regression(point)).gradient) { regression($0).logEvidence }
    }

    @Test func theGradientOfPredictionsIsThatOfDifferences() {
        // Σ a_q m_q² + b_q v_q with weights of both signs: its slopes are 2 a m and b.
        let (a, b) = ([0.5, -1, 0.3, 2, 0.7], [1.0, 0.4, -2, 0.1, 1.5])
        let gradient = regression(point).predictionSlopes(at: queries) { means, _ in
            (zip(a, means).map { 2 * $0 * $1 }, b)
        }
        checkGradient(gradient) { point in
            let regression = regression(point)
            let means = zip(a, regression.means(at: queries)).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
            return means + zip(b, regression.variances(at: queries)).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    @Test func aRootIsItsMean() {
        let root = KernelRegression(
            KernelParameters(
                logLinear: 0, logAdditive: 0, logJoint: -14, logNoise: 0, logJointLengths: [], logAdditiveLengths: []),
            inputs: RegressionInputs(rows: 4, parents: 0, values: []), targets: [1, 2, 3, 6])
        let mean = root.means(at: RegressionInputs(rows: 1, parents: 0, values: []))[0]
        // Prior variance 1 + e⁻¹⁴ and noise 1 + 1e-6: a sum of 12 over 4 + 1, up to these.
        #expect(abs(mean - 12.0 / 5) < 1e-5)
    }

    @Test func copiesOfRowsDoNotBreakIt() {
        let inputs = RegressionInputs(rows: 30, parents: 1, values: Array(repeating: 1e3, count: 30))
        let regression = KernelRegression(
            KernelParameters(
                logLinear: 4, logAdditive: 3, logJoint: 3, logNoise: -13, logJointLengths: [5], logAdditiveLengths: [5]),
            inputs: inputs, targets: Array(repeating: 1, count: 30))
        let mean = regression.means(at: RegressionInputs(rows: 1, parents: 1, values: [1e3]))[0]
        #expect(abs(mean - 1) < 1e-3)
    }
}

extension RegressionInputs {
    init(rows: [[Double]]) {
        self.init(
            rows: rows.count, parents: rows[0].count,
            values: rows[0].indices.flatMap { parent in rows.map { $0[parent] } })
    }
}
