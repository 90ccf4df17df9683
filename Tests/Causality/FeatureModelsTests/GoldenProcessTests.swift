import Foundation
import Matrices
import Testing

@testable import FeatureModels

/// Against SciPy (`Pipelines/Golden/feature_models.py`).
struct GoldenProcessTests {
    struct Values: Decodable {
        struct Inverse: Decodable {
            let coordinates, outputs: [[Double]]
            let genes: Int
            let parameters: [Double]
            let covariance: [[Double]]
            let evidence: Double
        }
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
            GaussianProcessEvidence(covariance: covariance, outputs: outputs, outputCount: 5))
        #expect(abs(evidence.value - golden.evidence) < tolerance * abs(golden.evidence))
    }
}
