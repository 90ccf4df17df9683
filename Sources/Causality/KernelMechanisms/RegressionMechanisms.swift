import Concurrency
import Foundation
import Matrices
import Mechanisms
import Probability

/// The mechanisms of all nodes, each by its own Gaussian process.
struct RegressionMechanisms: NodeMechanisms {
    /// By node.
    let regressions: [KernelRegression]
    private let evidence: [KernelEvidence]
    /// Where functions were drawn.
    private var functions: [DrawnFunction]?

    init(_ regressions: [KernelRegression], workers: Int) {
        evidence = concurrentMap(regressions.count, workers: workers) { KernelEvidence(regressions[$0]) }
        // Means do without the factors, which all nodes and graphs together would be much of.
        self.regressions = regressions.map(\.withoutFactor)
    }

    func means(of node: Int, parents: Matrix<Float>) -> [Float] {
        Self.inStretches(of: parents) { queries in
            functions?[node].values(at: queries) ?? regressions[node].means(at: queries)
        }
    }

    func deviations(of node: Int, parents: Matrix<Float>) -> [Float] {
        guard functions == nil else { return Array(repeating: 0, count: parents.rows) }
        let regression = regressions[node].withFactor
        return Self.inStretches(of: parents) { queries in
            regression.variances(at: queries).map { $0.squareRoot() }
        }
    }

    /// Rows by rows: a covariance with each context row is held for those in hand only.
    private static func inStretches(
        of parents: Matrix<Float>, _ body: (RegressionInputs) -> [Double]
    ) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(parents.rows)
        for first in stride(from: 0, to: parents.rows, by: stretch) {
            let rows = Array(first..<min(first + stretch, parents.rows))
            result += body(RegressionInputs(parents.selectingRows(rows))).map { Float($0) }
        }
        return result
    }

    private static let stretch = 1024

    func leftOutResiduals(of node: Int) -> [Float]? { evidence[node].leftOut.residuals.map { Float($0) } }

    func drawn(stream: RandomStream) -> any NodeMechanisms {
        var result = self
        result.functions = regressions.enumerated().map { node, regression in
            DrawnFunction(regression, stream: stream.stream(node))
        }
        return result
    }
}

extension RegressionInputs {
    /// From rows × parents.
    init(_ rows: Matrix<Float>) {
        self.init(
            rows: rows.rows, parents: rows.columns,
            values: (0..<rows.columns).flatMap { parent in (0..<rows.rows).map { Double(rows[$0, parent]) } })
    }
}

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

    private struct Waves: Sendable {
        /// The parents that they run along, and for each wave a frequency for each of these.
        let parents: [Int]
        let frequencies: [Double]
        let phases: [Double]
        let heights: [Double]

        init(parents: [Int], lengths: [Double], variance: Double, stream: inout RandomStream) {
            self.parents = parents
            var (frequencies, phases, heights): ([Double], [Double], [Double]) = ([], [], [])
            for _ in 0..<PriorFunction.waves {
                frequencies += lengths.map { stream.normal() / $0 }
                phases.append(stream.uniform(0, 2 * .pi))
                heights.append(stream.normal() * (2 * variance / Double(PriorFunction.waves)).squareRoot())
            }
            (self.frequencies, self.phases, self.heights) = (frequencies, phases, heights)
        }

        func add(to values: inout [Double], at inputs: RegressionInputs) {
            for row in values.indices {
                for wave in phases.indices {
                    var angle = phases[wave]
                    for (place, parent) in parents.enumerated() {
                        angle += frequencies[wave * parents.count + place] * inputs.values[parent * inputs.rows + row]
                    }
                    values[row] += heights[wave] * cos(angle)
                }
            }
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
        for waves in waves { waves.add(to: &values, at: inputs) }
        return values
    }
}
