import MechanismNetworks
import Networks

/// How a training of a fixed-point network stood when it was validated; a row for each time.
public struct FixedPointTrainingRecord: Codable, Sendable, Equatable {
    /// Of both halves.
    public let step: Int
    public let worlds: Int
    /// Of this training so far.
    public let seconds: Double
    /// Mean over the steps since the last record, of the network that is trained.
    public let loss: Double
    public let validation: [FixedPointCard.Validation]
}

extension [FixedPointTrainingRecord] {
    /// As a table with a line for each validation and domain.
    public var table: String {
        "step\tworlds\tseconds\tloss\tdomain\tencoder_error\terror\n"
            + flatMap { record in
                record.validation.map { one in
                    "\(record.step)\t\(record.worlds)\t\(record.seconds)\t\(record.loss)\t\(one.domain)\t"
                        + "\(one.encoderError)\t\(one.error.map { "\($0)" } ?? "")\n"
                }
            }.joined()
    }
}

/// What a training of a fixed-point network knows beside its weights: it goes with the checkpoint.
struct FixedPointCourse: Codable, Sendable {
    enum Half: String, Codable {
        case encoder, decoder
    }

    var half = Half.encoder
    private(set) var history: [FixedPointTrainingRecord] = []
    /// Of wall clock, all runs together.
    var seconds = 0.0
    private var lossSum = 0.0
    private var stepCount = 0

    init() {}

    mutating func add(loss: Double) {
        lossSum += loss
        stepCount += 1
    }

    /// Mean since the last record.
    var recentLoss: Double { lossSum / Double(max(1, stepCount)) }

    mutating func record(step: Int, worlds: Int, _ validation: [FixedPointCard.Validation]) {
        history.append(
            FixedPointTrainingRecord(
                step: step, worlds: worlds, seconds: seconds, loss: recentLoss, validation: validation))
        (lossSum, stepCount) = (0, 0)
    }
}

// In checkpoints.
extension FixedPointCourse {
    private static let schema = "fixed points 1"

    func notes(_ options: FixedPointPretrainingOptions) throws -> [String: String] {
        try CheckpointNotes.text(schema: Self.schema, options: options, course: self)
    }

    /// From a checkpoint that was read, of a training that these options may go on with.
    init(_ state: Checkpoint, options: FixedPointPretrainingOptions, file: String) throws {
        let notes = try CheckpointNotes(state, schema: Self.schema, file: file)
        self = try notes.course(FixedPointCourse.self)
        var earlier = try notes.options(FixedPointPretrainingOptions.self)
        earlier.checkpointInterval = options.checkpointInterval
        guard earlier == options else {
            throw notes.mismatch("options", "expected a checkpoint of a training with the same options")
        }
    }
}
