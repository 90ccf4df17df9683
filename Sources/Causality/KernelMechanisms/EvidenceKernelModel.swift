import Concurrency
import FeatureModels
import Foundation
import Mechanisms

/// Kernel mechanisms fitted to each dataset by maximum evidence: slower than those read off at once, and what these are
/// compared with.
///
/// ln p(y | θ) + ln p(θ), with wide Gaussian priors on the logarithms θ, is climbed from two starts, a smooth function and
/// a nearly linear one; the higher end is taken.
public struct EvidenceKernelModel: MechanismModel {
    public var mostSteps = 60

    public init() {}

    public func mechanisms(of context: MechanismContext, workers: Int) throws -> any NodeMechanisms {
        let regressions = concurrentMap(context.names.count, workers: workers) { node in
            fitted(RegressionData(node: node, of: context))
        }
        return RegressionMechanisms(regressions, workers: workers)
    }

    func fitted(_ data: RegressionData) -> KernelRegression {
        let starts = data.inputs.parents == 0 ? [-6.0] : [0, -6]
        let ends = starts.map { smooth in
            climb(from: Self.start(parents: data.inputs.parents, smooth: smooth), data)
        }
        return KernelRegression(
            ends.min { $0.value < $1.value }!.parameters, inputs: data.inputs, targets: data.targets)
    }

    private static func start(parents: Int, smooth: Double) -> KernelParameters {
        KernelParameters(
            logLinear: 0, logAdditive: smooth - 2, logJoint: smooth, logNoise: -2,
            logJointLengths: Array(repeating: log(2), count: parents),
            logAdditiveLengths: Array(repeating: log(2), count: parents))
    }

    /// Centre and deviation of the prior of each number of `KernelParameters.vector`.
    private static func prior(parents: Int) -> [(centre: Double, deviation: Double)] {
        [(0, 3), (-2, 3), (0, 3), (-3, 3), (-6, 4)]
            + Array(repeating: (centre: 0.7, deviation: 1.5), count: 2 * parents)
    }

    /// Minimises −ln p(y | θ) − ln p(θ) within the bounds.
    func climb(
        from start: KernelParameters, _ data: RegressionData, squaredResiduals: [Double]? = nil
    ) -> (parameters: KernelParameters, value: Double) {
        let prior = Self.prior(parents: data.inputs.parents)
        let bounds = KernelParameters.bounds(parents: data.inputs.parents)
        let minimum = QuasiNewton(tolerance: 1e-3, mostSteps: mostSteps, longestStep: 2).minimise(from: start.vector) {
            point in
            guard zip(point, bounds).allSatisfy({ $1.contains($0) }) else { return nil }
            let regression = KernelRegression(
                KernelParameters(vector: point), inputs: data.inputs, targets: data.targets,
                squaredResiduals: squaredResiduals)
            var value = -regression.logEvidence
            var gradient = KernelEvidence(regression).gradient.map { -$0 }
            for place in point.indices {
                let offset = (point[place] - prior[place].centre) / prior[place].deviation
                value += 0.5 * offset * offset
                gradient[place] += offset / prior[place].deviation
            }
            return (value, gradient)
        }
        return (KernelParameters(vector: minimum.point), minimum.value)
    }
}
