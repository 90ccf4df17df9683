import Foundation

/// Where a fit stands: all that is needed to go on from here to the same bytes.
public struct FitState: Codable, Sendable, Equatable {
    public internal(set) var members: [MemberState]

    public var isFinished: Bool { members.allSatisfy { $0.phase == .finished } }
    /// Steps done of those allowed, over all members.
    public var progress: (done: Int, allowed: Int) {
        (members.reduce(0) { $0 + $1.stepsDone }, members.reduce(0) { $0 + $1.stepsAllowed })
    }
}

/// One model of the ensemble on its way.
public struct MemberState: Codable, Sendable, Equatable {
    public enum Phase: String, Codable, Sendable {
        /// Graph, mechanisms and map together.
        case structure
        /// Mechanisms and map on the final graph, with validation.
        case refinement
        /// The same once more with the data that were kept aside, for as many steps as validation found best.
        case completion
        case finished
    }

    public internal(set) var phase: Phase = .structure
    public internal(set) var outcome: FitOutcome?
    public internal(set) var curve: [FitCurvePoint] = []
    public internal(set) var brokenEdges: [BrokenEdge] = []
    var step = 0
    var stepsDone = 0
    var stepsAllowed = 0
    var parameters: Packed
    var firstMoments: Packed
    var secondMoments: Packed
    /// Parameters at the end of the structure phase.
    var start = Packed([])
    /// The final graph, 0/1.
    var graph = Packed([])
    var best = Packed([])
    var bestScore: Double?
    var bestStep = 0
    var waits = 0
    var multiplier = 0.0
    var penalty = 0.0
    var lastCycles: Double?
}

/// How one model of the ensemble ended.
public enum FitOutcome: Codable, Sendable, Equatable {
    /// Held-out data got no better, or the objective no longer moved.
    case converged(steps: Int)
    /// The fit ended before that.
    case stoppedEarly(reason: String)
}

/// An edge that had a probability above one half and would have closed a cycle.
public struct BrokenEdge: Codable, Sendable, Equatable {
    public let source: String
    public let target: String
    public let probability: Double
}

/// One point of a training curve.
public struct FitCurvePoint: Codable, Sendable, Equatable {
    public let phase: MemberState.Phase
    public let step: Int
    /// Negative log posterior per cell, in nats.
    public let loss: Double
    /// The measure of cycles, log-determinant or spectral radius; 0 on the final graph.
    public let cycles: Double
    /// Expected number of edges.
    public let edges: Double
    /// Mean log-likelihood of held-out data per cell and gene, in nats; nil where nothing was held out.
    public let validation: Double?
}

/// Progress of a fit, for whoever watches.
public struct FitStep: Sendable, Equatable {
    public let member: Int
    public let point: FitCurvePoint
    public let stepsDone: Int
    public let stepsAllowed: Int
}

/// Numbers that are stored as their bytes: short and exact.
struct Packed: Codable, Sendable, Equatable {
    var values: [Double]

    init(_ values: [Double]) { self.values = values }

    init(from decoder: any Decoder) throws {
        let data = try decoder.singleValueContainer().decode(Data.self)
        guard data.count % 8 == 0 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(data.count) bytes are no whole numbers"))
        }
        values = data.withUnsafeBytes { bytes in
            (0..<data.count / 8).map {
                Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)))
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var data = Data(capacity: values.count * 8)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
        var container = encoder.singleValueContainer()
        try container.encode(data)
    }
}
