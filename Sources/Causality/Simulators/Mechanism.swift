import CKernels
import Foundation
import Probability

/// How the parents' values make the mean of a gene.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | w_j, b_j | `weights`, `bias` | parents, 1 | linear function (Lorch et al. 2022, LINEAR) |
/// | ω, b | `frequencies`, `phases` | features × parents, features | in turns of 2π: random Fourier features (RFF; Rahimi & Recht 2007) |
/// | c √(2/K) w_k | `amplitudes` | features | their weights, output scale included |
/// | V, a, u, b_j | `hidden`, `offsets`, `outer`, `bias` | units × parents, units, units, 1 | b_j + Σ_k u_k tanh(V_k · x + a_k) |
///
/// Deviation from the paper: none; the perceptron is ours.
enum Mechanism: Sendable, Equatable {
    case linear(weights: [Float], bias: Float)
    case randomFourier(frequencies: [Float], phases: [Float], amplitudes: [Float], bias: Float)
    case perceptron(hidden: [Float], offsets: [Float], outer: [Float], bias: Float)

    /// Values of all rows: `output[r] = f(columns[p][r] for p in parents)`; `output` may be a column that is no
    /// parent's.
    ///
    /// - `columns`: gene-major, `rows` values a gene.
    func evaluate(
        parents: [Int], columns: UnsafePointer<Float>, rows: Int, output: UnsafeMutablePointer<Float>
    ) {
        switch self {
        case .linear(let weights, let bias):
            output.update(repeating: bias, count: rows)
            for (parent, weight) in zip(parents, weights) {
                add(weight, columns + parent * rows, rows, to: output)
            }
        case .randomFourier(let frequencies, let phases, let amplitudes, let bias):
            kernel_waves(
                columns, rows, parents, parents.count, frequencies, phases, amplitudes, phases.count, bias, output)
        case .perceptron(let hidden, let offsets, let outer, let bias):
            output.update(repeating: bias, count: rows)
            var sums = Array(repeating: Float(0), count: rows)
            for unit in outer.indices {
                sums.withUnsafeMutableBufferPointer { sums in
                    sums.update(repeating: offsets[unit])
                    for (position, parent) in parents.enumerated() {
                        add(
                            hidden[unit * parents.count + position], columns + parent * rows, rows,
                            to: sums.baseAddress!)
                    }
                }
                for row in 0..<rows { output[row] += outer[unit] * hyperbolicTangent(sums[row]) }
            }
        }
    }

    /// (f − mean) / deviation.
    func standardised(mean: Double, deviation: Double) -> Mechanism {
        func scaled(_ values: [Float]) -> [Float] { values.map { Float(Double($0) / deviation) } }
        func moved(_ bias: Float) -> Float { Float((Double(bias) - mean) / deviation) }
        return switch self {
        case .linear(let weights, let bias): .linear(weights: scaled(weights), bias: moved(bias))
        case .randomFourier(let frequencies, let phases, let amplitudes, let bias):
            .randomFourier(
                frequencies: frequencies, phases: phases, amplitudes: scaled(amplitudes), bias: moved(bias))
        case .perceptron(let hidden, let offsets, let outer, let bias):
            .perceptron(hidden: hidden, offsets: offsets, outer: scaled(outer), bias: moved(bias))
        }
    }

    /// b + Σ_p height_p c^h/(c^h + K^h) of concentrations c = exp x_p with K = exp threshold_p, exponents h: a logistic
    /// function of x, so one unit for each parent.
    static func hill(heights: [Double], exponents: [Double], thresholds: [Double], bias: Double) -> Mechanism {
        let parents = heights.count
        var hidden = Array(repeating: Float(0), count: parents * parents)
        for parent in 0..<parents { hidden[parent * parents + parent] = Float(exponents[parent] / 2) }
        return .perceptron(
            hidden: hidden, offsets: zip(exponents, thresholds).map { Float(-$0 / 2 * $1) },
            outer: heights.map { Float($0 / 2) }, bias: Float(bias + heights.reduce(0, +) / 2))
    }

    /// A function drawn from a Gaussian process with a squared-exponential kernel, by `features` random Fourier features.
    static func randomFourier(
        parents: Int, lengthScale: Double, outputScale: Double, bias: Double, features: Int = 100,
        stream: inout RandomStream
    ) -> Mechanism {
        // In turns instead of radians.
        let frequency = Float(1 / (lengthScale * 2 * Double.pi))
        let amplitude = Float(outputScale * (2 / Double(features)).squareRoot())
        return .randomFourier(
            frequencies: stream.normals(features * parents).map { $0 * frequency },
            phases: stream.uniforms(features), amplitudes: stream.normals(features).map { $0 * amplitude },
            bias: Float(bias))
    }
}

@inline(__always)
private func add(
    _ weight: Float, _ column: UnsafePointer<Float>, _ rows: Int, to output: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows { output[row] += weight * column[row] }
}

private func hyperbolicTangent(_ x: Float) -> Float {
    let bounded = max(-9, min(9, x))
    return Float(tanh(Double(bounded)))
}
