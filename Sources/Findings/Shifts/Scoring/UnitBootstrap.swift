import Matrices
import Probability

/// Whether one predictor is better than another.
public enum PredictionVerdict: String, Codable, Sendable {
    case beats, ties, loses
}

/// What one unit that is drawn anew, such as a perturbation, adds to a metric: a value and what it stands beside.
///
/// For a mean `beside` is 1; for a pooled R² the value is Σ true² − Σ error², beside Σ true²; for a correlation over units
/// the value is the predicted number, beside the true one.
public struct UnitScore: Sendable, Equatable {
    public var value: Double
    public var beside: Double

    public init(value: Double, beside: Double = 1) {
        self.value = value
        self.beside = beside
    }

    /// Of several units together; NaN for none, and for a correlation of what does not vary.
    public static func pooled(_ units: [UnitScore], by pooling: PredictionMetric.Pooling = .ratio) -> Double {
        switch pooling {
        case .ratio:
            var (value, beside) = (0.0, 0.0)
            for unit in units {
                value += unit.value
                beside += unit.beside
            }
            return beside > 0 ? value / beside : .nan
        case .pearson: return pearsonCorrelation(units.map(\.value), units.map(\.beside))
        case .spearman: return spearmanCorrelation(units.map(\.value), units.map(\.beside))
        }
    }
}

/// Bootstrap over units, for several series of the same units at once: intervals of each, and of differences of pairs.
public struct UnitBootstrap: Sendable {
    /// With fewer units no verdict is given.
    public static let fewestUnits = 3
    /// resamples × units: places drawn.
    private let draws: [Int32]
    private let count: Int

    /// - Parameter random: The same draws serve every series, so that differences are paired.
    public init(units count: Int, resamples: Int = 2000, random: RandomStream) {
        precondition(count > 0, "a bootstrap needs a unit")
        var random = random
        self.count = count
        draws = (0..<resamples * count).map { _ in Int32(random.index(below: count)) }
    }

    /// The metric of every resample.
    private func pooled(_ units: [UnitScore], by pooling: PredictionMetric.Pooling) -> [Double] {
        precondition(units.count == count, "\(units.count) units for draws of \(count)")
        var drawn = units
        return stride(from: 0, to: draws.count, by: count).map { start in
            draws.withUnsafeBufferPointer { draws in
                for place in 0..<count { drawn[place] = units[Int(draws[start + place])] }
            }
            return UnitScore.pooled(drawn, by: pooling)
        }
    }

    /// The 95 % percentile interval; NaN where no resample has a value.
    public func interval(
        _ units: [UnitScore], by pooling: PredictionMetric.Pooling = .ratio
    ) -> (lower: Double, upper: Double) {
        Self.ends(pooled(units, by: pooling))
    }

    /// By how much the loss of a model is smaller than that of another predictor, with the 95 % interval.
    /// - Parameters:
    ///   - model: one a unit.
    ///   - other: of the same units.
    ///   - loss: of the units together, from the pooled value.
    public func gain(
        model: [UnitScore], over other: [UnitScore], by pooling: PredictionMetric.Pooling = .ratio,
        loss: (Double) -> Double = { $0 }
    ) -> (gain: Double, lower: Double, upper: Double, verdict: PredictionVerdict) {
        let (lower, upper) = Self.ends(
            zip(pooled(other, by: pooling), pooled(model, by: pooling)).map { loss($0) - loss($1) })
        let isKnown = count >= Self.fewestUnits
        return (
            loss(UnitScore.pooled(other, by: pooling)) - loss(UnitScore.pooled(model, by: pooling)), lower, upper,
            isKnown && lower > 0 ? .beats : isKnown && upper < 0 ? .loses : .ties
        )
    }

    private static func ends(_ values: [Double]) -> (lower: Double, upper: Double) {
        let ends = quantiles(of: values.filter { !$0.isNaN }, at: [0.025, 0.975])
        return (ends[0], ends[1])
    }
}
