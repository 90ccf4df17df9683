import Foundation
import Matrices
import Probability
import Tensors

/// Where a power iteration begins: a row and a column of d numbers.
public struct PowerIterationStart: Sendable {
    public let row: [Double]
    public let column: [Double]

    public init(row: [Double], column: [Double]) {
        precondition(row.count == column.count, "\(row.count) and \(column.count) numbers for one square matrix")
        self.row = row
        self.column = column
    }

    /// Standard normal numbers.
    public init(count: Int, stream: RandomStream) {
        var stream = stream
        row = (0..<count).map { _ in stream.normal() }
        column = (0..<count).map { _ in stream.normal() }
    }
}

extension Tensor {
    /// How far edge probabilities P are from those of an acyclic graph: an estimate of the spectral radius of P by power
    /// iteration (Lee et al. 2020, "No Bears"; Lorch et al. 2022, section 4.3). This tensor holds the logits, d × d.
    ///
    /// | paper | code | shape | meaning |
    /// |---|---|---|---|
    /// | P | `p` | d × d | probabilities; 0 on the diagonal where it is masked |
    /// | u, v | `u`, `v` | d | left and right iterates: u ← uP/‖uP‖, v ← Pv/‖Pv‖ |
    /// | h | | 1 | u P v/(u · v) |
    ///
    /// u and v count as constants, so ∂h/∂P = u vᵀ/(u · v).
    /// Deviation from the paper: the iteration is in double precision on P over its largest entry instead of on logarithms
    /// of P with signs; the iterates do not depend on that factor, and neither form underflows.
    func spectralRadius(from start: PowerIterationStart, iterations: Int, masksDiagonal: Bool) -> Tensor {
        let d = shape[0]
        precondition(shape == [d, d] && start.row.count == d, "\(shape) logits, a start of \(start.row.count) numbers")
        func isMasked(_ place: Int) -> Bool { masksDiagonal && place / d == place % d }
        let logarithms = buffer.enumerated().map { isMasked($0) ? -Double.infinity : logarithmOfSigmoid(Double($1)) }
        let iteration = PowerIteration(
            Matrix(rows: d, columns: d, values: shares(logarithms)), left: start.row, right: start.column,
            iterations: iterations)
        let slopes = iteration.slopes.enumerated().map { isMasked($0) ? 0 : Float($1) }
        return (sigmoid() * tape.constant(slopes, shape: [d, d])).sum()
    }
}

/// −ln(1 + e⁻ˣ), where e⁻ˣ may overflow.
private func logarithmOfSigmoid(_ x: Double) -> Double { min(x, 0) - log1p(exp(-abs(x))) }

/// Of the largest, from logarithms.
private func shares(_ logarithms: [Double]) -> [Double] {
    let largest = logarithms.max() ?? 0
    return logarithms.map { exp($0 - largest) }
}
