import Foundation

/// Where values fall along an axis, and its ticks: steps of 1, 2 or 5 times a power of ten
/// (Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990), or decades on a logarithmic axis.
///
/// Edge cases: without a finite value the axis runs from 0 to 1; when all values agree it is widened around them; on a
/// logarithmic axis values at or below zero stand half a decade left of the smallest positive one and are labelled 0.
struct AxisScale {
    enum Kind { case linear, logarithmic }

    let kind: Kind
    /// Ends of the axis in values; on a logarithmic axis in decades.
    let lower: Double
    let upper: Double
    /// Ends of the axis in pixels.
    let start: Double
    let end: Double
    let ticks: [(value: Double, label: String)]
    /// Where values at or below zero stand, in decades.
    private let zeroDecade: Double?

    /// - Parameter rounded: whether the axis is extended outwards to whole ticks.
    init(
        _ values: [Double], from start: Double, to end: Double, kind: Kind = .linear, target: Int = 5,
        rounded: Bool = true
    ) {
        self.kind = kind
        self.start = start
        self.end = end
        let finite = values.filter(\.isFinite)
        switch kind {
        case .linear:
            zeroDecade = nil
            var low = finite.min() ?? 0
            var high = finite.max() ?? 1
            if low == high { (low, high) = low == 0 ? (0, 1) : (low - abs(low) / 2, high + abs(high) / 2) }
            let step = AxisScale.niceStep(span: high - low, target: target)
            lower = rounded ? floor(low / step + 1e-9) * step : low
            upper = rounded ? ceil(high / step - 1e-9) * step : high
            ticks = AxisScale.linearTicks(lower: lower, upper: upper, step: step)
        case .logarithmic:
            let decades = finite.filter { $0 > 0 }.map { log10($0) }
            var low = decades.min() ?? 0
            var high = decades.max() ?? 1
            let hasZero = finite.contains { $0 <= 0 }
            zeroDecade = hasZero ? low - 0.5 : nil
            var marks: [(value: Double, label: String)] = hasZero ? [(0, "0")] : []
            if high - low < 0.1 { (low, high) = (low - 0.5, high + 0.5) }
            let every = max(1, Int(ceil((high - low) / Double(max(target, 1)))))
            for decade in Int(ceil(low - 1e-9))...max(Int(ceil(low - 1e-9)), Int(floor(high + 1e-9)))
            where decade % every == 0 && Double(decade) <= high + 1e-9 {
                let value = pow(10, Double(decade))
                marks.append(
                    (
                        value,
                        low > -4.5 && high < 5.5 ? AxisScale.plain(value) : decade == 0 ? "1" : value.scientificText(1)
                    ))
            }
            lower = min(low, zeroDecade ?? low)
            upper = high
            ticks = marks
        }
    }

    /// The pixel of a value.
    func position(_ value: Double) -> Double {
        let place = kind == .linear ? value : (value > 0 ? log10(value) : zeroDecade ?? lower)
        return start + (place - lower) / (upper - lower) * (end - start)
    }

    /// The step among 1, 2, 5 × 10ᵏ that cuts `span` into about `target` pieces.
    static func niceStep(span: Double, target: Int) -> Double {
        let rough = span / Double(max(target, 1))
        guard rough > 0, rough.isFinite else { return 1 }
        let power = pow(10, floor(log10(rough)))
        let fraction = rough / power
        let nice = fraction < 1.5 ? 1.0 : fraction < 3 ? 2 : fraction < 7 ? 5 : 10
        return nice * power
    }

    private static func linearTicks(lower: Double, upper: Double, step: Double) -> [(value: Double, label: String)] {
        let first = (lower / step - 1e-9).rounded(.up)
        let last = (upper / step + 1e-9).rounded(.down)
        guard last >= first, last - first < 1000 else { return [] }
        let decimals = max(0, -Int(floor(log10(step) + 1e-9)))
        return stride(from: first, through: last, by: 1).map { index in
            let value = index == 0 ? 0 : index * step
            let tiny = decimals > 5 || abs(value) >= 1e7
            return (value, tiny ? value.significantText(3) : value.fixedText(decimals))
        }
    }

    private static func plain(_ value: Double) -> String {
        value >= 1 ? Int(value).countText : value.fixedText(-Int(log10(value).rounded()))
    }
}
