import Foundation
import Probability

/// How the parents' values make the mean of a gene.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | w_j, b_j | `weights`, `bias` | parents, 1 | linear function (Lorch et al. 2022, LINEAR) |
/// | ω, b | `frequencies`, `phases` | features × parents, features | random Fourier features (RFF; Rahimi & Recht 2007) |
/// | c √(2/K) w_k | `amplitudes` | features | their weights, output scale included |
/// | V, u | `hidden`, `outer` | units × parents, units | Σ_k u_k tanh(V_k · x) |
///
/// Deviation from the paper: none; the perceptron is ours.
enum Mechanism: Sendable, Equatable {
    case linear(weights: [Float], bias: Float)
    case randomFourier(frequencies: [Float], phases: [Float], amplitudes: [Float], bias: Float)
    case perceptron(hidden: [Float], outer: [Float])

    /// Values of all rows: `output[r] = f(columns[p][r] for p in parents)`.
    ///
    /// - `columns`: gene-major, `rows` values a gene.
    func evaluate(
        parents: [Int], columns: UnsafePointer<Float>, rows: Int, output: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        switch self {
        case .linear(let weights, let bias):
            output.update(repeating: bias, count: rows)
            for (parent, weight) in zip(parents, weights) {
                add(weight, columns + parent * rows, rows, to: output)
            }
        case .randomFourier(let frequencies, let phases, let amplitudes, let bias):
            output.update(repeating: bias, count: rows)
            for feature in phases.indices {
                scratch.update(repeating: phases[feature], count: rows)
                for (position, parent) in parents.enumerated() {
                    add(frequencies[feature * parents.count + position], columns + parent * rows, rows, to: scratch)
                }
                addCosine(amplitudes[feature], scratch, rows, to: output)
            }
        case .perceptron(let hidden, let outer):
            output.update(repeating: 0, count: rows)
            for unit in outer.indices {
                scratch.update(repeating: 0, count: rows)
                for (position, parent) in parents.enumerated() {
                    add(hidden[unit * parents.count + position], columns + parent * rows, rows, to: scratch)
                }
                for row in 0..<rows { output[row] += outer[unit] * hyperbolicTangent(scratch[row]) }
            }
        }
    }

    /// A function drawn from a Gaussian process with a squared-exponential kernel, by `features` random Fourier features.
    static func randomFourier(
        parents: Int, lengthScale: Double, outputScale: Double, bias: Double, features: Int = 100,
        stream: inout RandomStream
    ) -> Mechanism {
        // Turns instead of radians: the cosine below reduces its argument by rounding.
        let turns = 1 / (2 * Double.pi)
        let amplitude = outputScale * (2 / Double(features)).squareRoot()
        return .randomFourier(
            frequencies: (0..<features * parents).map { _ in Float(stream.normal() / lengthScale * turns) },
            phases: (0..<features).map { _ in Float(stream.uniform()) },
            amplitudes: (0..<features).map { _ in Float(stream.normal() * amplitude) },
            bias: Float(bias))
    }
}

@inline(__always)
private func add(
    _ weight: Float, _ column: UnsafePointer<Float>, _ rows: Int, to output: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows { output[row] += weight * column[row] }
}

/// `output[r] += amplitude · cos(2π turns[r])`, to 2e-7 of the amplitude where |turns| is small.
///
/// Written with elementary operations so that the compiler vectorises it. cos 2πt = 1 − 2 sin² πt, with t reduced to
/// −1/2…1/2 by adding and subtracting 1.5 · 2²³, which rounds to an integer, and sin by its Taylor series to the 11th power.
@inline(__always)
private func addCosine(
    _ amplitude: Float, _ turns: UnsafePointer<Float>, _ rows: Int, to output: UnsafeMutablePointer<Float>
) {
    let rounder: Float = 12_582_912
    for row in 0..<rows {
        // Beyond ±2²² turns a Float has no fraction left to speak of.
        let bounded = max(-4_194_304, min(4_194_304, turns[row]))
        let t = (bounded - ((bounded + rounder) - rounder)) * Float.pi
        let s = t * t
        var series: Float = -2.505_210_8e-8
        series = series * s + 2.755_731_9e-6
        series = series * s - 1.984_127_0e-4
        series = series * s + 8.333_333_3e-3
        series = series * s - 1.666_666_7e-1
        let sine = t + t * s * series
        output[row] += amplitude * (1 - 2 * sine * sine)
    }
}

private func hyperbolicTangent(_ x: Float) -> Float {
    let bounded = max(-9, min(9, x))
    return Float(tanh(Double(bounded)))
}
