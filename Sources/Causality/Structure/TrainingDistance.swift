import AnnotatedData
import Foundation

/// How far a panel lies from the worlds that a network was trained on.
public struct TrainingDistance: Codable, Sendable, Equatable {
    /// 1 for a usual training world; nil where training had nothing to compare with, or it is beyond all numbers.
    public let relative: Double?
    /// Of training worlds, how many in a hundred lie nearer.
    public let percentile: Double
    /// The statistics that are most unlike the training, in words; none where only their combination is.
    public let unlike: [String]

    /// Of training worlds 5 in 100 lie beyond: as many are called outside in vain.
    public static let level = 95.0
    /// In standard deviations.
    static let tellingDeviation = 2.5

    public var isOutside: Bool { percentile >= Self.level }

    /// Of several panels the one of the middle distance; nil of none.
    static func middle(of distances: [TrainingDistance]) -> TrainingDistance? {
        let sorted = distances.sorted { ($0.relative ?? .infinity) < ($1.relative ?? .infinity) }
        return sorted.isEmpty ? nil : sorted[sorted.count / 2]
    }

    /// Where the data lie outside.
    var notice: Notice? {
        guard isOutside else { return nil }
        let reason = unlike.isEmpty ? "unusual together, none by itself" : unlike.joined(separator: ", ")
        return Notice(
            code: "OUTSIDE_TRAINING",
            message: "The data lie farther from the simulated worlds of the training than "
                + String(format: "%.0f", percentile.rounded(.down))
                + " % of these worlds themselves, so the probabilities may not hold. Most unlike: \(reason).")
    }
}
