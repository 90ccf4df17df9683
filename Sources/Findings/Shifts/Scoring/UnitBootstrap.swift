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
    private func ratios(_ units: [UnitScore]) -> [Double] {
        precondition(units.count == count, "\(units.count) units for draws of \(count)")
        var ratios: [Double] = []
        ratios.reserveCapacity(draws.count / count)
        draws.withUnsafeBufferPointer { draws in
            units.withUnsafeBufferPointer { units in
                var place = 0
                while place < draws.count {
                    var (value, weight) = (0.0, 0.0)
                    for draw in place..<place + count {
                        let unit = units[Int(draws[draw])]
                        value += unit.value
                        weight += unit.weight
                    }
                    ratios.append(weight > 0 ? value / weight : .nan)
                    place += count
                }
            }
        }
        return ratios
    }

    /// The 95 % percentile interval.
    public func interval(_ units: [UnitScore]) -> (lower: Double, upper: Double) {
        Self.ends(ratios(units))
    }

    /// By how much the loss of a model is smaller than that of another predictor, with the 95 % interval.
    /// - Parameters:
    ///   - model: losses, one a unit.
    ///   - other: of the same units.
    public func gain(
        model: [UnitScore], over other: [UnitScore]
    ) -> (gain: Double, lower: Double, upper: Double, verdict: PredictionVerdict) {
        let (lower, upper) = Self.ends(zip(ratios(other), ratios(model)).map { $0 - $1 })
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
