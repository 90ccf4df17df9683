import Matrices
import Screens
import Testing

@testable import Interventions

@Suite struct PerturbationEncodingTests {
    @Test("Tanimoto distance of bits, and the encoding of an unseen perturbation in the span of the measured")
    func distances() throws {
        let table = FeatureTable(
            perturbations: ["a", "b"], features: ["x", "y", "z"],
            values: Matrix(rows: 2, columns: 3, values: [1, 1, 0, 0, 1, 1]))
        let encoding = try PerturbationEncoding(perturbations: ["a", "b"], table: table, individuality: 0.5)
        #expect(encoding.isBinary)
        #expect(abs(encoding.distance([1, 1, 0], [0, 1, 1]) - 2.0 / 3) < 1e-12)
        // Distances between measured perturbations survive the rotation: each differing bit is 2 standard deviations.
        let a = encoding.encodedFeatures([1, 1, 0])
        let b = encoding.encodedFeatures([0, 1, 1])
        let square = zip(a, b).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(abs(square - 8) < 1e-5)
        #expect(try encoding.encoded("new", features: [1, 0, 0]).suffix(2) == [0, 0])
    }
}
