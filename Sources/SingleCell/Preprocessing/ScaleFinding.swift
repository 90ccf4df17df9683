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
    return scale(of: detectScale(of: x), marked: data.unstructured)
}

/// What scanpy's mark adds to what the values say.
func scale(of finding: ScaleFinding, marked unstructured: [String: AnnotationValue]) -> ScaleFinding {
    guard case .dictionary(let entries)? = unstructured["log1p"] else { return finding }
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
    var profile = ValueProfile()
    var packer = CellPacker()
    let step = ValueProfile.samplingStep(cells: matrix.rows)
    for row in 0..<matrix.rows {
        packer.pack(row: row, of: matrix) { cell in
            profile.add(cell, columns: matrix.columns)
            if row % step == 0 { profile.sample(cell) }
        }
        packer.packed.removeAll()
    }
    return detectScale(of: profile)
}

func detectScale(of values: ValueProfile) -> ScaleFinding {
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
        let naturals = values.shareOfCountRatios { expm1(Double($0)) }
        let binaries = values.shareOfCountRatios { exp2(Double($0)) - 1 }
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
