import CKernels
import Foundation

/// What shapes the regression of one node on its k parents, as logarithms.
///
/// | symbol | code | meaning |
/// |---|---|---|
/// | σ_l² | `logLinear` | variance of the linear part, of each parent's slope |
/// | σ_a² | `logAdditive` | variance of each parent's own smooth part |
/// | σ_r² | `logJoint` | variance of the smooth part of all parents together |
/// | σ_n² | `logNoise` | variance of the noise |
/// | τ | `logTail` | how far rows of large residuals count as noisier; see `KernelRegression` |
/// | ℓ_p | `logJointLengths` | over which distance in parent p the joint part bends |
/// | a_p | `logAdditiveLengths` | over which distance parent p's own part bends |
public struct KernelParameters: Sendable, Equatable {
    public var logLinear: Double
    public var logAdditive: Double
    public var logJoint: Double
    public var logNoise: Double
    public var logTail: Double
    public var logJointLengths: [Double]
    public var logAdditiveLengths: [Double]

    public init(
        logLinear: Double, logAdditive: Double, logJoint: Double, logNoise: Double, logTail: Double = Self.noTail,
        logJointLengths: [Double], logAdditiveLengths: [Double]
    ) {
        precondition(
            logJointLengths.count == logAdditiveLengths.count,
            "\(logJointLengths.count) and \(logAdditiveLengths.count) lengths")
        self.logLinear = logLinear
        self.logAdditive = logAdditive
        self.logJoint = logJoint
        self.logNoise = logNoise
        self.logTail = logTail
        self.logJointLengths = logJointLengths
        self.logAdditiveLengths = logAdditiveLengths
    }

    /// τ at which all rows are equally noisy, to six digits.
    public static let noTail = -14.0

    /// Numbers of the node itself, before those of its parents.
    static let nodeCount = 5

    public var parents: Int { logJointLengths.count }

    /// The five of the node, then the joint lengths, then the additive ones.
    public var vector: [Double] {
        [logLinear, logAdditive, logJoint, logNoise, logTail] + logJointLengths + logAdditiveLengths
    }

    public init(vector: [Double]) {
        let parents = (vector.count - Self.nodeCount) / 2
        self.init(
            logLinear: vector[0], logAdditive: vector[1], logJoint: vector[2], logNoise: vector[3], logTail: vector[4],
            logJointLengths: Array(vector[Self.nodeCount..<Self.nodeCount + parents]),
            logAdditiveLengths: Array(vector[(Self.nodeCount + parents)...]))
    }

    /// Bounds of each number of `vector`: beyond them nothing changes that one could see in standardised data.
    public static func bounds(parents: Int) -> [ClosedRange<Double>] {
        [-14...4, -14...3, -14...3, -13...0.7, noTail...3] + Array(repeating: -2...5, count: 2 * parents)
    }

    /// Mean function's variance where no row is known: the constant, which standardised values hardly need.
    static let constant = 1.0
}

/// Values of a node's parents, one parent after another.
struct RegressionInputs: Sendable {
    let rows: Int
    let parents: Int
    /// parents × rows
    let values: [Double]

    init(rows: Int, parents: Int, values: [Double]) {
        precondition(values.count == rows * parents, "\(values.count) values of \(rows) rows and \(parents) parents")
        self.rows = rows
        self.parents = parents
        self.values = values
    }

    func selectingRows(_ selection: [Int]) -> RegressionInputs {
        RegressionInputs(
            rows: selection.count, parents: parents,
            values: (0..<parents).flatMap { parent in selection.map { values[parent * rows + $0] } })
    }

    func column(_ parent: Int) -> ArraySlice<Double> { values[parent * rows..<(parent + 1) * rows] }
}

/// The covariance function of a node's mechanism,
///
///     k(z, z′) = 1 + σ_l² z·z′ + σ_a² Σ_p exp(−½ (z_p − z′_p)²/a_p²) + σ_r² exp(−½ Σ_p (z_p − z′_p)²/ℓ_p²).
struct MechanismKernel: Sendable {
    let linear: Double
    let additive: Double
    let joint: Double
    private let additiveRates: [Double]
    private let jointRates: [Double]

    init(_ parameters: KernelParameters) {
        linear = exp(parameters.logLinear)
        additive = exp(parameters.logAdditive)
        joint = exp(parameters.logJoint)
        additiveRates = parameters.logAdditiveLengths.map { 0.5 * exp(-2 * $0) }
        jointRates = parameters.logJointLengths.map { 0.5 * exp(-2 * $0) }
    }

    /// rows of `a` × rows of `b`.
    func covariances(_ a: RegressionInputs, _ b: RegressionInputs) -> [Double] { evaluate(a, b, isTriangle: false) }

    /// rows × rows; only the lower triangle is filled.
    func covariances(_ a: RegressionInputs) -> [Double] { evaluate(a, a, isTriangle: true) }

    /// k(z, z) of every row.
    func variances(_ a: RegressionInputs) -> [Double] {
        (0..<a.rows).map { row in
            let square = (0..<a.parents).reduce(0.0) { $0 + a.values[$1 * a.rows + row] * a.values[$1 * a.rows + row] }
            return KernelParameters.constant + linear * square + additive * Double(a.parents) + joint
        }
    }

    /// Σ weights · ∂k/∂θ over all pairs, θ being the logarithms of `KernelParameters.vector` but those of the noise, which
    /// stay 0.
    /// - Parameter isTriangle: Whether `b` is `a` and only the weights of the lower triangle count.
    func slopes(_ a: RegressionInputs, _ b: RegressionInputs, weights: [Double], isTriangle: Bool) -> [Double] {
        var scratch = [Double](repeating: 0, count: 3 * b.rows)
        var slopes = [Double](repeating: 0, count: 3 + 2 * a.parents)
        withShape(a, b) { shape, a, b, rows, columns in
            kernel_similarity_slopes(shape, a, rows, b, columns, isTriangle ? 1 : 0, weights, &scratch, &slopes)
        }
        slopes.insert(contentsOf: [0, 0], at: 3)
        return slopes
    }

    /// Σ weights · ∂k(z, z)/∂θ over the rows.
    func varianceSlopes(_ a: RegressionInputs, weights: [Double]) -> [Double] {
        var slopes = [Double](repeating: 0, count: KernelParameters.nodeCount + 2 * a.parents)
        for row in 0..<a.rows {
            let square = (0..<a.parents).reduce(0.0) { $0 + a.values[$1 * a.rows + row] * a.values[$1 * a.rows + row] }
            slopes[0] += weights[row] * linear * square
            slopes[1] += weights[row] * additive * Double(a.parents)
            slopes[2] += weights[row] * joint
        }
        return slopes
    }

    private func evaluate(_ a: RegressionInputs, _ b: RegressionInputs, isTriangle: Bool) -> [Double] {
        var scratch = [Double](repeating: 0, count: 2 * b.rows)
        var result = [Double](repeating: 0, count: a.rows * b.rows)
        withShape(a, b) { shape, a, b, rows, columns in
            kernel_similarities(shape, a, rows, b, columns, isTriangle ? 1 : 0, &scratch, &result)
        }
        return result
    }

    private func withShape(
        _ a: RegressionInputs, _ b: RegressionInputs,
        _ body: (UnsafePointer<kernel_similarity>, UnsafePointer<Double>, UnsafePointer<Double>, Int, Int) -> Void
    ) {
        precondition(a.parents == b.parents && a.parents == jointRates.count, "\(a.parents) and \(b.parents) parents")
        guard a.rows > 0, b.rows > 0 else { return }
        additiveRates.withUnsafeBufferPointer { additiveRates in
            jointRates.withUnsafeBufferPointer { jointRates in
                a.values.withUnsafeBufferPointer { first in
                    b.values.withUnsafeBufferPointer { second in
                        // Nothing is read of the memory that stands in for no parents.
                        let nothing = UnsafePointer<Double>(bitPattern: MemoryLayout<Double>.alignment)!
                        var shape = kernel_similarity(
                            inputs: a.parents, constant: KernelParameters.constant, linear: linear, additive: additive,
                            joint: joint, additive_rates: additiveRates.baseAddress ?? nothing,
                            joint_rates: jointRates.baseAddress ?? nothing)
                        body(&shape, first.baseAddress ?? nothing, second.baseAddress ?? nothing, a.rows, b.rows)
                    }
                }
            }
        }
    }
}
