// Ranks, quantiles and correlations of plain vectors. Values must not be NaN.

/// Ranks from 1; ties share the mean of their ranks, as `scipy.stats.rankdata`.
@inlinable public func ranks<Scalar: BinaryFloatingPoint & Sendable>(of values: [Scalar]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var result = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
        var end = start
        while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
        for position in start...end { result[order[position]] = Double(start + end) / 2 + 1 }
        start = end + 1
    }
    return result
}

/// Quantiles by linear interpolation between order statistics, as `numpy.quantile`; NaN for no values.
@inlinable public func quantiles<Scalar: BinaryFloatingPoint & Sendable>(of values: [Scalar], at levels: [Double])
    -> [Double]
{
    let sorted = values.map { Double($0) }.sorted()
    return levels.map { level in
        precondition((0...1).contains(level), "quantile \(level) is not in 0…1")
        guard let last = sorted.indices.last else { return .nan }
        let position = Double(last) * level
        let below = Int(position)
        let low = sorted[below]
        let high = sorted[min(below + 1, last)]
        let fraction = position - Double(below)
        // numpy interpolates from the nearer end.
        return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction)
    }
}

/// The middle value, or the mean of the two middle ones; NaN for no values.
@inlinable public func median<Scalar: BinaryFloatingPoint & Sendable>(of values: [Scalar]) -> Double {
    let sorted = values.map { Double($0) }.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// Pearson correlation; NaN where either vector is constant.
@inlinable public func pearsonCorrelation<Scalar: BinaryFloatingPoint & Sendable>(_ a: [Scalar], _ b: [Scalar])
    -> Double
{
    precondition(a.count == b.count, "vectors of \(a.count) and \(b.count)")
    let n = Double(a.count)
    let meanA = a.reduce(0) { $0 + Double($1) } / n
    let meanB = b.reduce(0) { $0 + Double($1) } / n
    var ab = 0.0
    var aa = 0.0
    var bb = 0.0
    for (x, y) in zip(a, b) {
        let deviationA = Double(x) - meanA
        let deviationB = Double(y) - meanB
        ab += deviationA * deviationB
        aa += deviationA * deviationA
        bb += deviationB * deviationB
    }
    guard aa > 0, bb > 0 else { return .nan }
    return max(-1, min(1, ab / (aa.squareRoot() * bb.squareRoot())))
}

/// Spearman correlation: Pearson's of the ranks; NaN where either vector is constant.
@inlinable public func spearmanCorrelation<Scalar: BinaryFloatingPoint & Sendable>(_ a: [Scalar], _ b: [Scalar])
    -> Double
{
    pearsonCorrelation(ranks(of: a), ranks(of: b))
}
