import Foundation
import Matrices

/// Cubic splines of each gene: columns that span them, the gene's values first.
///
/// Piecewise cubic functions with two continuous derivatives and knots at the eighths of the cells are x, x², x³ and
/// (x − t)³₊ for each of seven knots t, besides the constant: ten columns. They are centred and made orthogonal over all
/// cells, column after column, with variance 1; what columns before explain is 0, so genes of few values have fewer.
struct SplineBasis {
    /// Even: `AdditiveModels.upperTail` counts on it.
    static let width = 10
    /// Cells × (genes · width).
    let columns: Matrix<Double>

    /// - `data`: its standardised values.
    init(_ data: DiscoveryData) {
        let n = data.cells
        let d = data.genes
        let width = Self.width
        var columns = Matrix<Double>(rows: n, columns: d * width)
        for gene in 0..<d where data.deviations[gene] > 0 {
            let x = data.standardised.column(gene)
            let knots = quantiles(of: x, at: (1..<8).map { Double($0) / 8 })
            var basis = [[Double]]()
            for column in 0..<width {
                var values =
                    column < 3
                    ? x.map { pow($0, Double(column + 1)) }
                    : x.map { pow(max(0, $0 - knots[column - 3]), 3) }
                // Twice is enough (Kahan, Parlett 1980).
                let before = Self.centred(&values)
                for _ in 0..<2 {
                    for other in basis {
                        let factor = zip(values, other).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
                        for row in 0..<n { values[row] -= factor * other[row] }
                    }
                }
                let after = Self.centred(&values)
                guard after > 1e-10 * before else { continue }
                for row in 0..<n {
                    values[row] /= after.squareRoot()
                    columns.values[row * d * width + gene * width + column] = values[row]
                }
                basis.append(values)
            }
        }
        self.columns = columns
    }

    /// Subtracts the mean; answers the variance.
    private static func centred(_ values: inout [Double]) -> Double {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        for row in values.indices { values[row] -= mean }
        return values.reduce(0) { $0 + $1 * $1 } / n
    }
}
