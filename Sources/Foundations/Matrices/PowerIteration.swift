/// Left and right dominant vectors of a non-negative square matrix P by power iteration, and the spectral radius that they
/// say (Lee et al. 2019, "Scaling structural learning with NO-BEARS to infer causal transcriptome networks", section 2.2).
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | u, v | `left`, `right` | d | iterates: u ← uP/‖uP‖, v ← Pv/‖Pv‖ |
/// | h | `slopes` · P | 1 | u P v/(u · v) |
public struct PowerIteration: Sendable {
    public private(set) var left: [Double]
    public private(set) var right: [Double]

    /// - Parameters:
    ///   - left: Where the iteration of the left vector begins.
    ///   - right: Where that of the right one begins.
    ///   - tolerance: It ends before `iterations` where no entry of either vector moves by more.
    public init(
        _ matrix: Matrix<Double>, left: [Double], right: [Double], iterations: Int, tolerance: Double = 0
    ) {
        let d = matrix.rows
        precondition(
            matrix.columns == d && left.count == d && right.count == d,
            "\(matrix.rows) × \(matrix.columns), vectors of \(left.count) and \(right.count)")
        self.left = left
        self.right = right
        let p = matrix.values
        for _ in 0..<iterations {
            var (u, v) = (Array(repeating: 0.0, count: d), Array(repeating: 0.0, count: d))
            for i in 0..<d {
                for j in 0..<d {
                    u[j] += self.left[i] * p[i * d + j]
                    v[i] += p[i * d + j] * self.right[j]
                }
            }
            (u, v) = (Self.normalised(u), Self.normalised(v))
            let moved = (0..<d).reduce(0) { max($0, abs(u[$1] - self.left[$1]), abs(v[$1] - self.right[$1])) }
            (self.left, self.right) = (u, v)
            if moved <= tolerance { break }
        }
    }

    /// ∂h/∂P = u vᵀ/(u · v) where both vectors count as constants; d × d, row-major.
    public var slopes: [Double] {
        let product = zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
        return left.flatMap { u in right.map { u * $0 / product } }
    }

    private static func normalised(_ x: [Double]) -> [Double] {
        let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return x.map { $0 / norm }
    }
}
