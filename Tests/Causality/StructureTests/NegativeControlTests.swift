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
        /// Poisson, brought to the same total in each cell: what is one gene's is no other's.
        case shares
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
                    case .poisson, .shares: Float(log1p(Double(stream.poisson(mean: rate))))
                    case .skewed: Float(stream.exponential())
                    // A chain, before it is permuted.
                    case .permuted: Float(stream.normal()) + (gene > 0 ? 2 * values[cell, gene - 1] : 0)
                    }
            }
        }
        if kind == .shares {
            for cell in 0..<n {
                let total = values.row(cell).reduce(0) { $0 + expm1($1) }
                for gene in 0..<d {
                    values[cell, gene] = total > 0 ? log1p(expm1(values[cell, gene]) / total * Float(3 * d)) : 0
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

    /// The largest probability, and the expected number of edges in each pair.
    private func beliefs(
        _ kind: Kind, cells n: Int, genes d: Int, labelled: Bool
    ) throws -> (largest: Float, share: Double) {
        let values = noise(kind, n, d, RandomStream(seed: 1).stream(kind.rawValue))
        var interventions = Matrix<Float>(rows: n, columns: d)
        for cell in 0..<n / 2 { interventions[cell, cell % d] = 1 }
        let beliefs = try StructurePredictor(weightsFile: Self.weights).predict(
            values: values, interventions: labelled ? interventions : nil, genes: (0..<d).map { "g\($0)" },
            areCounts: kind == .poisson || kind == .shares
        ).beliefs
        let expected = beliefs.ranked.reduce(0) { $0 + Double($1.probability) }
        return (beliefs.ranked[0].probability, expected / Double(d * (d - 1)))
    }

    /// What is believed of nothing must stay small beside the fewest edges that worlds have, about one for every gene: 1 in
    /// 9 pairs of ten genes. Of counts more is believed than of values: sequencing hides most edges of gene regulation (7 in
    /// 100 pairs had one in training), so that seeing none says little.
    private func limit(_ kind: Kind) -> Double { kind == .poisson ? 0.1 : 0.02 }

    @Test(
        arguments: [Kind.gaussian, .poisson, .skewed, .permuted].flatMap { kind in
            [(10, 1000), (20, 200)].flatMap { size in [false, true].map { (kind, size, $0) } }
        })
    private func noEdgeAmongIndependentGenes(_ kind: Kind, _ size: (genes: Int, cells: Int), _ labelled: Bool) throws {
        let (largest, share) = try beliefs(kind, cells: size.cells, genes: size.genes, labelled: labelled)
        #expect(largest < 0.5 && share < limit(kind), "\(largest) \(share)")
    }

    /// Counts divided by the total of a small panel do depend on one another; `structure` therefore does not divide them, but
    /// where a file holds such values nothing tells.
    @Test func sharesOfATotalLookLikeEdges() throws {
        let (largest, _) = try beliefs(.shares, cells: 1000, genes: 20, labelled: false)
        withKnownIssue { #expect(largest < 0.5) }
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
