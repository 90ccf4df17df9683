import COpenBLAS
import Foundation
import Matrices
import Probability

/// The cells as the statistics of pairs need them, all cells × columns, row-major, single precision.
struct PairFeaturesData {
    let cells: Int
    let genes: Int
    /// Centred and scaled over all cells; 0 for a constant gene.
    let standardised: [Float]
    /// Three columns a gene: the normalised Hermite polynomials x, (x² − 1)/√2, (x³ − 3x)/√6 of its normal scores. They are
    /// nearly orthonormal by construction.
    let hermite: [Float]
    /// Centred and scaled over the gene's own cells, bounded to ±6, and 0 where it was intervened on.
    let own: [Float]
    /// 1 in a gene's own cells, 0 where it was intervened on.
    let isOwn: [Float]
    /// 1 where the value is 0.
    let isZero: [Float]
    let zeroShares: [Double]
    /// Means of the values, of exp(value) − 1, and of its square.
    private let levels: [(Double, Double, Double)]
    /// For each gene the cells in which it was intervened on.
    let intervenedCells: [[Int]]
    /// Whether a cell had no intervention at all.
    let isObserved: [Bool]
    /// A number for each cell that depends on its values, not on its place or the order of genes: it splits the cells.
    let keys: [UInt64]

    /// Cells that shifts under interventions are measured from: controls, else those without an intervention on any of the
    /// genes; nil where there are fewer than ten of either.
    let reference: [Int]?

    var observedCells: Int { isObserved.count { $0 } }

    /// Normal scores, cells × genes.
    var scores: [Float] { stride(from: 0, to: hermite.count, by: 3).map { hermite[$0] } }

    /// Normal scores less the part along `weights`, whose squares sum to 1; cells × genes.
    func scores(without weights: [Double]) -> [Float] {
        var result = scores
        let weights = weights.map { Float($0) }
        for cell in 0..<cells {
            var along: Float = 0
            for gene in 0..<genes { along += weights[gene] * result[cell * genes + gene] }
            for gene in 0..<genes { result[cell * genes + gene] -= along * weights[gene] }
        }
        return result
    }

    /// What is left of each gene after its regression on all others, cells × genes.
    func residuals(precision: [Double]) -> [Float] {
        let d = genes
        _ = singleThreadedBLAS
        var coefficients = Array(repeating: Float(0), count: d * d)
        for target in 0..<d where precision[target * (d + 1)] > 0 {
            for source in 0..<d {
                coefficients[source * d + target] = Float(precision[source * d + target] / precision[target * (d + 1)])
            }
        }
        var result = standardised
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(cells), blasint(d), blasint(d), 1, standardised,
            blasint(d), coefficients, blasint(d), 0, &result, blasint(d))
        return result
    }

    /// For each gene, of values that are ln(1 + counts): their mean / 3, and ln of variance over mean of the counts, / 3.
    func countLevels() -> [(mean: Double, dispersion: Double)] {
        levels.map { (mean, countMean, countSquare) in
            let variance = countSquare - countMean * countMean
            guard countMean > 1e-9, variance > 1e-9 else { return (mean / 3, 0) }
            return (mean / 3, Foundation.log(variance / countMean) / 3)
        }
    }

    init(values: Matrix<Float>, interventions: Matrix<Float>?, areCounts: Bool = false, isControl: [Bool]? = nil) {
        let n = values.rows
        let d = values.columns
        cells = n
        genes = d
        var intervened = Array(repeating: [Int](), count: d)
        var observed = Array(repeating: true, count: n)
        if let interventions {
            for index in interventions.values.indices where interventions.values[index] != 0 {
                intervened[index % d].append(index / d)
                observed[index / d] = false
            }
        }
        intervenedCells = intervened
        isObserved = observed
        reference = [isControl ?? observed, observed].map { marks in (0..<n).filter { marks[$0] && observed[$0] } }
            .first { $0.count >= 10 }

        var keys = Array(repeating: UInt64(0), count: n)
        var standardised = Array(repeating: Float(0), count: n * d)
        var hermite = Array(repeating: Float(0), count: n * d * 3)
        var own = standardised
        var isOwn = Array(repeating: Float(1), count: n * d)
        var isZero = standardised
        var zeroShares = Array(repeating: 0.0, count: d)
        var levels = Array(repeating: (0.0, 0.0, 0.0), count: d)
        let quantiles = Self.normalQuantiles(count: n)
        var column = Array(repeating: Float(0), count: n)
        var sorter = RankSorter(count: n)

        for gene in 0..<d {
            for row in 0..<n {
                let value = values.values[row * d + gene]
                // Adding 0 turns −0 into 0, which ties with it.
                column[row] = value.isFinite ? value + 0 : 0
                keys[row] &+= Self.mixed(UInt64(column[row].bitPattern))
                if column[row] == 0 {
                    isZero[row * d + gene] = 1
                    zeroShares[gene] += 1 / Double(n)
                }
            }
            if areCounts {
                for value in column {
                    let count = Double(expm1f(min(value, 20)))
                    levels[gene].0 += Double(value) / Double(n)
                    levels[gene].1 += count / Double(n)
                    levels[gene].2 += count * count / Double(n)
                }
            }
            let all = Self.centreAndScale(column, without: [])
            let mine = Self.centreAndScale(column, without: intervened[gene])
            sorter.rank(column)
            var scoreSquares = 0.0
            for row in 0..<n {
                let index = row * d + gene
                standardised[index] = Float((Double(column[row]) - all.mean) * all.factor)
                own[index] = Float(max(-6, min(6, (Double(column[row]) - mine.mean) * mine.factor)))
                let score = quantiles[sorter.doubledRanks[row]]
                hermite[index * 3] = score
                scoreSquares += Double(score * score)
            }
            // Ties shrink the scores.
            let scale = scoreSquares > 1e-9 * Double(n) ? Float((Double(n) / scoreSquares).squareRoot()) : 0
            for row in 0..<n {
                let index = (row * d + gene) * 3
                let x = hermite[index] * scale
                hermite[index] = x
                hermite[index + 1] = scale == 0 ? 0 : (x * x - 1) * 0.707_106_8
                hermite[index + 2] = (x * x - 3) * x * 0.408_248_3
            }
            for row in intervened[gene] {
                own[row * d + gene] = 0
                isOwn[row * d + gene] = 0
            }
        }
        self.keys = keys.map(Self.mixed)
        self.standardised = standardised
        self.hermite = hermite
        self.own = own
        self.isOwn = isOwn
        self.isZero = isZero
        self.zeroShares = zeroShares
        self.levels = levels
    }

    private static func centreAndScale(_ column: [Float], without left: [Int]) -> (mean: Double, factor: Double) {
        let count = Double(column.count - left.count)
        guard count > 1 else { return (0, 0) }
        // Moments about the first value lose no digits to a large mean.
        let origin = Double(column[0])
        var sum = 0.0
        var squares = 0.0
        for value in column {
            let x = Double(value) - origin
            sum += x
            squares += x * x
        }
        for row in left {
            let x = Double(column[row]) - origin
            sum -= x
            squares -= x * x
        }
        let mean = sum / count
        let variance = squares / count - mean * mean
        guard variance > 1e-10 * max(squares / count, 1e-20) else { return (origin + mean, 0) }
        return (origin + mean, 1 / variance.squareRoot())
    }

    /// Φ⁻¹(r / (n + 1)) at half ranks: entry k is for r = k / 2.
    private static func normalQuantiles(count: Int) -> [Float] {
        var result = Array(repeating: Float(0), count: 2 * count + 2)
        for k in 1...count + 1 {
            let quantile = NormalDistribution.standard.quantile(Double(k) / Double(2 * count + 2))
            result[k] = Float(quantile)
            result[2 * count + 2 - k] = Float(-quantile)
        }
        return result
    }

    private static func mixed(_ x: UInt64) -> UInt64 {
        var z = x &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Ranks of floats by counting their bits, with the same memory for column after column.
private struct RankSorter {
    /// Twice the mean rank of each value among its ties, ranks counted from 1.
    private(set) var doubledRanks: [Int]
    private var keys: [UInt64]
    private var other: [UInt64]

    init(count: Int) {
        doubledRanks = Array(repeating: 0, count: count)
        keys = Array(repeating: 0, count: count)
        other = keys
    }

    mutating func rank(_ column: [Float]) {
        let n = column.count
        for row in 0..<n {
            let bits = column[row].bitPattern
            // Flipping bits makes the order of floats that of unsigned integers; the row travels in the lower half.
            let ordered = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
            keys[row] = UInt64(ordered) << 32 | UInt64(row)
        }
        for shift in stride(from: UInt64(32), to: 64, by: 8) {
            var starts = Array(repeating: 0, count: 257)
            for key in keys { starts[Int(key >> shift & 0xFF) + 1] += 1 }
            for digit in 1...256 { starts[digit] += starts[digit - 1] }
            for key in keys {
                let digit = Int(key >> shift & 0xFF)
                other[starts[digit]] = key
                starts[digit] += 1
            }
            swap(&keys, &other)
        }
        var start = 0
        while start < n {
            var end = start + 1
            while end < n, keys[end] >> 32 == keys[start] >> 32 { end += 1 }
            for position in start..<end { doubledRanks[Int(keys[position] & 0xFFFF_FFFF)] = start + end + 1 }
            start = end
        }
    }
}

/// aᵀ b for matrices of the same rows, p and q columns: blocks of rows in single precision, added up in double.
func crossProduct(_ a: [Float], _ p: Int, _ b: [Float], _ q: Int) -> [Double] {
    _ = singleThreadedBLAS
    let rows = a.count / p
    var result = Array(repeating: 0.0, count: p * q)
    var block = Array(repeating: Float(0), count: p * q)
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            for start in stride(from: 0, to: rows, by: 512) {
                cblas_sgemm(
                    CblasRowMajor, CblasTrans, CblasNoTrans, blasint(p), blasint(q), blasint(min(512, rows - start)), 1,
                    a.baseAddress! + start * p, blasint(p), b.baseAddress! + start * q, blasint(q), 0, &block,
                    blasint(q))
                for index in result.indices { result[index] += Double(block[index]) }
            }
        }
    }
    return result
}
