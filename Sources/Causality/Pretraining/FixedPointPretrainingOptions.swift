import MechanismNetworks
import Networks
import Simulators

/// How a `FixedPointNetwork` is trained: first its encoder, then its decoder on what the encoder makes of context rows.
public struct FixedPointPretrainingOptions: Codable, Sendable, Equatable {
    public enum Network: String, Codable, Sendable, CaseIterable {
        case fixedPoints
    }

    /// What tells these options from those of other networks.
    public var network = Network.fixedPoints
    public var size = FixedPointOptions()
    /// The published rule; its decay of weights is part of the gradient, as `encoderDecay` and `decoderDecay`.
    public var optimiser: OptimiserOptions = {
        var options = OptimiserOptions.adam(learningRate: 1e-4)
        options.beta2 = 0.95
        return options
    }()
    public var encoderDecay = 5e-4
    public var decoderDecay = 5e-9
    public var domains = MechanismDomain.standard
    /// Of the training worlds, uniform on a logarithmic scale.
    public var nodes: ClosedRange<Int> = 20...20
    /// Of a data set, uniform on a logarithmic scale; for the decoder the first half is context.
    public var rows: ClosedRange<Int> = 400...400

    public var encoderSteps = 10_000
    public var decoderSteps = 10_000
    /// Of each half; then the learning rate falls along half a cosine.
    public var warmupSteps = 1000
    public var worldsPerStep = 4
    /// Of the average of weights, which is taken every so many steps.
    public var averageDecay = 0.99
    public var averageInterval = 10

    /// Steps between validations, and between checkpoints.
    public var validationInterval = 500
    public var checkpointInterval = 100
    /// For each domain; fixed, and those that a training of the kernel reader with the same seed is validated on.
    public var validationWorlds = 16
    public var validationNodes = 20
    public var validationRows = 200
    public var seed: UInt64 = 0

    public init() {}

    var steps: Int { encoderSteps + decoderSteps }

    /// Throws `OPTION` where a setting is outside of what can be trained.
    public func validate() throws(SimulationError) {
        for (name, value, limits) in [
            ("nodes", nodes.lowerBound, 2...1000), ("nodes", nodes.upperBound, 2...1000),
            ("rows", rows.lowerBound, 20...10_000), ("rows", rows.upperBound, 20...10_000),
            ("encoderSteps", encoderSteps, 1...1_000_000_000), ("decoderSteps", decoderSteps, 1...1_000_000_000),
            ("warmupSteps", warmupSteps, 0...min(encoderSteps, decoderSteps)),
            ("worldsPerStep", worldsPerStep, 1...10_000), ("averageInterval", averageInterval, 1...1_000_000),
            ("validationInterval", validationInterval, 1...1_000_000_000),
            ("checkpointInterval", checkpointInterval, 1...1_000_000_000),
            ("validationWorlds", validationWorlds, 1...10_000), ("validationNodes", validationNodes, 2...1000),
            ("validationRows", validationRows, 20...10_000), ("domains", domains.count, 1...1000),
        ] as [(String, Int, ClosedRange<Int>)] {
            try SimulationError.demand(
                limits.contains(value), name, "\(limits.lowerBound) to \(limits.upperBound)", value)
        }
        try SimulationError.demand(size.isPossible, "size", "axes of 1 to 4096 and at most 64 layers", size)
        for (name, value) in [("encoderDecay", encoderDecay), ("decoderDecay", decoderDecay)] {
            try SimulationError.demand((0..<1).contains(value), name, "a number of 0 or more below 1", value)
        }
        try SimulationError.demand(
            (0..<1).contains(averageDecay), "averageDecay", "a number of 0 or more below 1", averageDecay)
        try MechanismDomain.validate(domains, nodes: nodes.lowerBound, rows: rows.lowerBound)
    }
}
