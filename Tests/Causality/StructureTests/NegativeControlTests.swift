import Foundation
import Matrices
import Probability
import Testing

@testable import Structure

/// Data without any edge, read with the weights that ship: nothing may be believed.
@Suite struct NegativeControlTests {
    private static let weights = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "Reference/Weights/pairwise.safetensors"
        )
        .path

    private enum Kind: String, CaseIterable {
        case gaussian, poisson, skewed, permuted
    }

    /// Cells × genes whose columns are independent.
    private func noise(_ kind: Kind, _ n: Int, _ d: Int, _ stream: RandomStream) -> Matrix<Float> {
        var stream = stream
        var values = Matrix<Float>(rows: n, columns: d)
        for gene in 0..<d {
            let rate = exp(0.5 + stream.normal())
            for cell in 0..<n {
                values[cell, gene] =
                    switch kind {
                    case .gaussian: Float(stream.normal())
                    case .poisson: Float(log1p(Double(stream.poisson(mean: rate))))
                    case .skewed: Float(stream.exponential())
                    // A chain, before it is permuted.
                    case .permuted: Float(stream.normal()) + (gene > 0 ? 2 * values[cell, gene - 1] : 0)
                    }
            }
        }
        guard kind == .permuted else { return values }
        return Matrix(
            rows: n, columns: d,
            values: Matrix(
                rows: d, columns: n,
                values: (0..<d).flatMap { gene in
                    let column = values.column(gene)
                    return stream.permutation(n).map { column[$0] }
                }
            ).transposed.values)
    }

    private func predict(_ kind: Kind, labelled: Bool) throws -> StructurePrediction {
        let (n, d) = (1000, 10)
        let values = noise(kind, n, d, RandomStream(seed: 1).stream(kind.rawValue))
        var interventions = Matrix<Float>(rows: n, columns: d)
        for cell in 0..<n / 2 { interventions[cell, cell % d] = 1 }
        return try StructurePredictor(weightsFile: Self.weights).predict(
            values: values, interventions: labelled ? interventions : nil, genes: (0..<d).map { "g\($0)" },
            areCounts: kind == .poisson)
    }

    /// Expected edges at most 1 in 100 pairs: what is believed of nothing must stay small beside the fewest edges that
    /// worlds have, one for every gene, 1 in 9 pairs here.
    @Test(arguments: Kind.allCases.flatMap { kind in [false, true].map { (kind.rawValue, $0) } })
    func noEdgeAmongIndependentGenes(_ kind: String, _ labelled: Bool) throws {
        let beliefs = try predict(Kind(rawValue: kind)!, labelled: labelled).beliefs
        let largest = beliefs.ranked[0].probability
        let expected = beliefs.ranked.reduce(0) { $0 + Double($1.probability) }
        print("CONTROL", kind, labelled, largest, expected)
        #expect(largest < 0.5, "\(largest)")
        #expect(expected < 0.01 * 90, "\(expected) edges")
    }

    /// Nothing in the data tells a gene from its copy: that is said, with their names.
    @Test func copiesAreSaidToBeIndistinguishable() throws {
        var values = noise(.gaussian, 1000, 10, RandomStream(seed: 2))
        for cell in 0..<1000 { values[cell, 7] = values[cell, 2] }
        let prediction = try StructurePredictor(weightsFile: Self.weights).predict(
            values: values, genes: (0..<10).map { "g\($0)" })
        let notices = prediction.notices.filter { $0.code == "INDISTINGUISHABLE_GENES" }
        #expect(notices.count == 1)
        #expect(notices.first?.message.contains("g2") == true && notices.first?.message.contains("g7") == true)
    }
}
