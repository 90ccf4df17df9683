import AnnotatedData
import Foundation

/// Gathers, block by block, what tells the scale of a matrix: signs, whole numbers, zeros, range, and whether the smallest
/// values of a cell stand in the ratio of one count to two. Entries that are not stored are zeros.
public struct ScaleEvidence: Sendable {
    /// Cells looked at for the ratio of their smallest values.
    private static let sampledCells = 500

    private let columns: Int
    private let total: Int
    private let step: Int
    private var stored = 0
    private var notZero = 0
    private var negative = 0
    private var notWhole = 0
    private(set) var notFinite = 0
    /// Of the finite values stored.
    private(set) var smallest = Float.infinity
    private var largest = -Float.infinity
    /// The two smallest different values above 0 of every sampled cell.
    private var pairs: [(first: Float, second: Float)]

    /// - Parameters:
    ///   - rows: The cells of the whole matrix.
    ///   - columns: Its genes.
    public init(rows: Int, columns: Int) {
        self.columns = columns
        total = rows * columns
        step = max(1, rows / Self.sampledCells)
        pairs = Array(repeating: (.infinity, .infinity), count: (rows + step - 1) / step)
    }

    public mutating func add(_ block: MatrixBlock) {
        switch block.matrix {
        case .dense(let matrix):
            matrix.values.withUnsafeBufferPointer { values in
                addProfile(values)
                for row in 0..<matrix.rows where (block.firstRow + row) % step == 0 {
                    addPair(values[row * matrix.columns..<(row + 1) * matrix.columns], cell: block.firstRow + row)
                }
            }
        case .sparse(let stored):
            // Parts of an entry are no values of the matrix.
            let matrix = stored.canonical
            matrix.values.withUnsafeBufferPointer { values in
                addProfile(values)
                for row in 0..<matrix.rows where (block.firstRow + row) % step == 0 {
                    addPair(values[matrix.rowStarts[row]..<matrix.rowStarts[row + 1]], cell: block.firstRow + row)
                }
            }
        }
    }

    private mutating func addProfile(_ values: UnsafeBufferPointer<Float>) {
        // The counters of 32 bits of a profile hold so many values.
        let most = 1 << 30
        for first in stride(from: 0, to: values.count, by: most) {
            let part = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: values[first...].prefix(most)))
            var profile = ValueProfile(smallest: smallest, largest: largest)
            profile.add(part)
            stored += part.count / 4
            negative += profile.negativeCount
            notWhole += profile.notWholeCount
            notFinite += profile.notFiniteCount
            notZero += part.count / 4 - profile.notFiniteCount - profile.zeroCount
            (smallest, largest) = (profile.smallest.min(), profile.largest.max())
        }
    }

    private mutating func addPair(_ values: Slice<UnsafeBufferPointer<Float>>, cell: Int) {
        var (first, second) = pairs[cell / step]
        for value in values where value > 0 {
            // Values this close are the same count, rounded apart.
            if value < first * 0.9999 {
                (first, second) = (value, first)
            } else if value > first * 1.0001, value < second {
                second = value
            }
        }
        pairs[cell / step] = (first, second)
    }

    /// Takes in a cell that is being packed, which spares a second look at small counts.
    ///
    /// - Parameter place: Of the cell in the whole matrix.
    mutating func add(_ cell: CellPacker.Cell, place: Int) {
        if place % step == 0 { addPair(cell.values[...], cell: place) }
        guard cell.codedCount == cell.count else { return addProfile(cell.values) }
        stored += cell.count
        notZero += cell.count
        guard cell.count > 0 else { return }
        largest = max(largest, Float(cell.largestCode))
        // Where a zero is left out, smaller positive values do not matter.
        if cell.count == columns { smallest = min(smallest, Float(cell.codes.min() ?? 0)) }
    }

    /// Takes in what was gathered from other cells of the same matrix.
    mutating func add(_ other: ScaleEvidence) {
        stored += other.stored
        notZero += other.notZero
        negative += other.negative
        notWhole += other.notWhole
        notFinite += other.notFinite
        (smallest, largest) = (min(smallest, other.smallest), max(largest, other.largest))
        for place in pairs.indices where other.pairs[place].first < .infinity { pairs[place] = other.pairs[place] }
    }

    /// Entries that are not 0.
    var notZeroCount: Int { notZero + notFinite }

    /// What all blocks so far say.
    public var finding: ScaleFinding {
        let (smallest, largest) =
            stored < total ? (min(Double(smallest), 0), max(Double(largest), 0)) : (Double(smallest), Double(largest))
        let range = "values from \(short(smallest)) to \(short(largest))"
        guard total > 0, notZero > 0 else { return undecided("there is no value that is not 0") }
        guard notFinite == 0 else { return undecided("\(notFinite) values are not finite numbers") }
        if negative > 0 {
            let share = 100 * Double(negative) / Double(total)
            return .decided(.scaled, evidence: "\(short(share)) % of the values are negative, \(range)")
        }
        if notWhole == 0 {
            if largest == 1 { return undecided("all values are 0 or 1: counts, or presence and absence") }
            if notZero == total, total >= 100 {
                return undecided("all values are whole numbers and none is 0: deep counts, or intensities")
            }
            return .decided(.counts, evidence: "all values are whole numbers, the largest is \(short(largest))")
        }
        let zeros = short(100 * Double(total - notZero) / Double(total)) + " % zeros"
        if notZero < total, largest < 20 {
            let naturals = shareOfCountRatios { expm1(Double($0)) }
            let binaries = shareOfCountRatios { exp2(Double($0)) - 1 }
            if let naturals, naturals >= 0.5, naturals >= binaries ?? 0 {
                return .decided(
                    .log1p,
                    evidence: "\(range), \(zeros); in \(short(100 * naturals)) % of the cells the two smallest values "
                        + "are ln(1 + s) and ln(1 + 2s)")
            }
            if let binaries, binaries >= 0.5 {
                return .decided(
                    .logIntensity,
                    evidence: "\(range), \(zeros); in \(short(100 * binaries)) % of the cells the two smallest values "
                        + "are log2(1 + s) and log2(1 + 2s)")
            }
            return undecided("\(range), not whole numbers, \(zeros), no trace of the counts behind them")
        }
        if notZero == total, largest <= 25 {
            return .decided(.logIntensity, evidence: "\(range), not whole numbers, no zeros: a logarithm")
        }
        if notZero == total, largest >= 100 {
            return .decided(.intensity, evidence: "\(range), not whole numbers, no zeros: not a logarithm")
        }
        return undecided("\(range), not whole numbers, \(zeros)")
    }

    private func undecided(_ evidence: String) -> ScaleFinding { .undecided(evidence: evidence, option: "scale") }

    private func short(_ value: Double) -> String { String(format: "%.4g", value) }

    /// The share of the sampled cells whose two smallest values, taken out of the logarithm, are as 1 to 2; nil where
    /// fewer than ten cells have two values.
    private func shareOfCountRatios(exponential: (Float) -> Double) -> Double? {
        let known = pairs.filter { $0.second < .infinity }
        guard known.count >= 10 else { return nil }
        let fitting = known.count { abs(exponential($0.second) / exponential($0.first) - 2) < 0.02 }
        return Double(fitting) / Double(known.count)
    }
}
