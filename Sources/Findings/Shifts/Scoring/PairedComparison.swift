import Matrices
import Probability

/// Whether one predictor is better than another.
public enum PredictionVerdict: String, Codable, Sendable {
    case beats, ties, loses
}

/// What one unit that is drawn anew, such as a perturbation, adds to a metric, which is the ratio of the two sums: for a
/// mean the weight is 1; for a pooled R² the value is Σ true² − Σ error² and the weight Σ true².
public struct UnitScore: Sendable, Equatable {
    public var value: Double
    public var weight: Double

    public init(value: Double, weight: Double = 1) {
        self.value = value
        self.weight = weight
    }

    /// Of several units together; NaN for none.
    public static func ratio(_ units: some Sequence<UnitScore>) -> Double {
        let sums = units.reduce(into: (0.0, 0.0)) { sums, unit in
            sums.0 += unit.value
            sums.1 += unit.weight
        }
        return sums.1 > 0 ? sums.0 / sums.1 : .nan
    }
}

/// Bootstrap over units, for several series of the same units at once: intervals of each, and of differences of pairs.
public struct UnitBootstrap: Sendable {
    /// With fewer units no verdict is given.
    public static let fewestUnits = 3
    /// resamples × units: places drawn.
    private let draws: [[Int]]
    private let count: Int

    /// - Parameter random: The same draws serve every series, so that differences are paired.
    public init(units count: Int, resamples: Int = 2000, random: RandomStream) {
        var random = random
        self.count = count
        draws = (0..<resamples).map { _ in (0..<count).map { _ in random.index(below: count) } }
    }

    /// The 95 % percentile interval.
    public func interval(_ units: [UnitScore]) -> (lower: Double, upper: Double) {
        precondition(units.count == count, "\(units.count) units for draws of \(count)")
        return Self.ends(draws.map { draw in UnitScore.ratio(draw.lazy.map { units[$0] }) })
    }

    /// By how much the loss of a model is smaller than that of another predictor, with the 95 % interval.
    /// - Parameters:
    ///   - model: losses, one a unit.
    ///   - other: of the same units.
    public func gain(
        model: [UnitScore], over other: [UnitScore]
    ) -> (gain: Double, lower: Double, upper: Double, verdict: PredictionVerdict) {
        precondition(model.count == count && other.count == count, "the same units on both sides")
        let differences = draws.map { draw in
            UnitScore.ratio(draw.lazy.map { other[$0] }) - UnitScore.ratio(draw.lazy.map { model[$0] })
        }
        let (lower, upper) = Self.ends(differences)
        let isKnown = count >= Self.fewestUnits
        return (
            UnitScore.ratio(other) - UnitScore.ratio(model), lower, upper,
            isKnown && lower > 0 ? .beats : isKnown && upper < 0 ? .loses : .ties
        )
    }

    private static func ends(_ values: [Double]) -> (lower: Double, upper: Double) {
        let ends = quantiles(of: values.filter { !$0.isNaN }, at: [0.025, 0.975])
        return (ends[0], ends[1])
    }
}
