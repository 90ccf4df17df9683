import AnnotatedData
import Foundation

/// What the values of a matrix seem to be, and why.
public enum ScaleFinding: Sendable, Equatable {
    case decided(ExpressionScale, evidence: String)
    /// The data do not say; `option` is the one that settles it.
    case undecided(evidence: String, option: String)

    public var scale: ExpressionScale? {
        if case .decided(let scale, _) = self { scale } else { nil }
    }

    public var evidence: String {
        switch self {
        case .decided(_, let evidence), .undecided(let evidence, _): evidence
        }
    }
}

/// Decides from the values and from scanpy's own mark of a logarithm, `uns/log1p`.
public func detectScale(of data: AnnotatedMatrix) -> ScaleFinding {
    guard let x = data.x else { return .undecided(evidence: "there is no main matrix", option: "scale") }
    let finding = detectScale(of: x)
    guard case .dictionary(let entries)? = data.unstructured["log1p"] else { return finding }
    let base: Double? =
        switch entries["base"] {
        case .float(let value)?: value
        case .integer(let value)?: Double(value)
        default: nil
        }
    switch finding {
    case .decided(.counts, _), .decided(.intensity, _), .decided(.scaled, _): return finding
    default:
        if let base, abs(base - M_E) > 1e-6 {
            return .decided(.logIntensity, evidence: "uns/log1p says logarithm to base \(base)")
        }
        return .decided(.log1p, evidence: "uns/log1p is set and values are not whole numbers")
    }
}

/// Decides from the values alone: signs, whole numbers, zeros, range, and whether the smallest values of a cell stand in
/// the ratio of one count to two.
public func detectScale(of matrix: CellMatrix) -> ScaleFinding {
    let values = ValueProfile(matrix)
    let range = "values from \(short(values.smallest)) to \(short(values.largest))"
    guard values.total > 0, values.notZero > 0 else {
        return undecided("there is no value that is not 0")
    }
    guard values.notFinite == 0 else { return undecided("\(values.notFinite) values are not finite numbers") }
    if values.negative > 0 {
        let share = 100 * Double(values.negative) / Double(values.total)
        return .decided(.scaled, evidence: "\(short(share)) % of the values are negative, \(range)")
    }
    if values.notWhole == 0 {
        if values.largest == 1 { return undecided("all values are 0 or 1: counts, or presence and absence") }
        if values.notZero == values.total, values.total >= 100 {
            return undecided("all values are whole numbers and none is 0: deep counts, or intensities")
        }
        return .decided(.counts, evidence: "all values are whole numbers, the largest is \(short(values.largest))")
    }
    let zeros = 100 * Double(values.total - values.notZero) / Double(values.total)
    if values.notZero < values.total, values.largest < 20 {
        let naturals = shareOfCountRatios(in: matrix) { expm1(Double($0)) }
        let binaries = shareOfCountRatios(in: matrix) { exp2(Double($0)) - 1 }
        if let naturals, naturals >= 0.5, naturals >= binaries ?? 0 {
            return .decided(
                .log1p,
                evidence: "\(range), \(short(zeros)) % zeros; in \(short(100 * naturals)) % of the cells the two "
                    + "smallest values are ln(1 + s) and ln(1 + 2s)")
        }
        if let binaries, binaries >= 0.5 {
            return .decided(
                .logIntensity,
                evidence: "\(range), \(short(zeros)) % zeros; in \(short(100 * binaries)) % of the cells the two "
                    + "smallest values are log2(1 + s) and log2(1 + 2s)")
        }
        return undecided("\(range), not whole numbers, \(short(zeros)) % zeros, no trace of the counts behind them")
    }
    if values.notZero == values.total, values.largest <= 25 {
        return .decided(.logIntensity, evidence: "\(range), not whole numbers, no zeros: a logarithm")
    }
    if values.notZero == values.total, values.largest >= 100 {
        return .decided(.intensity, evidence: "\(range), not whole numbers, no zeros: not a logarithm")
    }
    return undecided("\(range), not whole numbers, \(short(zeros)) % zeros")
}

private func undecided(_ evidence: String) -> ScaleFinding { .undecided(evidence: evidence, option: "scale") }

private func short(_ value: Double) -> String { String(format: "%.4g", value) }

/// What the values of a matrix are like; entries that are not stored are zeros.
private struct ValueProfile {
    var total = 0
    var notZero = 0
    var negative = 0
    var notWhole = 0
    var notFinite = 0
    var smallest = Double.infinity
    var largest = -Double.infinity

    init(_ matrix: CellMatrix) {
        let stored = matrix.storedValues
        total = matrix.rows * matrix.columns
        for value in stored {
            guard value.isFinite else {
                notFinite += 1
                continue
            }
            if value != 0 { notZero += 1 }
            if value < 0 { negative += 1 }
            if value != value.rounded() { notWhole += 1 }
            smallest = min(smallest, Double(value))
            largest = max(largest, Double(value))
        }
        if stored.count < total { (smallest, largest) = (min(smallest, 0), max(largest, 0)) }
    }
}

/// The share of (up to 500) cells whose two smallest different values, taken out of the logarithm, are as 1 to 2; nil
/// where fewer than ten cells have two values.
private func shareOfCountRatios(in matrix: CellMatrix, exponential: (Float) -> Double) -> Double? {
    let step = max(1, matrix.rows / 500)
    var smallest = [(first: Float, second: Float)](repeating: (.infinity, .infinity), count: matrix.rows)
    matrix.forEachStored { cell, _, value in
        guard cell % step == 0, value > 0 else { return }
        let (first, second) = smallest[cell]
        // Values this close are the same count, rounded apart.
        if value < first * 0.9999 {
            smallest[cell] = (value, first)
        } else if value > first * 1.0001, value < second {
            smallest[cell].second = value
        }
    }
    let pairs = smallest.filter { $0.second < .infinity }
    guard pairs.count >= 10 else { return nil }
    let fitting = pairs.count { abs(exponential($0.second) / exponential($0.first) - 2) < 0.02 }
    return Double(fitting) / Double(pairs.count)
}
