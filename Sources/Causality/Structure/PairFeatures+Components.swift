import COpenBLAS
import Foundation
import Matrices

/// Correlations apart from what many genes share: states and kinds of cells, and their depths, move all genes together.
extension PairFeatures {
    mutating func addComponents(_ components: PanelComponents) {
        set(.withoutFirstComponent, components.without(1))
        guard geneCount >= 8 else { return }
        set(.withoutFourComponents, components.without(4))
        set(.ofFourComponents, components.of(4))
    }

    /// Writes covariances, genes × genes, as correlations.
    mutating func set(_ feature: Feature, _ covariances: [Double]) {
        let d = geneCount
        set(feature) { i, j in
            let scale = covariances[i * (d + 1)] * covariances[j * (d + 1)]
            return scale > 1e-6 ? covariances[i * d + j] / scale.squareRoot() : 0
        }
    }
}

/// Principal components of the genes of a panel.
struct PanelComponents {
    private let correlations: [Double]
    /// Rising, and one eigenvector a row.
    private let values: [Double]
    private let vectors: [Double]
    private var size: Int { values.count }

    /// - `correlations`: genes × genes. Nil for fewer than three genes, and where they cannot be decomposed.
    init?(_ correlations: [Double], size d: Int) {
        guard d > 2 else { return nil }
        _ = singleThreadedBLAS
        var vectors = correlations
        var values = Array(repeating: 0.0, count: d)
        var n = Int32(d)
        var lda = n
        var info: Int32 = 0
        var room = Int32(1 + 6 * d + 2 * d * d)
        var integers = Int32(3 + 5 * d)
        var work = Array(repeating: 0.0, count: Int(room))
        var indices = Array(repeating: Int32(0), count: Int(integers))
        dsyevd_("V", "L", &n, &vectors, &lda, &values, &work, &room, &indices, &integers, &info)
        guard info == 0 else { return nil }
        self.correlations = correlations
        self.values = values
        self.vectors = vectors
    }

    /// The first component's weights of the genes; their squares sum to 1.
    var first: [Double] { Array(vectors[(size - 1) * size..<size * size]) }

    /// What the first `count` components share out: Σ λ vᵢ vⱼ, genes × genes.
    func of(_ count: Int) -> [Double] {
        var result = Array(repeating: 0.0, count: size * size)
        for k in size - count..<size {
            for i in 0..<size {
                let scale = values[k] * vectors[k * size + i]
                for j in 0..<size { result[i * size + j] += scale * vectors[k * size + j] }
            }
        }
        return result
    }

    func without(_ count: Int) -> [Double] { zip(correlations, of(count)).map { $0 - $1 } }
}
