import Foundation
import Shifts

/// Metrics of cells, means over treatments.
struct Table {
    private var names: [String] = []
    private var sums: [String: [PredictionMetric: Double]] = [:]
    private var counts: [String: Double] = [:]

    private static let columns: [(metric: PredictionMetric, name: String)] = [
        (.energyDistance, "energy"), (.eDistance, "E-distance"), (.meanDiscrepancy, "MMD²"),
        (.slicedWasserstein, "sliced W"), (.wasserstein, "W1"), (.varianceRatio, "variance ratio"),
    ]

    mutating func add(_ name: String, _ scores: [PredictionMetric: Double]) {
        if sums[name] == nil { names.append(name) }
        for (metric, value) in scores { sums[name, default: [:]][metric, default: 0] += value }
        counts[name, default: 0] += 1
    }

    var text: String {
        var lines = ["| mean: cells (treatments) | \(Self.columns.map(\.name).joined(separator: " | ")) |"]
        lines.append("|" + String(repeating: "---|", count: Self.columns.count + 1))
        for name in names {
            let count = counts[name] ?? 1
            let values = Self.columns.map { String(format: "%.4f", (sums[name]?[$0.metric] ?? 0) / count) }
            lines.append("| \(name) (\(Int(count))) | \(values.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }
}
