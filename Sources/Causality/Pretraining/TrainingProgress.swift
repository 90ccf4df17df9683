import Structure

/// Where a training stands.
public struct TrainingProgress: Sendable {
    public let step: Int
    public let steps: Int
    public let worldsSeen: Int
    /// Mean over the steps since the last report, without the constraint of a network that has one.
    public let loss: Double
    public let gradientNorm: Double
    /// Of this training so far, including what came before it was resumed.
    public let seconds: Double
    public let worldsPerSecond: Double
    public let secondsLeft: Double
    /// Of the time since the last report.
    public let balance: TrainingBalance
    /// By domain; empty where this step was not validated.
    public let validation: [ModelCard.Validation]
    /// All validations so far.
    public let history: [TrainingRecord]
}

/// On what the workers' time went, in shares that add up to 1; validation and checkpoints are not counted.
public struct TrainingBalance: Sendable, Equatable {
    public let simulation: Double
    public let features: Double
    /// Gradients and updates.
    public let network: Double
    public let waiting: Double

    /// From seconds of all workers together.
    init(simulation: Double, features: Double, network: Double, waiting: Double) {
        let total = max(simulation + features + network + waiting, 1e-9)
        self.simulation = simulation / total
        self.features = features / total
        self.network = network / total
        self.waiting = waiting / total
    }
}

/// What a training was like when it was validated; a row for each time.
public struct TrainingRecord: Codable, Sendable, Equatable {
    public let step: Int
    public let worlds: Int
    /// Of this training so far.
    public let seconds: Double
    /// Mean over the steps since the last record.
    public let loss: Double
    public let validation: [ModelCard.Validation]
}

extension [TrainingRecord] {
    /// As a table with a line for each validation and domain.
    public var table: String {
        let header = "step\tworlds\tseconds\tloss\tdomain\taverage_precision\tprevalence\tcross_entropy\n"
        return header
            + flatMap { record in
                record.validation.map { one in
                    "\(record.step)\t\(record.worlds)\t\(record.seconds)\t\(record.loss)\t\(one.domain)\t"
                        + "\(one.averagePrecision)\t\(one.prevalence)\t\(one.crossEntropy ?? .nan)\n"
                }
            }.joined()
    }
}
