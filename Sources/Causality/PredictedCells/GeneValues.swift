import Foundation

/// The values of one gene in cells of one kind, as the share of cells above its floor and the values of these.
struct GeneValues: Sendable {
    let count: Int
    /// Rising, above the floor, which is taken off; all values of a gene without one.
    let positives: [Float]

    /// Levels at which distributions of different sizes are compared.
    static let levels = 64

    /// - Parameter values: less the floor, where there is one.
    init(_ values: [Float], isFloored: Bool) {
        count = values.count
        positives = (isFloored ? values.filter { $0 > 0 } : values).sorted()
    }

    var detection: Double { count > 0 ? Double(positives.count) / Double(count) : 0 }
    var meanOfPositives: Double {
        positives.isEmpty ? 0 : positives.reduce(0) { $0 + Double($1) } / Double(positives.count)
    }
    /// Over all cells, those on the floor as 0.
    var mean: Double { detection * meanOfPositives }

    /// The positive value below which so large a share of the positives lies, by linear interpolation between the middles of
    /// their ranks (Hazen): level (i + ½)/n gives value i itself.
    func quantile(_ level: Double) -> Double {
        let position = min(max(level * Double(positives.count) - 0.5, 0), Double(positives.count - 1))
        let below = Int(position)
        let low = Double(positives[below])
        return low + (Double(positives[min(below + 1, positives.count - 1)]) - low) * (position - Double(below))
    }

    /// At (i + ½)/64; empty where nothing is positive.
    var quantiles: [Double] {
        positives.isEmpty ? [] : (0..<Self.levels).map { quantile((Double($0) + 0.5) / Double(Self.levels)) }
    }
}
