import CKernels
import Foundation
import Probability

/// A function drawn from what a regression believes: a draw from the prior, by random Fourier features, moved to what the
/// context says (Matheron's rule; Wilson et al. 2020, "Efficiently Sampling Functions from Gaussian Process Posteriors"):
///
///     f(z) = g(z) + k(z)ᵀ A⁻¹ (y − g(Z) − ε),  g ~ GP(0, k),  ε ~ N(0, σ_n² D).
struct DrawnFunction: Sendable {
    private let regression: KernelRegression
    private let prior: PriorFunction
    private let weights: [Double]

    init(_ regression: KernelRegression, stream: RandomStream) {
        self.regression = regression.withoutFactor
        prior = PriorFunction(regression.parameters, stream: stream.stream("function"))
        var own = stream.stream("noise")
        let noise = regression.noise.map { own.normal() * $0.squareRoot() }
        let drawn = prior.values(at: regression.inputs)
        weights = regression.factor.solve(
            regression.targets.indices.map { regression.targets[$0] - drawn[$0] - noise[$0] })
    }

    func values(at queries: RegressionInputs) -> [Double] {
        zip(prior.values(at: queries), regression.means(at: queries, weights: weights)).map { $0 + $1 }
    }
}

/// g ~ GP(0, k): slopes for the linear part, waves √(2/M) cos(ω·z + φ) with Gaussian weights for the smooth ones.
private struct PriorFunction: Sendable {
    private static let waves = 256

    /// In single precision: f forgets all but the parts of g that the context rows do not settle.
    private struct Waves: Sendable {
        /// The parents that they run along, and for each wave a frequency for each of these, in turns.
        let parents: [Int]
        let frequencies: [Float]
        /// In turns.
        let phases: [Float]
        let heights: [Float]

        init(parents: [Int], lengths: [Double], variance: Double, stream: inout RandomStream) {
            self.parents = parents
            var (frequencies, phases, heights): ([Float], [Float], [Float]) = ([], [], [])
            for _ in 0..<PriorFunction.waves {
                frequencies += lengths.map { Float(stream.normal() / ($0 * 2 * .pi)) }
                phases.append(Float(stream.uniform()))
                heights.append(Float(stream.normal() * (2 * variance / Double(PriorFunction.waves)).squareRoot()))
            }
            (self.frequencies, self.phases, self.heights) = (frequencies, phases, heights)
        }

        /// - Parameter columns: parents × rows.
        func values(_ columns: [Float], rows: Int) -> [Float] {
            var result = [Float](repeating: 0, count: rows)
            kernel_waves(
                columns, rows, parents, parents.count, frequencies, phases, heights, heights.count, 0, &result)
            return result
        }
    }

    private let offset: Double
    private let slopes: [Double]
    private let waves: [Waves]

    init(_ parameters: KernelParameters, stream: RandomStream) {
        var own = stream
        let kernel = MechanismKernel(parameters)
        offset = own.normal() * KernelParameters.constant.squareRoot()
        slopes = (0..<parameters.parents).map { _ in own.normal() * kernel.linear.squareRoot() }
        var waves: [Waves] = []
        for (parent, length) in parameters.logAdditiveLengths.enumerated() {
            waves.append(
                Waves(parents: [parent], lengths: [exp(length)], variance: kernel.additive, stream: &own))
        }
        waves.append(
            Waves(
                parents: Array(0..<parameters.parents), lengths: parameters.logJointLengths.map { exp($0) },
                variance: kernel.joint, stream: &own))
        self.waves = waves
    }

    func values(at inputs: RegressionInputs) -> [Double] {
        var values = (0..<inputs.rows).map { row in
            slopes.indices.reduce(offset) { $0 + slopes[$1] * inputs.values[$1 * inputs.rows + row] }
        }
        let columns = inputs.values.map { Float($0) }
        for waves in waves {
            let added = waves.values(columns, rows: inputs.rows)
            for row in values.indices { values[row] += Double(added[row]) }
        }
        return values
    }
}
