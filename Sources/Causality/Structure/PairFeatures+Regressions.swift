import CKernels
import Foundation

/// Regressions of one gene on one other, gene by gene: entropies and dependence of their residuals.
///
/// Of many cells the first `visitedAtMost` are visited.
extension PairFeatures {
    /// Which direction of a linear pair leaves less entropy: H(wⱼ) + H(rᵢ|ⱼ) − H(wᵢ) − H(rⱼ|ᵢ), times ten, positive for i → j
    /// (Hyvärinen & Smith 2013, equation 4), entropies by Hyvärinen 1998: H(u) ≈ const − k₁ E[u exp(−u²/2)]² −
    /// k₂ (E|u| − √(2/π))², k₁ = 36 / (8√3 − 9), k₂ = 1 / (2 − 6/π).
    mutating func addEntropies(_ data: PairFeaturesData, correlation: [Double]) {
        let d = geneCount
        let n = data.visited
        let (own, isOwn) = data.own(0..<n)
        /// Entropy of j's residual on i; on the diagonal that of the gene itself.
        var entropies = Array(repeating: 0.0, count: d * d)
        var sums: [Float] = [0, 0, 0]
        own.withUnsafeBufferPointer { own in
            isOwn.withUnsafeBufferPointer { isOwn in
                let (own, isOwn) = (own.baseAddress!, isOwn.baseAddress!)
                for i in 0..<d {
                    for j in 0..<d {
                        let slope = i == j ? 0 : correlation[i * d + j]
                        let residualVariance = 1 - slope * slope
                        guard residualVariance > 1e-4 else { continue }
                        kernel_entropy_sums(
                            own + i * n, own + j * n, isOwn + i * n, isOwn + j * n, n, Float(slope),
                            Float(1 / residualVariance.squareRoot()), &sums)
                        let count = Double(sums[2])
                        guard count > 0 else { continue }
                        let odd = Double(sums[0]) / count
                        let sparse = Double(sums[1]) / count - (2 / Double.pi).squareRoot()
                        entropies[i * d + j] = -7.412_888 * odd * odd - 11.093_770 * sparse * sparse
                    }
                }
            }
        }
        set(.entropyDifference) { i, j in
            guard i != j, 1 - correlation[i * d + j] * correlation[i * d + j] > 1e-4 else { return 0 }
            return 10
                * (entropies[j * (d + 1)] + entropies[j * d + i] - entropies[i * (d + 1)] - entropies[i * d + j])
        }
    }

    /// Size of the correlation of squared residuals with x and x² of the regressor, after a cubic regression in normal
    /// scores: near 0 where j = f(i) + independent noise (Hoyer et al. 2009), larger in the wrong direction.
    ///
    /// - `products`: of the Hermite columns over all cells, 3 genes × 3 genes.
    mutating func addRegressions(_ data: PairFeaturesData, products: [Double]) {
        let d = geneCount
        let visited = Double(data.visited)
        var sums: [Float] = [0, 0, 0, 0]
        var fit: [Float] = [0, 0, 0]
        data.hermite.withUnsafeBufferPointer { columns in
            for i in 0..<d {
                for j in 0..<d where i != j {
                    for k in 0..<3 { fit[k] = Float(products[(k * d + i) * 3 * d + j] / Double(data.cells)) }
                    let columns = columns.baseAddress!
                    kernel_dependence_sums(
                        columns + i * data.cells, d * data.cells, columns + j * data.cells, fit, data.visited, &sums)
                    let mean = Double(sums[0]) / visited
                    let variance = Double(sums[1]) / visited - mean * mean
                    guard variance > 1e-9 else { continue }
                    let a = Double(sums[2]) / visited
                    let b = Double(sums[3]) / visited
                    let dependence = ((a * a + b * b) / variance).squareRoot()
                    set(.residualDependence, i, j, dependence)
                    set(.residualDependenceReverse, j, i, dependence)
                }
            }
        }
    }
}
