import COpenBLAS
import Foundation
import Matrices

/// Correlations apart from what many genes share: states and kinds of cells move all genes together.
extension PairFeatures {
    /// - `correlations`: genes × genes.
    mutating func addComponents(_ correlations: [Double]) {
        let d = geneCount
        guard d > 2 else { return }
        _ = singleThreadedBLAS
        var vectors = correlations
        var values = Array(repeating: 0.0, count: d)
        var n = Int32(d)
        var lda = n
        var info: Int32 = 0
        var size = Int32(1 + 6 * d + 2 * d * d)
        var integers = Int32(3 + 5 * d)
        var work = Array(repeating: 0.0, count: Int(size))
        var indices = Array(repeating: Int32(0), count: Int(integers))
        dsyevd_("V", "L", &n, &vectors, &lda, &values, &work, &size, &indices, &integers, &info)
        guard info == 0 else { return }
        /// Σ λ vᵢ vⱼ over the largest `count` eigenvalues, which LAPACK puts last, one eigenvector a row.
        func shared(_ count: Int) -> [Double] {
            var result = Array(repeating: 0.0, count: d * d)
            for k in d - count..<d {
                for i in 0..<d {
                    let scale = values[k] * vectors[k * d + i]
                    for j in 0..<d { result[i * d + j] += scale * vectors[k * d + j] }
                }
            }
            return result
        }
        func scaled(_ covariances: [Double], _ feature: Feature) {
            set(feature) { i, j in
                let scale = covariances[i * (d + 1)] * covariances[j * (d + 1)]
                return scale > 1e-6 ? covariances[i * d + j] / scale.squareRoot() : 0
            }
        }
        scaled(zip(correlations, shared(1)).map { $0 - $1 }, .withoutFirstComponent)
        guard d >= 8 else { return }
        let four = shared(4)
        scaled(zip(correlations, four).map { $0 - $1 }, .withoutFourComponents)
        scaled(four, .ofFourComponents)
    }
}
