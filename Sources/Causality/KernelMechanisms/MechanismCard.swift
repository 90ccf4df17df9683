import Foundation
import Networks

/// What one must know of a trained kernel reader before using it; it travels inside the weights file.
public struct MechanismCard: Codable, Sendable, Equatable {
    /// How far mechanisms were from the truth on simulated worlds of one domain that training has not met.
    public struct Validation: Codable, Sendable, Equatable {
        public var domain: String
        public var regressions: Int
        /// Mean over regressions of the root mean squared error of standardised nodes.
        public var error: Double
        /// The same of least squares.
        public var leastSquaresError: Double

        public init(domain: String, regressions: Int, error: Double, leastSquaresError: Double) {
            (self.domain, self.regressions) = (domain, regressions)
            (self.error, self.leastSquaresError) = (error, leastSquaresError)
        }
    }

    public var name: String
    public var version: String
    public var reader: KernelReaderOptions
    public var trainingDistribution: String
    public var nodes: ClosedRange<Int>
    public var rows: ClosedRange<Int>
    public var worldsSeen: Int
    /// Nodes of these worlds that were learned from.
    public var regressionsSeen: Int
    public var steps: Int
    /// Of wall clock, and on how many cores.
    public var trainingSeconds: Double
    public var cores: Int
    public var validation: [Validation]
    /// By which deviations that regressions believe in are multiplied, so that intervals of 90 % hold the mechanisms of 90 %
    /// of the rows of validation; nil where it was not measured.
    public var deviationScale: Double?
    public var intendedUse: String
    public var limits: String

    public init(
        name: String, version: String, reader: KernelReaderOptions, trainingDistribution: String,
        nodes: ClosedRange<Int>, rows: ClosedRange<Int>, worldsSeen: Int, regressionsSeen: Int, steps: Int,
        trainingSeconds: Double, cores: Int, validation: [Validation], deviationScale: Double? = nil,
        intendedUse: String, limits: String
    ) {
        self.name = name
        self.version = version
        self.reader = reader
        self.trainingDistribution = trainingDistribution
        self.nodes = nodes
        self.rows = rows
        self.worldsSeen = worldsSeen
        self.regressionsSeen = regressionsSeen
        self.steps = steps
        self.trainingSeconds = trainingSeconds
        self.cores = cores
        self.validation = validation
        self.deviationScale = deviationScale
        self.intendedUse = intendedUse
        self.limits = limits
    }

    /// Where a weights file keeps its card.
    static let metadataKey = "card"

    public func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// Reads the card inside a weights file.
    public init(_ tensors: SafeTensors, file: String? = nil) throws {
        func malformed(_ code: String, _ message: String) -> WeightsError {
            WeightsError(
                code: code, file: file, element: Self.metadataKey, message: message,
                remedy: "use weights written by `interventome pretrain mechanisms`")
        }
        guard let text = tensors.metadata[Self.metadataKey] else {
            throw malformed("MISMATCH", "expected a card in the file's metadata, found none")
        }
        do {
            self = try JSONDecoder().decode(MechanismCard.self, from: Data(text.utf8))
        } catch {
            throw malformed("MALFORMED", "the card cannot be read: \(error)")
        }
        guard deviationScale.map({ $0.isFinite && $0 > 0 }) ?? true else {
            throw malformed("MALFORMED", "the scale of deviations is impossible: \(deviationScale!)")
        }
        guard reader.isPossible else { throw malformed("MALFORMED", "the network's size is impossible: \(reader)") }
    }
}
