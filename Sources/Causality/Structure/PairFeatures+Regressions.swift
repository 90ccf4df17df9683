import Foundation

/// Regressions of one gene on one other, gene by gene: entropies and dependence of their residuals.
///
/// The only statistics that visit every pair in every cell; written over groups of eight cells so that they vectorise.
extension PairFeatures {
    /// Which direction of a linear pair leaves less entropy: H(wⱼ) + H(rᵢ|ⱼ) − H(wᵢ) − H(rⱼ|ᵢ), times ten, positive for i → j
    /// (Hyvärinen & Smith 2013, equation 4), entropies by Hyvärinen 1998: H(u) ≈ const − k₁ E[u exp(−u²/2)]² −
    /// k₂ (E|u| − √(2/π))², k₁ = 36 / (8√3 − 9), k₂ = 1 / (2 − 6/π).
    mutating func addEntropies(_ data: PairFeaturesData, correlation: [Double]) {
        let d = geneCount
        let own = EightCells(data.own, columns: d)
        let isOwn = EightCells(data.isOwn, columns: d)
        /// Entropy of j's residual on i; on the diagonal that of the gene itself.
        var entropies = Array(repeating: 0.0, count: d * d)
        for i in 0..<d {
            for j in 0..<d {
                let slope = i == j ? 0 : correlation[i * d + j]
                let residualVariance = 1 - slope * slope
                guard residualVariance > 1e-4 else { continue }
                let weight = SIMD8(repeating: Float(slope))
                let scale = SIMD8(repeating: Float(1 / residualVariance.squareRoot()))
                var oddSum = SIMD8<Float>.zero
                var absoluteSum = oddSum
                var count = oddSum
                for group in 0..<own.groups {
                    let both = isOwn[i, group] * isOwn[j, group]
                    let u = (own[j, group] - weight * own[i, group]) * scale * both
                    // exp(−u²/2) as (1 − u²/64)³² for |u| < 8.
                    var bell = max0(1 - u * u * 0.015_625)
                    bell *= bell
                    bell *= bell
                    bell *= bell
                    bell *= bell
                    bell *= bell
                    oddSum += u * bell
                    absoluteSum += absolute(u)
                    count += both
                }
                let n = Double(count.sum())
                guard n > 0 else { continue }
                let odd = Double(oddSum.sum()) / n
                let sparse = Double(absoluteSum.sum()) / n - (2 / Double.pi).squareRoot()
                entropies[i * d + j] = -7.412_888 * odd * odd - 11.093_770 * sparse * sparse
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
    mutating func addRegressions(_ data: PairFeaturesData) {
        let d = geneCount
        let basis = EightCells(data.hermite, columns: 3 * d)
        let coefficients = crossProduct(data.hermite, 3 * d, data.hermite, 3 * d)
        let cells = Float(data.cells)
        for i in 0..<d {
            for j in 0..<d where i != j {
                let row = i * 3 * 3 * d + j * 3
                let first = SIMD8(repeating: Float(coefficients[row]) / cells)
                let second = SIMD8(repeating: Float(coefficients[row + 3 * d]) / cells)
                let third = SIMD8(repeating: Float(coefficients[row + 6 * d]) / cells)
                var sum = SIMD8<Float>.zero
                var squares = sum
                var onFirst = sum
                var onSecond = sum
                for group in 0..<basis.groups {
                    let x = basis[3 * i, group]
                    let curved = basis[3 * i + 1, group]
                    let residual = basis[3 * j, group] - first * x - second * curved - third * basis[3 * i + 2, group]
                    let square = residual * residual
                    sum += square
                    squares += square * square
                    onFirst += square * x
                    onSecond += square * curved
                }
                let mean = Double(sum.sum() / cells)
                let variance = Double(squares.sum() / cells) - mean * mean
                guard variance > 1e-9 else { continue }
                let a = Double(onFirst.sum() / cells)
                let b = Double(onSecond.sum() / cells)
                let dependence = ((a * a + b * b) / variance).squareRoot()
                set(.residualDependence, i, j, dependence)
                set(.residualDependenceReverse, j, i, dependence)
            }
        }
    }
}

/// Columns of cells in groups of eight, the last one filled up with zeros.
private struct EightCells {
    let groups: Int
    private let values: [SIMD8<Float>]

    /// - `rows`: cells × count, row-major.
    init(_ rows: [Float], columns count: Int) {
        let cells = rows.count / count
        groups = (cells + 7) / 8
        var values = Array(repeating: SIMD8<Float>.zero, count: groups * count)
        for cell in 0..<cells {
            for column in 0..<count { values[column * groups + cell / 8][cell % 8] = rows[cell * count + column] }
        }
        self.values = values
    }

    subscript(column: Int, group: Int) -> SIMD8<Float> {
        @inline(__always) get { values[column * groups + group] }
    }
}

@inline(__always)
private func max0(_ x: SIMD8<Float>) -> SIMD8<Float> { x.replacing(with: 0, where: x .< 0) }

@inline(__always)
private func absolute(_ x: SIMD8<Float>) -> SIMD8<Float> {
    unsafeBitCast(
        unsafeBitCast(x, to: SIMD8<UInt32>.self) & SIMD8(repeating: 0x7FFF_FFFF), to: SIMD8<Float>.self)
}
