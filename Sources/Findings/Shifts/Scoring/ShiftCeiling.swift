import Matrices
import Probability

/// What the noise of the cells allows: no prediction can do better but by luck.
public struct ShiftCeiling: Codable, Sendable, Equatable {
    /// Correlation of two shifts from disjoint halves of the treated cells and of the controls.
    public var halvesCorrelation: Double?
    /// What a perfect prediction, without noise, would reach on average: √(variance of the signal over genes / that of
    /// the scored truth).
    public var maximumPearson: Double?
    /// Standard deviation of the noise in the scored truth, root mean square over genes.
    public var noise: Double?

    public init(halvesCorrelation: Double? = nil, maximumPearson: Double? = nil, noise: Double? = nil) {
        self.halvesCorrelation = halvesCorrelation
        self.maximumPearson = maximumPearson
        self.noise = noise
    }

    /// - Parameters:
    ///   - treated: cells × genes, of one treatment.
    ///   - controls: cells × genes: those against which the truth is taken.
    ///   - divisions: how often the cells are halved, each time with both halves in both places.
    public init(treated: Matrix<Float>, controls: Matrix<Float>, divisions: Int = 5, random: RandomStream) {
        let truth = zip(treated.columnMeans(), controls.columnMeans()).map { $0 - $1 }
        if treated.rows > 1, controls.rows > 1 {
            let noise = zip(treated.columnMoments().variances, controls.columnMoments().variances).map {
                $0 / Double(treated.rows) + $1 / Double(controls.rows)
            }
            let mean = noise.reduce(0, +) / Double(noise.count)
            let centre = truth.reduce(0, +) / Double(truth.count)
            let spread = truth.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(truth.count)
            self.noise = mean.squareRoot()
            maximumPearson = spread > 0 ? (max(0, spread - mean) / spread).squareRoot() : 0
        }
        guard treated.rows > 1, controls.rows > 1 else { return }
        var random = random
        var correlations: [Double] = []
        for _ in 0..<divisions {
            let (a, b) = Self.halves(treated, &random)
            let (c, d) = Self.halves(controls, &random)
            for (first, second) in [(c, d), (d, c)] {
                let values = ShiftScores.values(
                    predicted: zip(a, first).map { $0 - $1 }, truth: zip(b, second).map { $0 - $1 })
                correlations.append(values[.pearson] ?? 0)
            }
        }
        halvesCorrelation = correlations.reduce(0, +) / Double(correlations.count)
    }

    /// Means of the two halves of the cells, divided at random.
    private static func halves(_ cells: Matrix<Float>, _ random: inout RandomStream) -> ([Double], [Double]) {
        let order = random.permutation(cells.rows)
        let half = cells.rows / 2
        return (
            cells.columnMeans(rows: Array(order.prefix(half))), cells.columnMeans(rows: Array(order.dropFirst(half)))
        )
    }

    /// The mean over treatments of what is known of each.
    public static func mean(_ all: [ShiftCeiling]) -> ShiftCeiling {
        func mean(_ value: (ShiftCeiling) -> Double?) -> Double? {
            let known = all.compactMap(value)
            return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
        }
        return ShiftCeiling(
            halvesCorrelation: mean(\.halvesCorrelation), maximumPearson: mean(\.maximumPearson), noise: mean(\.noise))
    }
}
