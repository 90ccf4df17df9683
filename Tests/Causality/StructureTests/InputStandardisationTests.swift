import Matrices
import Testing

@testable import Structure

@Suite struct InputStandardisationTests {
    private func values(_ encoded: [Float]) -> [Float] { stride(from: 0, to: encoded.count, by: 2).map { encoded[$0] } }

    /// 1, 2, 3 have mean 2 and variance 2/3 of the population; a gene without spread becomes 0.
    @Test func scoresByHand() {
        let x = Matrix<Float>(rows: 3, columns: 2, values: [1, 0.1, 2, 0.1, 3, 0.1])
        let labels = Matrix<Float>(rows: 3, columns: 2, values: [0, 1, 0, 0, 2, 0])
        let encoded = InputStandardisation.zScores.encoded(values: x, interventions: labels)
        let score = Float(1.5).squareRoot()
        #expect(largestDifference(values(encoded), [-score, 0, 0, 0, score, 0]) < 1e-6)
        #expect((0..<6).map { encoded[2 * $0 + 1] } == [0, 1, 0, 0, 1, 0])
    }

    /// Cells of 1 + 1 and 1 + 3: log₂ of the shares ½, ½, ¼, ¾. Their least is −2, so ¼ and what was not seen become 0.
    @Test func countsByHand() {
        let x = Matrix<Float>(rows: 3, columns: 3, values: [1, 1, 0, 1, 3, 0, 0, 0, 0])
        let encoded = values(InputStandardisation.counts.encoded(values: x, interventions: nil))
        // 1, 1, 0 and log₂ 3 above the least, over their deviation.
        let above: [Float] = [1, 1, 0, 1.5849625]
        let mean = above.reduce(0, +) / 4
        let deviation = (above.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4).squareRoot()
        let expected = [above[0], above[1], 0, above[2], above[3], 0, 0, 0, 0].map { $0 / deviation }
        #expect(largestDifference(encoded, expected) < 1e-5)
    }

    @Test(arguments: [InputStandardisation.zScores, .counts])
    func whatIsNoNumberIsPassedOver(_ standardisation: InputStandardisation) {
        let plain = Matrix<Float>(rows: 3, columns: 2, values: [1, 4, 2, 2, 0, 1])
        var odd = Matrix<Float>(rows: 5, columns: 2, values: plain.values + [.nan, .infinity, -.infinity, .nan])
        let encoded = standardisation.encoded(values: odd, interventions: nil)
        #expect(Array(encoded.prefix(12)) == standardisation.encoded(values: plain, interventions: nil))
        #expect(encoded.suffix(8).allSatisfy { $0 == 0 })
        odd = Matrix(rows: 0, columns: 2)
        #expect(standardisation.encoded(values: odd, interventions: nil).isEmpty)
    }
}
