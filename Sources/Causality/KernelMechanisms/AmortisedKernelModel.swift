import Concurrency
import Foundation
import Mechanisms
import Networks
import Probability
import Tensors

/// Kernel mechanisms whose hyperparameters a pretrained network reads off the data: nothing is fitted.
///
/// A root has its mean. Of more than `RegressionData.mostRows` context rows as many are read, spread evenly.
public struct AmortisedKernelModel: MechanismModel {
    public let card: MechanismCard
    /// Steps that climb the evidence from what the network says; 0 for none.
    public var refiningSteps = 0
    private let reader: KernelReader
    private let weights: Weights

    /// - Parameter file: Weights written by `interventome pretrain mechanisms`.
    public init(file: String) throws { try self.init(SafeTensors(file: file), file: file) }

    public init(_ tensors: SafeTensors, file: String? = nil) throws {
        card = try MechanismCard(tensors, file: file)
        var weights = Weights()
        reader = KernelReader(card.reader, weights: &weights, stream: RandomStream(seed: 0))
        try weights.load(tensors, file: file)
        self.weights = weights
    }

    /// Nodes that are read together.
    private static let batch = 8

    public func mechanisms(of context: MechanismContext, workers: Int) throws -> any NodeMechanisms {
        let nodes = context.names.indices.filter { !context.graph.parents[$0].isEmpty }
        let batches = stride(from: 0, to: nodes.count, by: Self.batch).map {
            Array(nodes[$0..<min($0 + Self.batch, nodes.count)])
        }
        let read = concurrentMap(batches.count, workers: workers) { batch in
            let data = batches[batch].map { RegressionData(node: $0, of: context) }
            let regressions = reader.regressions(of: data, weights: weights)
            return refiningSteps == 0 ? regressions : regressions.map(refined)
        }
        let places = Dictionary(uniqueKeysWithValues: zip(nodes, read.joined()))
        let regressions = context.names.indices.map { places[$0] ?? Self.root($0, of: context) }
        return RegressionMechanisms(regressions, deviationScale: card.deviationScale ?? 1, workers: workers)
    }

    private func refined(_ regression: KernelRegression) -> KernelRegression {
        var evidence = EvidenceKernelModel()
        evidence.mostSteps = refiningSteps
        let data = RegressionData(inputs: regression.inputs, targets: regression.targets)
        let end = evidence.climb(from: regression.parameters, data, squaredResiduals: regression.squaredResiduals)
        return KernelRegression(
            end.parameters, inputs: data.inputs, targets: data.targets, squaredResiduals: regression.squaredResiduals)
    }

    static func root(_ node: Int, of context: MechanismContext) -> KernelRegression {
        let data = RegressionData(node: node, of: context)
        return KernelRegression(
            KernelParameters(
                logLinear: -14, logAdditive: -14, logJoint: -14, logNoise: 0, logJointLengths: [],
                logAdditiveLengths: []), inputs: data.inputs, targets: data.targets)
    }
}
