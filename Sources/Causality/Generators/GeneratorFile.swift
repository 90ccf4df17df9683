import Networks

/// What a file says of one generator beside its tensors.
public struct GeneratorRecord: Codable, Sendable, Equatable {
    public let outcome: Node
    public let inputs: [Node]
    public let training: TrainingReport

    public init(_ generator: any ConditionalGenerator) {
        outcome = generator.outcome
        inputs = generator.inputs
        training = generator.training
    }

    /// The generator with its tensors, whose names stand behind `prefix`.
    public func generator(
        _ tensors: SafeTensors, prefix: String
    ) throws(GeneratorError) -> any ConditionalGenerator {
        let stored = StoredTensors(tensors, prefix: prefix, owner: outcome.name)
        for node in [outcome] + inputs {
            // A width of 0 or less has no values; beyond a million no node is meant.
            guard (1...1_000_000).contains(node.kind.levels ?? node.kind.width) else {
                throw stored.mismatch("expected labels or numbers of \(node.name), found \(node.kind)")
            }
        }
        return try training.form.type.init(
            outcome: outcome, inputs: inputs, training: training, tensors: stored)
    }
}
