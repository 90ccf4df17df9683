import Foundation

/// What becomes of the values of a cell. Zeros stay zeros.
enum CellTransform: Sendable {
    case asGiven
    case normalisedLogarithm(CellNormalisation, LogarithmBase)
    case logarithm(LogarithmBase)
    /// asinh(x / cofactor)
    case inverseHyperbolicSine(cofactor: Float)
}

/// The base of a logarithm of 1 + x.
struct LogarithmBase: Sendable, Equatable {
    /// nil is the natural logarithm.
    let base: Double?

    /// ln(1 + x), divided by ln(base) in single precision as scanpy does.
    func logarithm(_ value: Float) -> Float {
        guard let base else { return log1p(value) }
        return log1p(value) / Float(log(base))
    }

    /// exp(x ln(base)) − 1
    func inverse(_ value: Float) -> Float {
        guard let base else { return expm1(value) }
        return expm1(value * Float(log(base)))
    }
}

/// How the values of a cell are brought to a common total.
struct CellNormalisation: Sendable {
    /// The total that cells have afterwards.
    var target: Float
    /// Genes that do not count for the total; all do where nil.
    var isExcluded: [Bool]?
    /// The total of each cell, where it comes from elsewhere than its values.
    var totals: [Float]?

    /// By what the values of a cell are divided: a true division of single-precision numbers, as scanpy's
    /// `normalize_total`, so that results are equal bit for bit. An empty cell stays as it is.
    func factor(ofTotal total: Double) -> Float {
        let factor = Float(total) / target
        return factor == 0 ? 1 : factor
    }
}
