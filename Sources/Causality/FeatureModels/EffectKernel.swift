import CKernels
import Foundation

/// How alike the features of two perturbations are expected to be, told from what the perturbations do.
///
/// Features are taken for a random function of z: an affine function plus a two-layer network with very many hidden
/// units, whose covariance has the arcsine form of Williams (1998), "Computation with infinite neural networks", eq. 11.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | z = (E, ln EC50, ln h) | a row of coordinates | d + 2, d without doses | effects on the targets and dose curve |
/// | u = (z, 1) | | d + 3 | input of the network |
/// | Σ | `lengths`, `bias` | a group each, 1 | prior variances of the first layer: effects, ln EC50, ln h; bias |
/// | a² | `network` | | variance of the network's part |
/// | l² | `linear` | | variance of the linear part, in units of Σ |
/// | c² | `constant` | | variance of a constant |
/// | σ² | `noise` | | what a feature has beside the function |
/// | k(z, z′) | | | c² + l² uᵀΣu′ + a² (2/π) asin( 2uᵀΣu′ / √((1 + 2uᵀΣu)(1 + 2u′ᵀΣu′)) ) |
///
/// Deviation from the paper: the network stands beside an affine function, so that effects beyond those measured still
/// move the features.
public struct EffectKernel: Codable, Sendable, Equatable {
    /// Coordinates in each group that shares a length: the d effects, then one for each dose parameter.
    public let groups: [Int]
    /// ln √ of the variances: one for each group, then bias, network, linear, constant, noise.
    public internal(set) var logParameters: [Double]

    /// A network of moderate curvature over coordinates of size 1.
    init(groups: [Int]) {
        self.groups = groups
        logParameters = Self.centre(groups: groups.count)
    }

    /// Centres of the normal priors on the logarithms, of standard deviation `priorDeviation`.
    static func centre(groups: Int) -> [Double] {
        [0] + Array(repeating: log(0.5), count: groups - 1) + [log(0.5), 0, log(0.3), log(0.3), log(0.2)]
    }
    static let priorDeviation = 1.5
    /// Part of the noise variance that can't vanish: features are stored in single precision.
    static let leastNoise = 1e-6

    public static func parameterNames(groups: Int) -> [String] {
        ["effects", "log EC50", "log Hill slope"].prefix(groups) + ["bias", "network", "linear", "constant", "noise"]
    }

    var lengths: [Double] { logParameters.prefix(groups.count).map { exp(2 * $0) } }
    private func variance(_ place: Int) -> Double { exp(2 * logParameters[groups.count + place]) }
    var bias: Double { variance(0) }
    var network: Double { variance(1) }
    var linear: Double { variance(2) }
    var constant: Double { variance(3) }
    var noise: Double { variance(4) + Self.leastNoise }
    var parameterCount: Int { logParameters.count }

    /// k(z, z) of an input whose squared length uᵀΣu is given.
    func variance(square q: Double) -> Double {
        constant + linear * q + network * (2 / .pi) * asin(2 * q / (1 + 2 * q))
    }
}

/// The kernel with its parameters worked out, for pairs given by their inner products a group.
struct EffectPairs: Sendable {
    private let groups: Int
    /// Of up to 3 groups: in place, as they are read for every pair.
    private let lengths: SIMD4<Double>
    let bias, network, linear, constant: Double

    init(_ kernel: EffectKernel) {
        groups = kernel.groups.count
        var lengths = SIMD4<Double>()
        for (place, length) in kernel.lengths.enumerated() { lengths[place] = length }
        self.lengths = lengths
        bias = kernel.bias
        network = kernel.network
        linear = kernel.linear
        constant = kernel.constant
    }

    /// uᵀΣu′ from the inner products of z and z′ over each group.
    func product(_ dots: UnsafePointer<Double>) -> Double {
        var sum = bias
        for g in 0..<groups { sum += lengths[g] * dots[g] }
        return sum
    }

    func value(_ dots: UnsafePointer<Double>, _ a: Double, _ b: Double) -> Double {
        let t = product(dots)
        return constant + linear * t + network * (2 / .pi) * asin(2 * t / ((1 + 2 * a) * (1 + 2 * b)).squareRoot())
    }

    /// gradient += weight ∂k/∂(log parameters) of a pair; `a` and `b` are the inner products of each with itself.
    func addGradient(
        _ dots: UnsafePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, weight: Double,
        into gradient: UnsafeMutablePointer<Double>
    ) {
        let t = product(dots)
        let alpha = 1 + 2 * product(a)
        let beta = 1 + 2 * product(b)
        let root = (alpha * beta).squareRoot()
        let x = 2 * t / root
        let slope = network * (2 / .pi) / max(1 - x * x, 1e-300).squareRoot()
        let byProduct = linear + slope * 2 / root
        for g in 0..<groups {
            gradient[g] +=
                weight * 2 * lengths[g] * (byProduct * dots[g] - slope * x * (a[g] / alpha + b[g] / beta))
        }
        gradient[groups] += weight * 2 * bias * (byProduct - slope * x * (1 / alpha + 1 / beta))
        gradient[groups + 1] += weight * 2 * network * (2 / .pi) * asin(x)
        gradient[groups + 2] += weight * 2 * linear * t
        gradient[groups + 3] += weight * 2 * constant
    }
}
