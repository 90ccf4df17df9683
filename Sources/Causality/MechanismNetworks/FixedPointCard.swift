import Foundation
import Networks

/// What one must know of a trained `FixedPointNetwork` before using it; it travels inside the weights file.
public struct FixedPointCard: Codable, Sendable, Equatable {
    /// How far mechanisms were from the truth on simulated worlds of one domain that training has not met.
    public struct Validation: Codable, Sendable, Equatable {
        public var domain: String
        public var worlds: Int
        /// Mean over worlds of the root mean squared error of standardised nodes: of the encoder at context rows, and of the
        /// decoder at others; nil before it is trained.
        public var encoderError: Double
        public var error: Double?

        public init(domain: String, worlds: Int, encoderError: Double, error: Double?) {
            (self.domain, self.worlds, self.encoderError, self.error) = (domain, worlds, encoderError, error)
        }
    }

    public var name: String
    public var version: String
    public var network: FixedPointOptions
    public var trainingDistribution: String
    public var nodes: ClosedRange<Int>
    public var rows: ClosedRange<Int>
    /// In the training of the encoder and then in that of the decoder.
    public var worldsSeen: Int
    public var steps: Int
    /// Of wall clock, and on how many cores.
    public var trainingSeconds: Double
    public var cores: Int
    public var validation: [Validation]
    public var intendedUse: String
    public var limits: String

    public init(
        name: String, version: String, network: FixedPointOptions, trainingDistribution: String,
        nodes: ClosedRange<Int>, rows: ClosedRange<Int>, worldsSeen: Int, steps: Int, trainingSeconds: Double,
        cores: Int, validation: [Validation], intendedUse: String, limits: String
    ) {
        self.name = name
        self.version = version
        self.network = network
        self.trainingDistribution = trainingDistribution
        self.nodes = nodes
        self.rows = rows
        self.worldsSeen = worldsSeen
        self.steps = steps
        self.trainingSeconds = trainingSeconds
        self.cores = cores
        self.validation = validation
        self.intendedUse = intendedUse
        self.limits = limits
    }

    /// Where a weights file keeps its card, and what says which kind of network the weights are of.
    static let metadataKey = "card"
    private static let kind = ["kind": "fixed points"]

    /// Whether weights are those of such a network.
    public static func describes(_ tensors: SafeTensors) -> Bool { tensors.metadata["kind"] == kind["kind"] }

    public func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// The metadata of a weights file.
    public func metadata() throws -> [String: String] {
        Self.kind.merging([Self.metadataKey: String(decoding: try encoded(), as: UTF8.self)]) { $1 }
    }

    /// Reads the card inside a weights file.
    public init(_ tensors: SafeTensors, file: String? = nil) throws {
        func malformed(_ code: String, _ message: String) -> WeightsError {
            WeightsError(
                code: code, file: file, element: Self.metadataKey, message: message,
                remedy: "use weights written by `interventome pretrain mechanisms` with network=fixedPoints")
        }
        guard Self.describes(tensors), let text = tensors.metadata[Self.metadataKey] else {
            throw malformed("MISMATCH", "expected the card of a fixed-point network in the metadata, found none")
        }
        do {
            self = try JSONDecoder().decode(FixedPointCard.self, from: Data(text.utf8))
        } catch {
            throw malformed("MALFORMED", "the card cannot be read: \(error)")
        }
        guard network.isPossible else { throw malformed("MALFORMED", "the network's size is impossible: \(network)") }
    }
}
