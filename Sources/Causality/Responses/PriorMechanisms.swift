import Foundation
import Matrices
import Synchronization

/// Mechanisms that are believed before the cells of a fit are seen: prior means of regressions, in place of 0, and how sure
/// these are.
///
/// They are read off control cells that the fit never sees, so that no cell speaks twice. What the fit says of a gene's
/// regulators is then the marginal likelihood of its cells given those: a partial Bayes factor, whose prior was trained on
/// a part of the data (O'Hagan 1995, "Fractional Bayes factors for model comparison", section 1).
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | f̂_j(x_P) | `means` | cells | what the cells apart say of gene j, at their own regulators |
/// | Φ | `features` | cells × columns | 1, x_P, tanh(a_r · x_P + c_r), covariates |
/// | A₀ = V⁻¹ + Φ'Φ, m = A₀⁻¹ Φ'f̂ | `PriorSums` | columns | coefficients ~ N(m, σ² A₀⁻¹) instead of N(0, σ² V) |
///
/// The prior is that of a regression to which each cell apart has given what its mechanism says instead of its own value: as
/// sure as so many cells, without their noise.
public struct PriorMechanisms: Sendable {
    /// Mean of a gene at each of these cells, given its regulators; nil where it can't be told.
    public typealias Reading = @Sendable (_ gene: Int, _ parents: [Int]) -> [Float]?

    /// cells × genes, in control standard deviations from the control mean.
    private let cells: Matrix<Float>
    /// Of all these cells.
    private let covariates: [Float]
    private let means: Reading
    private let known = Known()

    /// - Parameters:
    ///   - cells: cells × genes, in control standard deviations from the control mean: others than those of the fit.
    ///   - covariates: What the design knows beside the genes of all of them.
    ///   - means: Of one gene at these cells; asked once for each set of regulators, from several threads.
    public init(cells: Matrix<Float>, covariates: [Float] = [], means: @escaping Reading) {
        self.cells = cells
        self.covariates = covariates
        self.means = means
    }

    /// The sums of a regression on these regulators with the prior; nil without regulators, and where nothing can be told.
    /// - Parameter columns: Of the sums: 1, the regulators, their units, the covariates.
    func sums<Base: RegressionSums>(
        _ base: Base, gene: Int, parents: [Int], units: RandomUnits? = nil, columns: [Int]
    ) -> PriorSums<Base>? {
        guard !parents.isEmpty, let means = known.value(gene, parents, { means(gene, parents) }) else { return nil }
        let features = features(parents, units)
        precondition(features.columns == columns.count, "\(columns.count) columns of \(features.columns)")
        return PriorSums(base, columns: columns, features: features, means: means.map(Double.init))
    }

    private func features(_ parents: [Int], _ units: RandomUnits?) -> Matrix<Double> {
        let count = units?.count(parents: parents.count) ?? 0
        let rest = covariates.map(Double.init)
        var values: [Double] = []
        values.reserveCapacity(cells.rows * (1 + parents.count + count + rest.count))
        for cell in 0..<cells.rows {
            let inputs = parents.map { Double(cells[cell, $0]) }
            values.append(1)
            values += inputs
            for unit in 0..<count {
                var sum = Double(units!.offsets[unit])
                for (place, parent) in parents.enumerated() {
                    sum += Double(units!.weights[parent * units!.count + unit]) * inputs[place]
                }
                values.append(tanh(sum))
            }
            values += rest
        }
        return Matrix(rows: cells.rows, columns: 1 + parents.count + count + rest.count, values: values)
    }

    /// What was asked before.
    private final class Known: Sendable {
        private struct Key: Hashable {
            let gene: Int
            let parents: [Int]
        }

        private let values = Mutex<[Key: [Float]?]>([:])

        func value(_ gene: Int, _ parents: [Int], _ make: () -> [Float]?) -> [Float]? {
            let key = Key(gene: gene, parents: parents)
            if let value = values.withLock({ $0[key] }) { return value }
            let value = make()
            values.withLock { $0[key] = .some(value) }
            return value
        }
    }
}

/// Sums of a regression whose coefficients have the prior N(m, σ² A₀⁻¹): Φ'Φ and Φ'f̂ are added, and from y'y what the prior
/// explains of itself is taken, f̂'f̂ − m'A₀m, so that the remainder is that of the cells and of the differences from m.
struct PriorSums<Base: RegressionSums>: RegressionSums {
    private let base: Base
    /// Of each column that the prior knows, its place in `gram`.
    private let places: [Int: Int]
    /// Φ'Φ with Φ'f̂ as the last column.
    private let gram: Matrix<Double>
    private let square: Double
    /// ½ ln det A₀ + ½ Σ ln v: what scores lack, as they take V for the prior.
    let logNormaliser: Double

    init(_ base: Base, columns: [Int], features: Matrix<Double>, means: [Double]) {
        let p = columns.count
        let response = Matrix(rows: means.count, columns: 1, values: means)
        let products = Matrix.product(features, features, transposingFirst: true)
        let shared = Matrix.product(features, response, transposingFirst: true).values
        var precision = products
        for (place, column) in columns.enumerated() { precision[place, place] += 1 / base.variances[column] }
        // V⁻¹ alone is positive definite.
        let factor = CholeskyFactor(precision)!
        var gram = Matrix<Double>(rows: p, columns: p + 1)
        for row in 0..<p {
            for column in 0..<p { gram[row, column] = products[row, column] }
            gram[row, p] = shared[row]
        }
        let explained = zip(shared, factor.solve(shared)).reduce(0) { $0 + $1.0 * $1.1 }
        self.base = base
        self.gram = gram
        places = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
        square = explained
        logNormaliser =
            0.5 * (factor.logDeterminant + columns.reduce(0) { $0 + log(base.variances[$1]) })
    }

    var columns: Int { base.columns }
    var variances: [Double] { base.variances }
    var slabs: ResponsePriors.Slabs { base.slabs }
    func cells(of gene: Int) -> Int { base.cells(of: gene) }
    func logOdds(_ column: Int, of gene: Int) -> Double { base.logOdds(column, of: gene) }

    func fill(row column: Int, of gene: Int, into row: UnsafeMutablePointer<Double>) {
        base.fill(row: column, of: gene, into: row)
        guard let own = places[column] else { return }
        for (other, place) in places { row[other] += gram[own, place] }
    }

    func square(of column: Int, for gene: Int) -> Double {
        base.square(of: column, for: gene) + (places[column].map { gram[$0, $0] } ?? 0)
    }

    func fill(responseOf gene: Int, into row: UnsafeMutablePointer<Double>) -> Double {
        let whole = base.fill(responseOf: gene, into: row)
        for (other, place) in places { row[other] += gram[place, gram.rows] }
        // f̂'f̂ is in both.
        return whole + square
    }
}
