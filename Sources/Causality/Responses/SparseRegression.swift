import CKernels
import COpenBLAS
import Foundation
import Matrices

/// Spike-and-slab regression of one gene: which columns act on it, by the exact marginal likelihood of each choice.
///
/// With active columns S, y | S ~ multivariate t: coefficients N(0, σ² diag v), σ² inverse gamma (a₀, b₀). Up to a
/// constant
///
///     ln p(y | S) = −½ Σ ln v_c − ½ ln det A − (n/2 + a₀) ln(b₀ + ½ ρ),   A = G_SS + diag 1/v,  ρ = y'y − g'A⁻¹g
///
/// and the score adds the prior log odds of the active columns. With A = L Lᵀ the rows L⁻¹G_S· are kept for all
/// columns, so that what each column would add is read off (what a sweep of the whole matrix would give, at the cost of
/// the active columns only).
struct SparseRegression: Sendable {
    let gene: Int
    /// In the order in which they came.
    private(set) var active: [Int]
    private(set) var score: Double
    /// How many of the active columns always stand: the first.
    private let fixed: Int
    /// Columns that may be taken up.
    private var isAllowed: [Bool]
    private var isActive: [Bool]
    /// active × columns: L⁻¹ G_S·
    private var rows: [Double]
    /// Diagonal of L, and L⁻¹g.
    private var pivots: [Double]
    private var loadings: [Double]
    /// Of each column that is not active: what A would gain on its diagonal, and what it shares with the remainder of
    /// y.
    private var remainders: [Double]
    private var shared: [Double]
    /// ρ
    private var residual: Double
    /// Prior log odds of each column.
    private let logOdds: [Double]

    /// A change worth less is none.
    static let least = 1e-6

    /// Begins with the columns that always stand in it.
    init(gene: Int, _ system: some RegressionSums) {
        self.gene = gene
        let n = system.columns
        logOdds = (0..<n).map { system.logOdds($0, of: gene) }
        fixed = logOdds.count { $0 == .infinity }
        isAllowed = logOdds.map { $0.isFinite }
        isActive = Array(repeating: false, count: n)
        active = []
        rows = []
        pivots = []
        loadings = []
        remainders = []
        shared = []
        residual = 0
        score = 0
        begin(system)
        for column in 0..<n where logOdds[column] == .infinity { add(column, system) }
        rescore(system)
    }

    /// The same choice of columns with the sums of another system.
    init(_ other: SparseRegression, _ system: some RegressionSums) {
        self.init(gene: other.gene, system)
        isAllowed = other.isAllowed
        for column in other.active where !isActive[column] && logOdds[column] > -.infinity { add(column, system) }
        rescore(system)
    }

    // MARK: What may and does act

    func isActive(_ column: Int) -> Bool { isActive[column] }

    func hasActive(_ columns: some Sequence<Int>) -> Bool { columns.contains { isActive[$0] } }

    /// What taking up a column adds to the score; of one that is not active.
    func gain(_ column: Int, _ system: some RegressionSums) -> Double {
        let share = shared[column] * shared[column] / remainders[column]
        let whole = 2 * system.slabs.noiseScale + residual
        return -exponent(system) * log1p(-min(share / whole, 1 - 1e-12))
            - 0.5 * log(remainders[column] * system.variances[column]) + logOdds[column]
    }

    /// Whether any of the columns would be taken up now, could it be.
    func gainsFrom(_ columns: some Sequence<Int>, _ system: some RegressionSums) -> Bool {
        let (whole, exponent) = (2 * system.slabs.noiseScale + residual, exponent(system))
        return columns.contains { column in
            guard logOdds[column].isFinite, !isActive[column], bound(column, whole, exponent) > Self.least else {
                return false
            }
            return gain(column, system) > Self.least
        }
    }

    /// The same, −∞ for a column that is fixed to stay out.
    func openGain(_ column: Int, _ system: some RegressionSums) -> Double {
        logOdds[column] == -.infinity ? -.infinity : gain(column, system)
    }

    /// What dropping each active column adds to the score, in their order; −∞ of those that always stand.
    func dropGains(_ system: some RegressionSums) -> [Double] {
        // Columns that always stand came first.
        let (variances, coefficients) = coefficients(from: fixed)
        let whole = 2 * system.slabs.noiseScale + residual
        return active.indices.map { place in
            guard place >= fixed else { return -.infinity }
            let (variance, coefficient) = (variances[place - fixed], coefficients[place - fixed])
            return -exponent(system) * log1p(coefficient * coefficient / variance / whole)
                - 0.5 * log(variance / system.variances[active[place]]) - logOdds[active[place]]
        }
    }

    /// Lets the columns be taken up or not; says whether the choice may no longer be the best near by.
    mutating func permit(_ columns: some Sequence<Int>, _ isPermitted: Bool, _ system: some RegressionSums) -> Bool {
        for column in columns where logOdds[column].isFinite { isAllowed[column] = isPermitted }
        if isPermitted { return gainsFrom(columns, system) }
        let held = columns.filter { isActive[$0] && logOdds[$0].isFinite }
        for column in held { drop(active.firstIndex(of: column)!) }
        if !held.isEmpty { rescore(system) }
        return !held.isEmpty
    }

    /// Takes up or drops the best column until nothing is gained.
    mutating func improve(_ system: some RegressionSums) {
        // Each step raises the score; the bound is for rounding.
        for _ in 0..<4 * isAllowed.count {
            let best = bestAddition(system)
            let drops = dropGains(system)
            let worst = drops.indices.max { drops[$0] < drops[$1] }
            let dropGain = worst.map { drops[$0] } ?? -.infinity
            if max(best.gain, dropGain) < Self.least { break }
            if best.gain >= dropGain { add(best.column, system) } else { drop(worst!) }
        }
        rescore(system)
    }

    /// Draws a choice of columns by flips of single ones, each with its exact odds given the others.
    mutating func flip(sweeps: Int, _ system: some RegressionSums, uniform: () -> Double) {
        for _ in 0..<sweeps {
            for column in isAllowed.indices where isAllowed[column] {
                if isActive[column] {
                    let place = active.firstIndex(of: column)!
                    let gain = dropGains(system)[place]
                    if gain > -Self.certain, log(uniform() / (1 - uniform())) < gain { drop(place) }
                } else {
                    let gain = gain(column, system)
                    if gain > -Self.certain, log(uniform() / (1 - uniform())) < gain { add(column, system) }
                }
            }
        }
        rescore(system)
    }

    /// Log odds beyond which a flip is not tried.
    private static let certain = 16.0

    private func exponent(_ system: some RegressionSums) -> Double {
        0.5 * Double(system.cells(of: gene)) + system.slabs.noiseShape
    }

    /// No less than the gain, without logarithms: −ln(1 − q) ≤ q/(1 − q), and the other terms never exceed the prior log
    /// odds.
    private func bound(_ column: Int, _ whole: Double, _ exponent: Double) -> Double {
        let share = min(shared[column] * shared[column] / (remainders[column] * whole), 1 - 1e-12)
        return exponent * share / (1 - share) + logOdds[column]
    }

    private func bestAddition(_ system: some RegressionSums) -> (column: Int, gain: Double) {
        var best = (column: -1, gain: -Double.infinity)
        let whole = 2 * system.slabs.noiseScale + residual
        let exponent = exponent(system)
        isAllowed.withUnsafeBufferPointer { isAllowed in
            for column in 0..<isAllowed.count where isAllowed[column] && !isActive[column] {
                guard bound(column, whole, exponent) > max(best.gain, 0) else { continue }
                let gain = gain(column, system)
                if gain > best.gain { best = (column, gain) }
            }
        }
        return best
    }

    // MARK: Factors

    private mutating func begin(_ system: some RegressionSums) {
        let n = system.columns
        remainders = (0..<n).map { system.square(of: $0, for: gene) + 1 / system.variances[$0] }
        var square = 0.0
        shared = [Double](unsafeUninitializedCapacity: n) { buffer, filled in
            square = system.fill(responseOf: gene, into: buffer.baseAddress!)
            filled = n
        }
        residual = square
    }

    /// The score is that before.
    mutating func add(_ column: Int, _ system: some RegressionSums) {
        let n = system.columns
        let factors = active.indices.map { rows[$0 * n + column] }
        let pivot = remainders[column].squareRoot()
        let loading = shared[column] / pivot
        let row = [Double](unsafeUninitializedCapacity: n) { buffer, filled in
            let row = buffer.baseAddress!
            system.fill(row: column, of: gene, into: row)
            kernel_subtract_rows(rows, factors.count, n, factors, row)
            cblas_dscal(Int32(n), 1 / pivot, row, 1)
            filled = n
        }
        kernel_take_out(row, loading, n, 1, &remainders, &shared)
        rows += row
        pivots.append(pivot)
        loadings.append(loading)
        residual -= loading * loading
        active.append(column)
        isActive[column] = true
    }

    /// Rotations bring the column behind all others, where it is taken back (Golub & Van Loan 2013, "Matrix computations",
    /// section 6.5.3).
    private mutating func drop(_ place: Int) {
        let n = isActive.count
        let column = active[place]
        var (row, loading, pivot) = (Array(rows[place * n..<(place + 1) * n]), loadings[place], pivots[place])
        var all = rows
        rows = []
        all.withUnsafeMutableBufferPointer { all in
            row.withUnsafeMutableBufferPointer { row in
                for later in place + 1..<max(active.count, place + 1) {
                    let below = row[active[later]]
                    let length = (pivots[later] * pivots[later] + below * below).squareRoot()
                    let (cosine, sine) = (pivots[later] / length, below / length)
                    // To the place before, as the column leaves its own.
                    let moved = all.baseAddress! + (later - 1) * n
                    moved.update(from: moved + n, count: n)
                    cblas_drot(Int32(n), moved, 1, row.baseAddress!, 1, cosine, sine)
                    let other = loadings[later]
                    loadings[later - 1] = cosine * other + sine * loading
                    loading = cosine * loading - sine * other
                    pivots[later - 1] = length
                    pivot *= cosine
                }
            }
        }
        all.removeLast(n)
        rows = all
        pivots.removeLast()
        loadings.removeLast()
        active.remove(at: place)
        isActive[column] = false
        kernel_put_back(row, loading, n, &remainders, &shared)
        remainders[column] = pivot * pivot
        shared[column] = loading * pivot
        residual += loading * loading
    }

    private mutating func rescore(_ system: some RegressionSums) {
        var sum = -exponent(system) * log(system.slabs.noiseScale + 0.5 * residual)
        for (place, column) in active.enumerated() {
            sum -= 0.5 * log(system.variances[column]) + log(pivots[place])
            if logOdds[column].isFinite { sum += logOdds[column] }
        }
        score = sum
    }
}

extension SparseRegression {
    /// s × s, row-major: the Cholesky factor L of A, of active columns in their order.
    var factor: Matrix<Double> {
        let (s, n) = (active.count, isActive.count)
        var factor = Matrix<Double>(rows: s, columns: s)
        for row in 0..<s {
            for column in 0..<row { factor[row, column] = rows[column * n + active[row]] }
            factor[row, row] = pivots[row]
        }
        return factor
    }

    /// Diagonal of A⁻¹, and the coefficients' posterior means A⁻¹g, of active columns in their order, from a place on.
    ///
    /// The last rows of L are enough for the last columns of its inverse.
    func coefficients(from first: Int = 0) -> (variances: [Double], means: [Double]) {
        let s = active.count - first
        guard s > 0 else { return ([], []) }
        let n = isActive.count
        var factor = [Double](repeating: 0, count: s * s)
        for row in 0..<s {
            for column in 0..<row { factor[row * s + column] = rows[(first + column) * n + active[first + row]] }
            factor[row * s + row] = pivots[first + row]
        }
        var inverse = Matrix<Double>.identity(s)
        cblas_dtrsm(
            CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, Int32(s), Int32(s), 1, factor, Int32(s),
            &inverse.values, Int32(s))
        var (variances, means) = ([Double](repeating: 0, count: s), [Double](repeating: 0, count: s))
        inverse.values.withUnsafeBufferPointer { inverse in
            for row in 0..<s {
                for column in 0...row {
                    let value = inverse[row * s + column]
                    variances[column] += value * value
                    means[column] += value * loadings[first + row]
                }
            }
        }
        return (variances, means)
    }

    /// The inverse gamma posterior of the noise variance: shape and scale.
    func noise(_ system: some RegressionSums) -> (shape: Double, scale: Double) {
        (exponent(system), system.slabs.noiseScale + 0.5 * residual)
    }

    /// ln p(y | active columns), every constant included.
    func logMarginalLikelihood(_ system: some RegressionSums) -> Double {
        let (a, b) = (system.slabs.noiseShape, system.slabs.noiseScale)
        let prior = active.reduce(0.0) { $0 + (logOdds[$1].isFinite ? logOdds[$1] : 0) }
        let half = 0.5 * Double(system.cells(of: gene))
        return score - prior + a * log(b) + lgamma(a + half) - lgamma(a) - half * log(2 * .pi)
    }
}

extension SparseRegression {
    /// L⁻ᵀ x
    func solveTransposed(_ x: [Double]) -> [Double] {
        var result = x
        guard !x.isEmpty else { return result }
        let s = Int32(x.count)
        cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, s, factor.values, s, &result, 1)
        return result
    }
}
