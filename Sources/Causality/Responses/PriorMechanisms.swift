import Foundation
import Matrices
import Synchronization

/// Mechanisms that are believed before the cells of a fit are seen: prior means of regressions, in place of 0.
///
/// They are read off control cells that the fit never sees, so that no cell speaks twice. What the fit says of a gene's
/// regulators is then the marginal likelihood of its cells given those: a partial Bayes factor, whose prior was trained on
/// a part of the data (O'Hagan 1995, "Fractional Bayes factors for model comparison", section 1).
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | f̂_j(x_P) | `means` | cells | what cells apart say of gene j, at their own regulators |
/// | m | `coefficients` | columns | the regression nearest to f̂_j: prior mean of the coefficients of 1, x_P, tanh(a_r · x_P + c_r) |
public struct PriorMechanisms: Sendable {
    /// Mean of a gene at each of these cells, given its regulators; nil where it can't be told.
    public typealias Reading = @Sendable (_ gene: Int, _ parents: [Int]) -> [Float]?

    /// cells × genes, in control standard deviations from the control mean.
    private let cells: Matrix<Float>
    private let means: Reading
    private let known = Known()

    /// - Parameters:
    ///   - cells: cells × genes, in control standard deviations from the control mean: others than those of the fit.
    ///   - means: Of one gene at these cells; asked once for each set of regulators, from several threads.
    public init(cells: Matrix<Float>, means: @escaping Reading) {
        self.cells = cells
        self.means = means
    }

    /// Of the size of rounding, so that columns that copy one another share what they tell.
    private static let penalty = 1e-3

    /// Prior means of the coefficients of 1, the regulators and their units; none without regulators.
    func coefficients(gene: Int, parents: [Int], units: RandomUnits? = nil) -> [Double] {
        guard !parents.isEmpty else { return [] }
        return known.value(Known.Key(gene: gene, parents: parents)) {
            guard let means = means(gene, parents) else { return [] }
            let count = units?.count(parents: parents.count) ?? 0
            // Scaled by prior deviations: those that are believed to be small stay small.
            let scales =
                parents.map { _ in 1.0 }
                + (0..<count).map { _ in (RandomUnits.outputVariance / Double(count)).squareRoot() }
            var features = Matrix<Double>(rows: cells.rows, columns: scales.count)
            for cell in 0..<cells.rows {
                for (place, parent) in parents.enumerated() { features[cell, place] = Double(cells[cell, parent]) }
                for unit in 0..<count {
                    features[cell, parents.count + unit] =
                        scales[parents.count + unit] * units!.value(unit, parents: parents, of: cells.row(cell))
                }
            }
            let targets = Matrix(rows: cells.rows, columns: 1, values: means.map(Double.init))
            let regression = RidgeRegression(
                features: features, targets: targets, penalty: Self.penalty * Double(cells.rows))
            guard let regression else { return [] }
            return regression.intercepts + zip(regression.coefficients.values, scales).map { $0 * $1 }
        }
    }

    /// What was asked before.
    private final class Known: Sendable {
        struct Key: Hashable, Sendable {
            let gene: Int
            let parents: [Int]
        }

        private let values = Mutex<[Key: [Double]]>([:])

        func value(_ key: Key, _ make: () -> [Double]) -> [Double] {
            if let value = values.withLock({ $0[key] }) { return value }
            let value = make()
            values.withLock { $0[key] = value }
            return value
        }
    }
}

extension RandomUnits {
    /// Of one unit in one cell.
    fileprivate func value(_ unit: Int, parents: [Int], of cell: ArraySlice<Float>) -> Double {
        let sum = parents.reduce(Double(offsets[unit])) {
            $0 + Double(weights[$1 * count + unit]) * Double(cell[cell.startIndex + $1])
        }
        return tanh(sum)
    }
}

/// Sums of a regression with prior means: those of the response less what the means say of it,
/// y → y − X m, so that coefficients are differences from m.
struct OffsetSums<Base: RegressionSums>: RegressionSums {
    let base: Base
    /// By column; all other means are 0.
    let means: [(column: Int, value: Double)]

    var columns: Int { base.columns }
    var variances: [Double] { base.variances }
    var slabs: ResponsePriors.Slabs { base.slabs }
    func cells(of gene: Int) -> Int { base.cells(of: gene) }
    func logOdds(_ column: Int, of gene: Int) -> Double { base.logOdds(column, of: gene) }
    func fill(row column: Int, of gene: Int, into row: UnsafeMutablePointer<Double>) {
        base.fill(row: column, of: gene, into: row)
    }
    func square(of column: Int, for gene: Int) -> Double { base.square(of: column, for: gene) }

    /// g − G m, and y'y − 2 m'g + m'G m.
    func fill(responseOf gene: Int, into row: UnsafeMutablePointer<Double>) -> Double {
        var square = base.fill(responseOf: gene, into: row)
        for mean in means { square -= mean.value * row[mean.column] }
        var own = [Double](repeating: 0, count: columns)
        own.withUnsafeMutableBufferPointer { own in
            for mean in means {
                base.fill(row: mean.column, of: gene, into: own.baseAddress!)
                for column in 0..<columns { row[column] -= mean.value * own[column] }
            }
        }
        // y'y − m'g − m'(g − G m)
        for mean in means { square -= mean.value * row[mean.column] }
        return square
    }
}
