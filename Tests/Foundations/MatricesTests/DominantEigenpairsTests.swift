import Foundation
import Matrices
import Testing

struct DominantEigenpairsTests {
    /// Not random, but not orthogonal to anything either.
    private func start(_ rows: Int, _ columns: Int) -> Matrix<Double> {
        Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { sin(Double($0 * $0 % 9973) + 1) })
    }

    /// A matrix with eigenvalues given: H D H with the reflection H = I − 2 u uᵀ.
    private func matrix(_ eigenvalues: [Double]) -> (Matrix<Double>, Matrix<Double>) {
        let n = eigenvalues.count
        let raw: [Double] = (0..<n).map { 1 + cos(Double(3 * $0)) }
        let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
        var reflection = Matrix<Double>.identity(n)
        for i in 0..<n {
            for j in 0..<n { reflection[i, j] -= 2 * raw[i] * raw[j] / (length * length) }
        }
        var scaled = reflection
        for i in 0..<n {
            for j in 0..<n { scaled[i, j] *= eigenvalues[i] }
        }
        return (Matrix.product(reflection, scaled, transposingFirst: true), reflection)
    }

    /// Close eigenvalues in the bulk, as a screen's noise has.
    @Test func pairsAreFoundByProductsAlone() {
        let eigenvalues = (1...6).map { 100 / Double($0) } + (6..<500).map { 5 - Double($0) / 200 }
        let (matrix, vectors) = matrix(eigenvalues)
        var products = 0
        let found = DominantEigenpairs(start: start(20, 500), count: 12) {
            products += 1
            return $0.multiplied(by: matrix)
        }
        #expect(found.residual < 1e-12 && products < 150)
        for k in 0..<12 {
            #expect(abs(found.eigenvalues[k] - eigenvalues[k]) < 1e-11 * eigenvalues[0])
            let product: Double = zip(found.eigenvectors.row(k), vectors.row(k)).reduce(0) { $0 + $1.0 * $1.1 }
            // Residual 1e-10 over gaps of 1/200.
            #expect(abs(abs(product) - 1) < 1e-12)
        }
        let same = DominantEigenpairs(matrix, count: 12) { self.start(20, 500) }
        #expect(same.eigenvalues == found.eigenvalues)
    }

    /// All pairs of a small matrix, and a rank below what is asked for.
    @Test func smallAndDeficientMatrices() {
        let (small, _) = matrix([4, 3, 2, 1])
        let found = DominantEigenpairs(small, count: 3) { self.start(4, 4) }
        #expect(zip(found.eigenvalues, [4, 3, 2]).allSatisfy { abs($0 - $1) < 1e-12 })
        let (flat, _) = matrix([9, 5] + [Double](repeating: 0, count: 58))
        let pairs = DominantEigenpairs(start: start(10, 60), count: 4) { $0.multiplied(by: flat) }
        #expect(zip(pairs.eigenvalues, [9, 5, 0, 0]).allSatisfy { abs($0 - $1) < 1e-12 })
        // All of the space.
        let whole = DominantEigenpairs(start: start(4, 4), count: 4) { $0.multiplied(by: small) }
        #expect(zip(whole.eigenvalues, [4, 3, 2, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
    }
}
