import Foundation
import Matrices
import Testing

@testable import FeatureModels

/// Against scikit-learn and SciPy (`Pipelines/Golden/feature_models.py`).
struct GoldenProcessTests {
    struct Values: Decodable {
        struct Direct: Decodable {
            let features: [[Double]]
            let response: [Double]
            let unseen: [[Double]]
            let parameters: [Double]
            let evidence: Double
            let mean: [Double]
            let variance: [Double]
            let heldOut: [[Double]]
        }
        struct Inverse: Decodable {
            let coordinates, outputs: [[Double]]
            let genes: Int
            let parameters: [Double]
            let covariance: [[Double]]
            let evidence: Double
        }
        let direct: Direct
        let inverse: Inverse
    }

    /// Order of summation in double precision; condition numbers are below 1e3.
    let tolerance = 1e-9
    let values: Values

    init() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Reference/Golden/FeatureModels")
        values = try JSONDecoder().decode(
            Values.self, from: Data(contentsOf: folder.appending(path: "values.json")))
    }

    @Test func effectsToFeatures() throws {
        let golden = values.inverse
        let measured = golden.coordinates.map {
            MeasuredEffects(name: "", effects: Array($0.prefix(4)), doseParameters: Array($0.suffix(2)))
        }
        let means = Matrix(rows: 9, columns: 6, values: golden.coordinates.flatMap { $0 })
        // The golden coordinates are those of the kernel: neither scaled nor centred.
        let pairs = MeasuredPairs(
            measured, means: means, in: EffectCoordinates(genes: 4, effectScale: 1, doseCentres: [0, 0]))
        var kernel = EffectKernel(groups: [4, 1, 1])
        kernel.logParameters = golden.parameters.map { log($0) }
        let covariance = pairs.covariance(kernel)
        for (a, b) in zip(covariance.values, golden.covariance.flatMap { $0 }) { #expect(abs(a - b) < tolerance) }
        let outputs = Matrix(rows: 9, columns: 5, values: golden.outputs.flatMap { $0 })
        let evidence = try #require(
            GaussianProcessEvidence(
                covariance: covariance, outputs: .product(outputs, outputs, transposingSecond: true), outputCount: 5))
        #expect(abs(evidence.value - golden.evidence) < tolerance * abs(golden.evidence))
    }

    @Test func featuresToResponse() throws {
        let golden = values.direct
        let n = golden.response.count
        let space = try FeatureSpace(
            perturbations: (0..<n).map { "p\($0)" }, features: (0..<4).map { "f\($0)" },
            values: Matrix(rows: n, columns: 4, values: golden.features.flatMap { $0 }))
        let table = try ResponseTable(
            perturbations: Array(0..<n), values: Matrix(rows: n, columns: 1, values: golden.response))
        var kernel = ResponseKernel(form: .radial, covariateCount: 0)
        kernel.logParameters = golden.parameters.map { log($0) }
        let model = DirectFeatureModel(table, space: space, kernels: [kernel])
        let scale = model.loadings[0, 0]

        // The component is the response over its root mean square.
        let scores = golden.response.map { $0 / scale }
        let covariance = TreatmentPairs(table, space: space).covariance(
            kernel, rows: Array(0..<n), noise: table.noise)
        let outer = Matrix(rows: n, columns: n, values: golden.response.flatMap { a in golden.response.map { a * $0 } })
        let evidence = try #require(
            GaussianProcessEvidence(covariance: covariance, outputs: outer, outputCount: 1))
        #expect(abs(evidence.value - golden.evidence) < tolerance * abs(golden.evidence))

        let predictions = try model.predictions(
            of: ["a", "b", "c"], features: Matrix(rows: 3, columns: 4, values: golden.unseen.flatMap { $0 }))
        for (i, prediction) in predictions.enumerated() {
            #expect(abs(prediction.mean[0] - golden.mean[i]) < tolerance)
            #expect(abs(prediction.componentVariances[0] - golden.variance[i]) < tolerance)
        }
        let heldOut = model.heldOut
        for i in 0..<n {
            #expect(abs(heldOut.means[i, 0] - golden.heldOut[i][0]) < tolerance)
            let variance = golden.heldOut[i][1]
            let error = scores[i] - golden.heldOut[i][0] / scale
            let density = -0.5 * (error * error / variance + log(2 * .pi * variance))
            #expect(abs(heldOut.logDensities[i] - density) < tolerance * max(1, abs(density)))
        }
    }
}
