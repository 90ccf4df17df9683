import CKernels
import Foundation
import Matrices

/// Measured perturbations laid out for covariances with many particles, each of which moves few genes.
struct KernelInputs: Sendable {
    let coordinates: EffectCoordinates
    let kernel: EffectKernel
    let count: Int
    private let lengths: [Double]
    /// (d + dose parameters + 1) × n: lengths × coordinates, and the bias.
    private let rows: [Double]
    /// uᵀΣu of each.
    let squares: [Double]
    private let shrinks: [Double]

    /// - Parameter measured: Scaled coordinates of each measured perturbation.
    init(coordinates: EffectCoordinates, kernel: EffectKernel, rows measured: [[Double]]) {
        self.coordinates = coordinates
        self.kernel = kernel
        count = measured.count
        lengths = kernel.lengths
        let n = measured.count
        let d = coordinates.genes
        var rows = [Double](repeating: 0, count: (coordinates.count + 1) * n)
        var squares = [Double](repeating: kernel.bias, count: n)
        for (i, values) in measured.enumerated() {
            for (c, value) in values.enumerated() where value != 0 {
                let length = c < d ? lengths[0] : lengths[c - d + 1]
                rows[c * n + i] = length * value
                squares[i] += length * value * value
            }
            rows[coordinates.count * n + i] = kernel.bias
        }
        self.rows = rows
        self.squares = squares
        shrinks = squares.map { 1 / (1 + 2 * $0).squareRoot() }
    }

    /// Covariances of each particle with the measured perturbations, particles × n, and each particle's prior variance.
    func covariances(_ particles: EffectParticles) -> (values: Matrix<Double>, variances: [Double]) {
        let n = count
        let d = coordinates.genes
        let q = particles.doseCount
        var places = [Int32](repeating: 0, count: particles.capacity + q + 1)
        var factors = [Double](repeating: 0, count: places.count)
        var variances = [Double](repeating: 0, count: particles.count)
        var result = Matrix<Double>(rows: particles.count, columns: n)
        result.values.withUnsafeMutableBufferPointer { buffer in
            guard let values = buffer.baseAddress else { return }
            for i in 0..<particles.count {
                var square = kernel.bias
                var used = 0
                for place in i * particles.capacity..<i * particles.capacity + particles.targetCounts[i] {
                    let value = particles.effects[place] / coordinates.effectScale
                    places[used] = particles.targets[place]
                    factors[used] = value
                    square += lengths[0] * value * value
                    used += 1
                }
                for c in 0..<q {
                    let value = particles.dose[i * q + c] - coordinates.doseCentres[c]
                    places[used] = Int32(d + c)
                    factors[used] = value
                    square += lengths[c + 1] * value * value
                    used += 1
                }
                places[used] = Int32(d + q)
                factors[used] = 1
                variances[i] = kernel.variance(square: square)
                kernel_wide_network(
                    rows, n, places, factors, used + 1, kernel.constant, kernel.linear, kernel.network,
                    1 / (1 + 2 * square).squareRoot(), shrinks, values + i * n)
            }
        }
        return (result, variances)
    }
}
