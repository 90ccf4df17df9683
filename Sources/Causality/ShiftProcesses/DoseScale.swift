import Foundation
import Screens

/// Where doses lie: at the rank of their level where levels are named, else on the logarithm, in steps between
/// neighbours.
struct DoseScale: Sendable {
    /// Names of the levels, rising.
    let levels: [String]
    /// Mean of the distinct logarithms, and their mean step.
    private let centre: Double
    private let step: Double
    /// Ends of the measured doses, in steps.
    private let range: ClosedRange<Double>
    /// Over how many steps shifts are expected to change: a third of the range, one at least.
    let length: Double
    /// Smaller doses, 0 among them, count as this one.
    private let least: Double
    /// Mean and deviation of the logarithms of the amounts behind levels; nil where doses have no levels, or are all
    /// one.
    private let amounts: (mean: Double, deviation: Double, range: ClosedRange<Double>)?

    init(_ contexts: [Context]) {
        let byLevel = Dictionary(grouping: contexts.filter { $0.level != nil }) { $0.level ?? "" }
        levels = byLevel.mapValues { Self.median($0.compactMap(\.dose)) }
            .sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        least = (contexts.compactMap(\.dose).filter { $0 > 0 }.min() ?? 1) / 10
        let known = contexts.compactMap(\.dose).map { [least] in log(max($0, least)) }
        let mean = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
        let spread = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (spread / Double(max(1, known.count))).squareRoot()
        amounts =
            levels.isEmpty || deviation < 1e-6
            ? nil
            : (
                mean, deviation,
                (((known.min() ?? mean) - mean) / deviation)...(((known.max() ?? mean) - mean) / deviation)
            )
        guard levels.isEmpty else {
            (centre, step) = (Double(levels.count - 1) / 2, 1)
            range = -centre...centre
            length = max(1, Double(levels.count - 1) / 3)
            return
        }
        let logs = Set(known).sorted()
        step = logs.count > 1 ? ((logs.last ?? 0) - (logs.first ?? 0)) / Double(logs.count - 1) : 1
        centre = logs.isEmpty ? 0 : logs.reduce(0, +) / Double(logs.count)
        range = ((logs.first ?? centre) - centre) / step...((logs.last ?? centre) - centre) / step
        length = max(1, Double(logs.count - 1) / 3)
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    /// In steps from the mean; 0, the mean, where there is no dose or a level of another name.
    func position(_ context: Context) -> Double {
        if !levels.isEmpty {
            guard let rank = context.level.flatMap(levels.firstIndex(of:)) else { return 0 }
            return Double(rank) - centre
        }
        return context.dose.map { (log(max($0, least)) - centre) / step } ?? 0
    }

    /// The same, at most as far out as what was measured.
    func positionWithin(_ context: Context) -> Double {
        min(range.upperBound, max(range.lowerBound, position(context)))
    }

    /// The logarithm of the amount behind a level, in deviations from the mean; 0 where there are no levels.
    func amount(_ context: Context) -> Double {
        guard let amounts, let dose = context.dose else { return 0 }
        return (log(max(dose, least)) - amounts.mean) / amounts.deviation
    }

    /// The same, at most as far out as what was measured.
    func amountWithin(_ context: Context) -> Double {
        guard let amounts else { return 0 }
        return min(amounts.range.upperBound, max(amounts.range.lowerBound, amount(context)))
    }
}
