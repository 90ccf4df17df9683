import KernelMechanisms
import Networks
import Simulators

/// How a kernel reader is trained.
public struct MechanismPretrainingOptions: Codable, Sendable, Equatable {
    public var reader = KernelReaderOptions()
    public var optimiser = OptimiserOptions.adamW(learningRate: 4e-3, weightDecay: 0.01)
    public var domains = MechanismDomain.standard
    /// Of the training worlds, uniform on a logarithmic scale.
    public var nodes: ClosedRange<Int> = 5...100
    /// Context rows. The density of a number is proportional to its power −2: every doubling is half as frequent as the one
    /// before, as its regressions take eight times as long.
    public var rows: ClosedRange<Int> = 50...1000
    /// Nodes with parents of a world that are learned from, at most. They cost nearly all of the time, and those of one
    /// world are alike: few of many worlds teach more.
    public var regressionsPerWorld = 2

    public var steps = 15_000
    public var warmupSteps = 200
    /// The last steps, over which the learning rate falls along half a cosine to 2 % of its height. Until it falls, a
    /// training can be extended by resuming with more steps.
    public var decaySteps = 3000
    public var worldsPerStep = 20
    /// Largest Euclidean norm of a gradient.
    public var gradientNorm = 1.0
    public var averageDecay = 0.998

    /// Steps between validations, and between checkpoints.
    public var validationInterval = 250
    public var checkpointInterval = 100
    /// For each domain; fixed.
    public var validationWorlds = 16
    public var validationNodes = 20
    public var validationRows = 200
    public var seed: UInt64 = 0

    public init() {}

    var schedule: Schedule { .warmupStableCosine(warmup: warmupSteps, total: steps, decay: decaySteps) }

    /// Throws `OPTION` where a setting is outside of what can be trained.
    public func validate() throws(SimulationError) {
        for (name, value, limits) in [
            ("nodes", nodes.lowerBound, 2...1000), ("nodes", nodes.upperBound, 2...1000),
            ("rows", rows.lowerBound, 10...1000), ("rows", rows.upperBound, 10...1000),
            ("regressionsPerWorld", regressionsPerWorld, 1...1000), ("steps", steps, 1...1_000_000_000),
            ("warmupSteps", warmupSteps, 0...1_000_000_000),
            ("decaySteps", decaySteps, 0...max(0, steps - warmupSteps)),
            ("worldsPerStep", worldsPerStep, 1...10_000), ("validationInterval", validationInterval, 1...1_000_000_000),
            ("checkpointInterval", checkpointInterval, 1...1_000_000_000),
            ("validationWorlds", validationWorlds, 1...10_000), ("validationNodes", validationNodes, 2...1000),
            ("validationRows", validationRows, 10...1000), ("domains", domains.count, 1...1000),
        ] as [(String, Int, ClosedRange<Int>)] {
            try SimulationError.demand(
                limits.contains(value), name, "\(limits.lowerBound) to \(limits.upperBound)", value)
        }
        try SimulationError.demand(reader.isPossible, "reader", "1 to 10 rounds of 1 to 4096 channels", reader)
        try SimulationError.demand(gradientNorm > 0, "gradientNorm", "a positive number", gradientNorm)
        try SimulationError.demand(
            (0..<1).contains(averageDecay), "averageDecay", "a number of 0 or more below 1", averageDecay)
        try MechanismDomain.validate(domains, nodes: nodes.lowerBound, rows: rows.lowerBound)
    }
}
