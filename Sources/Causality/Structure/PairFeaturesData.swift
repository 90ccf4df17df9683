import CKernels
import Foundation
import Matrices
import Probability

/// The cells as the statistics of pairs need them: column after column, all cells of a gene side by side, single precision.
///
/// Cells stand in quarters by two bits of a hash of their values, so that halves of them, and what searches find on those,
/// depend neither on the order in which they came nor on that of the genes.
struct PairFeaturesData {
    let cells: Int
    let genes: Int
    /// Bounds of the four quarters, five numbers; the bits of a quarter's number are those of its cells' hashes.
    let quarters: [Int]
    /// Which cell of the matrix stands at each place.
    let order: [Int]
    /// Centred and scaled over all cells; 0 for a constant gene. genes × cells.
    let standardised: [Float]
    /// Three columns a gene, column k of gene g being number k · genes + g: the normalised Hermite polynomials x,
    /// (x² − 1)/√2, (x³ − 3x)/√6 of its normal scores. They are nearly orthonormal by construction. The first `genes`
    /// columns are the normal scores themselves.
    let hermite: [Float]
    /// The values as they came, genes × cells; what was not finite is 0.
    let values: [Float]
    /// Mean and 1 / standard deviation over the gene's own cells.
    private let ownScales: [(mean: Double, factor: Double)]
    let zeroShares: [Double]
    /// Means of the values, of exp(value) − 1, and of its square.
    private let levels: [(Double, Double, Double)]
    /// For each gene the cells in which it was intervened on.
    let intervenedCells: [[Int]]
    /// Cells without any intervention.
    let observed: [Int]
    /// Cells that shifts under interventions are measured from: controls, else those without an intervention on any of the
    /// genes; nil where there are fewer than ten of either.
    let reference: [Int]?

    /// The cells that statistics visit pair by pair: the first ones.
    var visited: Int { min(cells, PairFeatures.visitedAtMost) }

    init(values: Matrix<Float>, interventions: Matrix<Float>?, areCounts: Bool = false, isControl: [Bool]? = nil) {
        let n = values.rows
        let d = values.columns
        cells = n
        genes = d
        let keys = Self.keys(values)
        var order: [Int] = []
        var quarters = [0]
        order.reserveCapacity(n)
        for quarter in 0..<4 {
            for cell in 0..<n where keys[cell] == quarter { order.append(cell) }
            quarters.append(order.count)
        }
        self.order = order
        self.quarters = quarters
        var intervened = Array(repeating: [Int](), count: d)
        var observed: [Int] = []
        for (place, cell) in order.enumerated() {
            var isObserved = true
            if let interventions {
                for gene in 0..<d where interventions.values[cell * d + gene] != 0 {
                    intervened[gene].append(place)
                    isObserved = false
                }
            }
            if isObserved { observed.append(place) }
        }
        intervenedCells = intervened
        self.observed = observed
        reference = [isControl.map { marks in observed.filter { marks[order[$0]] } } ?? observed, observed]
            .first { $0.count >= 10 }

        var columns = Array(repeating: Float(0), count: n * d)
        values.values.withUnsafeBufferPointer { values in
            columns.withUnsafeMutableBufferPointer { columns in
                for (place, cell) in order.enumerated() {
                    for gene in 0..<d {
                        let value = values[cell * d + gene]
                        // Adding 0 turns −0 into 0, which ties with it.
                        columns[gene * n + place] = value.isFinite ? value + 0 : 0
                    }
                }
            }
        }
        var standardised = Array(repeating: Float(0), count: n * d)
        var hermite = Array(repeating: Float(0), count: n * d * 3)
        var ownScales: [(mean: Double, factor: Double)] = []
        var zeroShares: [Double] = []
        var levels = Array(repeating: (0.0, 0.0, 0.0), count: d)
        let quantiles = Self.normalQuantiles(count: n)
        var sorter = RankSorter(count: n)
        columns.withUnsafeBufferPointer { columns in
            for gene in 0..<d {
                let column = UnsafeBufferPointer(rebasing: columns[gene * n..<(gene + 1) * n])
                if areCounts { levels[gene] = Self.levels(column) }
                let all = Self.centreAndScale(column, without: [])
                let left = intervened[gene]
                ownScales.append(left.isEmpty ? all : Self.centreAndScale(column, without: left))
                var zeros = 0
                standardised.withUnsafeMutableBufferPointer { standardised in
                    for place in 0..<n {
                        zeros += column[place] == 0 ? 1 : 0
                        standardised[gene * n + place] = Float((Double(column[place]) - all.mean) * all.factor)
                    }
                }
                zeroShares.append(Double(zeros) / Double(n))
                sorter.rank(column)
                hermite.withUnsafeMutableBufferPointer { hermite in
                    let scores = hermite.baseAddress! + gene * n
                    var squares = 0.0
                    for place in 0..<n {
                        let score = quantiles[sorter.doubledRanks[place]]
                        scores[place] = score
                        squares += Double(score * score)
                    }
                    // Ties shrink the scores.
                    let scale = squares > 1e-9 * Double(n) ? Float((Double(n) / squares).squareRoot()) : 0
                    let second = scores + d * n
                    let third = second + d * n
                    for place in 0..<n {
                        let x = scores[place] * scale
                        scores[place] = x
                        second[place] = scale == 0 ? 0 : (x * x - 1) * 0.707_106_8
                        third[place] = (x * x - 3) * x * 0.408_248_3
                    }
                }
            }
        }
        self.values = columns
        self.standardised = standardised
        self.hermite = hermite
        self.ownScales = ownScales
        self.zeroShares = zeroShares
        self.levels = levels
    }

    /// For each cell two bits of a hash of its values, alike in every order of the genes.
    private static func keys(_ values: Matrix<Float>) -> [UInt8] {
        let d = values.columns
        return values.values.withUnsafeBufferPointer { values in
            (0..<values.count / d).map { cell in
                var key: UInt64 = 0
                for index in cell * d..<(cell + 1) * d {
                    key &+= mixed(UInt64((values[index].isFinite ? values[index] + 0 : 0).bitPattern))
                }
                return UInt8(truncatingIfNeeded: mixed(key) & 3)
            }
        }
    }

    /// Values centred and scaled over each gene's own cells, bounded to ±6, and 0 where it was intervened on: genes × cells
    /// of the range, row-major; and beside them 1 in own cells, 0 where intervened on.
    func own(_ range: Range<Int>) -> (values: [Float], isOwn: [Float]) {
        let n = range.count
        var result = Array(repeating: Float(0), count: genes * n)
        var isOwn = Array(repeating: Float(1), count: genes * n)
        result.withUnsafeMutableBufferPointer { result in
            values.withUnsafeBufferPointer { values in
                for gene in 0..<genes {
                    let (mean, factor) = ownScales[gene]
                    let from = values.baseAddress! + gene * cells + range.lowerBound
                    let into = result.baseAddress! + gene * n
                    for place in 0..<n {
                        into[place] = Float(max(-6, min(6, (Double(from[place]) - mean) * factor)))
                    }
                }
            }
        }
        for (gene, left) in intervenedCells.enumerated() {
            for cell in left where range.contains(cell) {
                result[gene * n + cell - range.lowerBound] = 0
                isOwn[gene * n + cell - range.lowerBound] = 0
            }
        }
        return (result, isOwn)
    }

    /// Whether being 0 tells any two cells apart.
    var hasZeros: Bool { zeroShares.contains { $0 > 0 && $0 < 1 } }

    /// 1 where the value is 0: genes × cells of the range.
    func isZero(_ range: Range<Int>) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(genes * range.count)
        for gene in 0..<genes {
            for cell in range { result.append(values[gene * cells + cell] == 0 ? 1 : 0) }
        }
        return result
    }

    /// Normal scores less the part along `weights`, whose squares sum to 1; genes × cells.
    func scores(without weights: [Double]) -> [Float] {
        var result = Array(hermite[0..<genes * cells])
        let weights = weights.map { Float($0) }
        var along = Array(repeating: Float(0), count: cells)
        result.withUnsafeMutableBufferPointer { result in
            along.withUnsafeMutableBufferPointer { along in
                for gene in 0..<genes {
                    let row = result.baseAddress! + gene * cells
                    for cell in 0..<cells { along[cell] += weights[gene] * row[cell] }
                }
                for gene in 0..<genes {
                    let row = result.baseAddress! + gene * cells
                    for cell in 0..<cells { row[cell] -= along[cell] * weights[gene] }
                }
            }
        }
        return result
    }

    /// What is left of each gene after its regression on all others, genes × cells.
    func residuals(precision: [Double]) -> [Float] {
        let d = genes
        var coefficients = Array(repeating: Float(0), count: d * d)
        for target in 0..<d where precision[target * (d + 1)] > 0 {
            for source in 0..<d {
                coefficients[target * d + source] = Float(precision[source * d + target] / precision[target * (d + 1)])
            }
        }
        return columnMixtures(coefficients, d, standardised, d, stride: cells, cells: cells)
    }

    /// For each gene, of values that are ln(1 + counts): their mean / 3, and ln of variance over mean of the counts, / 3.
    func countLevels() -> [(mean: Double, dispersion: Double)] {
        levels.map { (mean, countMean, countSquare) in
            let variance = countSquare - countMean * countMean
            guard countMean > 1e-9, variance > 1e-9 else { return (mean / 3, 0) }
            return (mean / 3, Foundation.log(variance / countMean) / 3)
        }
    }

    private static func levels(_ column: UnsafeBufferPointer<Float>) -> (Double, Double, Double) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: column.count) { powers in
            for place in column.indices { powers[place] = min(column[place], 20) }
            kernel_exp(powers.baseAddress!, powers.baseAddress!, column.count)
            var sums = (0.0, 0.0, 0.0)
            for place in column.indices {
                let count = Double(powers[place]) - 1
                sums.0 += Double(column[place])
                sums.1 += count
                sums.2 += count * count
            }
            let n = Double(column.count)
            return (sums.0 / n, sums.1 / n, sums.2 / n)
        }
    }

    private static func centreAndScale(_ column: UnsafeBufferPointer<Float>, without left: [Int]) -> (
        mean: Double, factor: Double
    ) {
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
    private var starts = Array(repeating: 0, count: 4 * 256)

    init(count: Int) {
        doubledRanks = Array(repeating: 0, count: count)
        keys = Array(repeating: 0, count: count)
        other = keys
    }

    mutating func rank(_ column: UnsafeBufferPointer<Float>) {
        let n = column.count
        doubledRanks.withUnsafeMutableBufferPointer { ranks in
            keys.withUnsafeMutableBufferPointer { keys in
                other.withUnsafeMutableBufferPointer { other in
                    starts.withUnsafeMutableBufferPointer { starts in
                        Self.sort(column, keys.baseAddress!, other.baseAddress!, starts.baseAddress!)
                    }
                }
                var start = 0
                while start < n {
                    var end = start + 1
                    while end < n, keys[end] >> 32 == keys[start] >> 32 { end += 1 }
                    for position in start..<end { ranks[Int(keys[position] & 0xFFFF_FFFF)] = start + end + 1 }
                    start = end
                }
            }
        }
    }

    /// Leaves in `keys` the values' places, in the lower halves, in the order of the values.
    private static func sort(
        _ column: UnsafeBufferPointer<Float>, _ keys: UnsafeMutablePointer<UInt64>,
        _ other: UnsafeMutablePointer<UInt64>, _ starts: UnsafeMutablePointer<Int>
    ) {
        let n = column.count
        starts.update(repeating: 0, count: 4 * 256)
        for row in 0..<n {
            let bits = column[row].bitPattern
            // Flipping bits makes the order of floats that of unsigned integers; the row travels in the lower half.
            let ordered = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
            keys[row] = UInt64(ordered) << 32 | UInt64(row)
            for digit in 0..<4 { starts[digit * 256 + Int(ordered >> UInt32(8 * digit) & 0xFF)] += 1 }
        }
        var (from, into) = (keys, other)
        for digit in 0..<4 {
            let starts = starts + digit * 256
            var place = 0
            for value in 0..<256 {
                let count = starts[value]
                starts[value] = place
                place += count
            }
            for row in 0..<n {
                let key = from[row]
                let value = Int(key >> UInt64(32 + 8 * digit) & 0xFF)
                into[starts[value]] = key
                starts[value] += 1
            }
            swap(&from, &into)
        }
    }
}
