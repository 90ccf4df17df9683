import Foundation

/// Draws from the elementary distributions; each uses only the numbers of this stream.
extension RandomStream {
    /// Uniform on [0, 1), with 53 random bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform on [lower, upper).
    public mutating func uniform(_ lower: Double, _ upper: Double) -> Double { lower + (upper - lower) * uniform() }

    /// Uniform on 0..<count, without modulo bias.
    public mutating func index(below count: Int) -> Int {
        precondition(count > 0, "an index is drawn from at least one value, not \(count)")
        return Int.random(in: 0..<count, using: &self)
    }

    /// True with the given probability.
    public mutating func bernoulli(_ probability: Double) -> Bool { uniform() < probability }

    /// Standard normal, by the polar method (Marsaglia & Bray 1964); the second value of a pair is not kept, so that
    /// the stream's state is all there is to know of it.
    public mutating func normal() -> Double {
        while true {
            let u = 2 * uniform() - 1
            let v = 2 * uniform() - 1
            let s = u * u + v * v
            if s > 0, s < 1 { return u * (-2 * log(s) / s).squareRoot() }
        }
    }
}
