import Foundation
import Networks

/// What one must know of trained weights before using them; it travels inside the weights file.
public struct ModelCard: Codable, Sendable, Equatable {
    /// How well the network ranks edges on simulated worlds of one domain that it was not trained on.
    public struct Validation: Codable, Sendable, Equatable {
        public var domain: String
        public var worlds: Int
        /// Mean over worlds with edges of the average precision (area under the precision-recall curve); 0 without any.
        public var averagePrecision: Double
        /// Mean share of true edges in worlds with edges: what a random ranking reaches.
        public var prevalence: Double
        /// Mean over worlds of that of their ordered pairs, in nats; nil where it was not measured.
        public var crossEntropy: Double?

        public init(
            domain: String, worlds: Int, averagePrecision: Double, prevalence: Double, crossEntropy: Double? = nil
        ) {
            self.domain = domain
            self.worlds = worlds
            self.averagePrecision = averagePrecision
            self.prevalence = prevalence
            self.crossEntropy = crossEntropy
        }
    }

    public var name: String
    public var version: String
    public var network: NetworkKind
    /// Names of the statistics that a pairwise network reads, in order; nil for one that reads cells.
    public var features: [String]?
    public var trainingDistribution: String
    /// Smallest and largest panel of training.
    public var genes: ClosedRange<Int>
    public var cells: ClosedRange<Int>
    /// Nil where it is not known.
    public var worldsSeen: Int?
    public var steps: Int
    /// Of wall clock, and on how many cores; nil where it is not known.
    public var trainingSeconds: Double?
    public var cores: Int?
    public var validation: [Validation]
    /// Nil where nobody has measured it: probabilities are then what the network says.
    public var calibration: StructureCalibration?
    public var intendedUse: String
    public var limits: String

    public init(
        name: String, version: String, network: NetworkKind, features: [String]? = nil,
        trainingDistribution: String, genes: ClosedRange<Int>, cells: ClosedRange<Int>, worldsSeen: Int? = nil,
        steps: Int, trainingSeconds: Double? = nil, cores: Int? = nil, validation: [Validation],
        calibration: StructureCalibration? = nil, intendedUse: String, limits: String
    ) {
        self.name = name
        self.version = version
        self.network = network
        self.features = features
        self.trainingDistribution = trainingDistribution
        self.genes = genes
        self.cells = cells
        self.worldsSeen = worldsSeen
        self.steps = steps
        self.trainingSeconds = trainingSeconds
        self.cores = cores
        self.validation = validation
        self.calibration = calibration
        self.intendedUse = intendedUse
        self.limits = limits
    }

    /// Panels of training beyond it are not believed: as many genes are read at once, in memory that grows with their square.
    public static let mostGenes = 1000

    /// Where a weights file keeps its card.
    public static let metadataKey = "card"

    public func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// Reads the card inside a weights file.
    public init(_ tensors: SafeTensors, file: String? = nil) throws {
        guard let text = tensors.metadata[Self.metadataKey] else {
            throw WeightsError(
                code: "MISMATCH", file: file, element: Self.metadataKey,
                message: "expected a model card in the file's metadata, found none",
                remedy: "use weights written by `interventome pretrain structure`")
        }
        do {
            self = try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8))
        } catch {
            throw WeightsError(
                code: "MALFORMED", file: file, element: Self.metadataKey,
                message: "the model card cannot be read: \(error)",
                remedy: "use weights written by this version of the program")
        }
        guard network.isPossible else {
            throw WeightsError(
                code: "MALFORMED", file: file, element: Self.metadataKey,
                message: "the network's size is impossible: \(network)",
                remedy: "use weights written by this version of the program")
        }
        guard genes.lowerBound >= 1, genes.upperBound <= Self.mostGenes else {
            throw WeightsError(
                code: "MALFORMED", file: file, element: Self.metadataKey,
                message: "expected panels of 1 to \(Self.mostGenes) genes in training, found "
                    + "\(genes.lowerBound) to \(genes.upperBound)",
                remedy: "correct `genes` of the card to the smallest and largest panel of the training")
        }
        guard calibration?.isPossible ?? true else {
            throw WeightsError(
                code: "MALFORMED", file: file, element: Self.metadataKey,
                message:
                    "the calibration is impossible: expected a line that rises and bins of cases and shares of them",
                remedy: "use weights written by this version of the program")
        }
    }
}
