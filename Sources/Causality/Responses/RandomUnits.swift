import CKernels
import COpenBLAS
import Foundation
import Matrices
import Probability

/// Nonlinear mechanisms as Bayesian regressions on random units of the regulators.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | f_j(A_·j ∘ x; θ_j) | β₀ + Σ β_p x_p + Σ_r ω_r tanh(a_r · x_P + c_r) | | mechanism of gene j with regulators P |
/// | first layer | `weights`, `offsets` | genes × units, units | drawn once: N(0, s_r²), s_r in 0.4…1.6; N(0, 1) |
/// | second layer | coefficients ω | 10 + 30 a regulator | N(0, σ_j² · 4 / units) |
///
/// Source: Schneider et al. 2025, "Generative Intervention Models for Causal Perturbation Modeling", MLP mechanisms;
/// random first layers: Rahimi & Recht 2007, "Random features for large-scale kernel machines".
/// Deviation from the paper: the first layer is not trained, so that a mechanism's marginal likelihood is exact, beside
/// the perturbations' columns, from sums of products.
struct RandomUnits: Sendable {
    let count: Int
    /// genes × units
    let weights: [Float]
    let offsets: [Float]

    static let outputVariance = 4.0
    /// Standard deviations of a unit's weights, from bends across the range of the regulators to steps.
    static let scales = 0.4...1.6

    init(genes: Int, count: Int, stream: RandomStream) {
        var stream = stream.stream("random units")
        self.count = count
        // Scales spread evenly over their logarithm, in any first few units alike.
        let scales = (0..<count).map { unit in
            let share = (Double(unit) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1)
            return Float(Self.scales.lowerBound * pow(Self.scales.upperBound / Self.scales.lowerBound, share))
        }
        let normals = stream.normals(genes * count)
        weights = normals.indices.map { normals[$0] * scales[$0 % count] }
        offsets = stream.normals(count)
    }

    /// How many units serve a mechanism of so many regulators: the first. Small mechanisms, most of those that are
    /// tried, then cost little.
    func count(parents: Int) -> Int { parents == 0 ? 0 : min(count, 10 + 30 * parents) }
}

/// The sums of one gene's regression on its regulators, their random units, the covariates and the perturbations.
///
/// Columns: 1, the regulators, the units (none without regulators), the covariates, then one a perturbation.
struct UnitSums: RegressionSums {
    let parents: [Int]
    let variances: [Double]
    let slabs: ResponsePriors.Slabs
    /// 1, regulators, units, covariates, and the response: sums over the gene's own cells.
    private let gram: Matrix<Double>
    /// perturbations × the same.
    private let crossed: Matrix<Double>
    private let shared: UnitProblem.GeneSums
    let plain: Int

    var columns: Int { plain + crossed.rows }
    func cells(of gene: Int) -> Int { shared.count }

    func logOdds(_ column: Int, of gene: Int) -> Double { column < plain ? .infinity : shared.logOdds[column - plain] }

    func fill(row column: Int, of gene: Int, into row: UnsafeMutablePointer<Double>) {
        if column < plain {
            for other in 0..<plain { row[other] = gram[column, other] }
            for k in 0..<crossed.rows { row[plain + k] = crossed[k, column] }
        } else {
            let k = column - plain
            for other in 0..<plain { row[other] = crossed[k, other] }
            for other in 0..<crossed.rows { row[plain + other] = shared.gram[k, other] }
        }
    }

    func square(of column: Int, for gene: Int) -> Double {
        column < plain ? gram[column, column] : shared.gram[column - plain, column - plain]
    }

    func fill(responseOf gene: Int, into row: UnsafeMutablePointer<Double>) -> Double {
        for other in 0..<plain { row[other] = gram[plain, other] }
        for k in 0..<crossed.rows { row[plain + k] = crossed[k, plain] }
        return gram[plain, plain]
    }

    init(gene: Int, parents: [Int], _ problem: UnitProblem) {
        _ = singleThreadedBLAS
        let shared = problem.geneSums[gene]
        let units = problem.units.count(parents: parents.count)
        let covariates = problem.covariates
        plain = 1 + parents.count + units + covariates
        let width = plain + 1
        var gram = Matrix<Double>(rows: width, columns: width)
        var crossed = Matrix<Double>(rows: problem.design.perturbations.count, columns: width)
        let longest = Self.stretch
        var columns = [Float](repeating: 1, count: width * longest)
        var products = [Float](repeating: 0, count: width * width)
        var sums = [Float](repeating: 0, count: width)
        // contexts × columns
        var contexts = [Double](repeating: 0, count: problem.design.contexts.count * width)
        let ones = [Float](repeating: 1, count: longest)
        columns.withUnsafeMutableBufferPointer { columns in
            let columns = columns.baseAddress!
            for (first, end) in shared.stretches {
                let n = end - first
                problem.fill(columns, rowLength: longest, gene: gene, parents: parents, units: units, first, n)
                cblas_ssyrk(
                    CblasRowMajor, CblasLower, CblasNoTrans, Int32(width), Int32(n), 1, columns, Int32(longest), 0,
                    &products, Int32(width))
                Self.add(products, into: &gram)
                for segment in problem.segments(first, end) {
                    cblas_sgemv(
                        CblasRowMajor, CblasNoTrans, Int32(width), Int32(segment.cells.count), 1,
                        columns + (segment.cells.lowerBound - first), Int32(longest), ones, 1, 0, &sums, 1)
                    for column in 0..<width { contexts[segment.context * width + column] += Double(sums[column]) }
                }
            }
        }
        for (context, strengths) in problem.strengths.enumerated() {
            let share = ContextNoise.share(problem.contextNoise, cells: problem.cellCount(context))
            for strength in strengths {
                let factor = share * strength.value
                for column in 0..<width {
                    crossed.values[strength.perturbation * width + column] +=
                        factor * contexts[context * width + column]
                }
            }
        }
        if problem.contextNoise > 0 { Self.takeOut(contexts, problem, from: &gram) }
        for row in 0..<width { for column in row + 1..<max(width, row + 1) { gram[row, column] = gram[column, row] } }
        self.parents = parents
        self.gram = gram
        self.crossed = crossed
        self.shared = shared
        slabs = problem.priors.slabs
        variances =
            [slabs.intercept] + Array(repeating: slabs.edge, count: parents.count)
            + Array(repeating: RandomUnits.outputVariance / Double(max(1, units)), count: units)
            + Array(repeating: slabs.covariate, count: covariates)
            + Array(repeating: slabs.effect, count: crossed.rows)
    }

    /// Takes off Σ w s sᵀ of `ContextNoise`.
    /// - Parameter sums: contexts × columns.
    private static func takeOut(_ sums: [Double], _ problem: UnitProblem, from gram: inout Matrix<Double>) {
        let width = gram.columns
        var rows = sums
        for context in 0..<sums.count / width {
            let share = ContextNoise.share(problem.contextNoise, cells: problem.cellCount(context))
            let weight = (problem.contextNoise * share).squareRoot()
            for column in 0..<width { rows[context * width + column] *= weight }
        }
        cblas_dsyrk(
            CblasRowMajor, CblasLower, CblasTrans, Int32(width), Int32(sums.count / width), -1, rows, Int32(width), 1,
            &gram.values, Int32(width))
    }

    /// Cells whose products are summed in single precision before they are added up in double.
    static let stretch = 512

    private static func add(_ products: [Float], into gram: inout Matrix<Double>) {
        let width = gram.columns
        gram.values.withUnsafeMutableBufferPointer { gram in
            products.withUnsafeBufferPointer { products in
                for row in 0..<width {
                    for place in row * width...row * width + row { gram[place] += Double(products[place]) }
                }
            }
        }
    }
}
