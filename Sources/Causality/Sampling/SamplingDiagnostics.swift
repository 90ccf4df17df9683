import Generators

/// How far the draws of a network can be trusted: what comes with every answer.
public struct SamplingDiagnostics: Codable, Sendable, Equatable {
    /// One model of the training, of the network or of rows drawn on the way.
    public struct Model: Codable, Sendable, Equatable {
        public let node: String
        public let inputs: [String]
        /// Whether it learnt from the observed rows; else from rows that other models drew.
        public let isFromObserved: Bool
        public let training: TrainingReport
        /// Between its draws at the inputs of its own rows and their outcomes: total variation of labels, Kolmogorov's
        /// distance of numbers, the largest over the coordinates of a vector.
        public let marginDistance: Double
        /// Of as many other rows of the same distribution: the median of Kolmogorov's distance, or about the mean of the
        /// total variation.
        public let marginNoise: Double
        /// nil where none of the inputs is set.
        public let overlap: Overlap?
        /// One for each value that should not matter.
        public let invariances: [Invariance]
    }

    /// Whether inputs that are set occur beside all values of the others.
    ///
    /// With t the inputs that are set and o the others: weights p(t)/p(t | o), with p(t) the mean of p(t | o) over rows;
    /// tables for labels, quick models of numbers, whose weights are cut at √n times their mean.
    public struct Overlap: Codable, Sendable, Equatable {
        public let set: [String]
        /// (Σ w)²/Σ w², scaled from the rows looked at to all.
        public let effectiveRows: Double
        public let rows: Int
    }

    /// How much an outcome depends on a value that identification says is immaterial (a Verma constraint): error of models,
    /// or a wrong graph.
    public struct Invariance: Codable, Sendable, Equatable {
        public let of: String
        public let value: String
        /// Of a model: total variation between the outcome's labels with and without the value known, on average; of numbers
        /// the share of the standard deviation that regression on the value explains beside the inputs. Of a network:
        /// the largest `marginDistance` between draws at one value and at all.
        public let spread: Double
        /// The same with the values in random order, and of a network between two samples at all values.
        public let chance: Double
    }

    /// What should not depend on each other in rows drawn at a nested step: what was set and what comes before it.
    public struct Independence: Codable, Sendable, Equatable {
        public let set: [String]
        public let earlier: [String]
        /// The largest absolute correlation between their values.
        public let correlation: Double
        /// Four standard errors of none.
        public let bound: Double
    }

    public var models: [Model] = []
    public var independence: [Independence] = []
    /// Outcomes of the network at several values of its free inputs, against all of them.
    public var free: [Invariance] = []

    public init() {}

    /// The overlap that leaves the fewest effective rows; nil where nothing is set.
    public var leastOverlap: Overlap? {
        models.compactMap(\.overlap).min { $0.effectiveRows < $1.effectiveRows }
    }
}
