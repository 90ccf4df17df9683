import Generators

/// How far two samples of one node lie apart, and how far chance alone would put them.
struct MarginDistance {
    let distance: Double
    let noise: Double

    init(_ a: NodeColumn, _ b: NodeColumn) {
        if let levels = a.kind.levels {
            let (p, q) = (Self.shares(a, levels), Self.shares(b, levels))
            distance = zip(p, q).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
            // E|difference| of two shares is √(2/π) times its standard error √(p (1 − p)(1/n + 1/m)).
            let scale = 1 / Double(a.rows) + 1 / Double(b.rows)
            noise = p.reduce(0) { $0 + (2 / Double.pi * $1 * (1 - $1) * scale).squareRoot() } / 2
        } else {
            let width = a.kind.width
            distance =
                (0..<width).map { Self.kolmogorov(Self.sorted(a, $0), Self.sorted(b, $0)) }.max() ?? 0
            // The median of Kolmogorov's distribution.
            noise = 0.8276 * (1 / Double(a.rows) + 1 / Double(b.rows)).squareRoot()
        }
    }

    private static func shares(_ column: NodeColumn, _ levels: Int) -> [Double] {
        var shares = [Double](repeating: 0, count: levels)
        for value in column.values { shares[Int(value)] += 1 / Double(column.rows) }
        return shares
    }

    private static func sorted(_ column: NodeColumn, _ place: Int) -> [Float] {
        stride(from: place, to: column.values.count, by: column.kind.width).map { column.values[$0] }.sorted()
    }

    /// The largest difference of two distribution functions.
    private static func kolmogorov(_ a: [Float], _ b: [Float]) -> Double {
        var (i, j, largest) = (0, 0, 0.0)
        while i < a.count, j < b.count {
            let value = min(a[i], b[j])
            while i < a.count, a[i] == value { i += 1 }
            while j < b.count, b[j] == value { j += 1 }
            largest = max(largest, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
        }
        return largest
    }
}
