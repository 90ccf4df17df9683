import Foundation
import Networks
import Structure

/// What a training knows beside its weights: it goes with the checkpoint.
struct TrainingCourse: Sendable, Equatable {
    private(set) var history: [TrainingRecord] = []
    var multiplier: AcyclicityMultiplier
    /// Of wall clock, all runs together.
    var seconds = 0.0
    private var lossSum = 0.0
    private var lossCount = 0

    init(_ options: StructurePretrainingOptions) { multiplier = options.acyclicity.multiplier }

    mutating func add(loss: Double) {
        lossSum += loss
        lossCount += 1
    }

    mutating func record(step: Int, worldsPerStep: Int, seconds: Double, _ validation: [ModelCard.Validation]) {
        history.append(
            TrainingRecord(
                step: step, worlds: step * worldsPerStep, seconds: seconds, loss: lossSum / Double(lossCount),
                validation: validation))
        (lossSum, lossCount) = (0, 0)
    }
}

// In checkpoints.
extension TrainingCourse {
    /// Counts the forms that these notes have had.
    private static let schema = "1"

    private struct Notes: Codable {
        var history: [TrainingRecord]
        var multiplier: AcyclicityMultiplier
        var seconds: Double
        var lossSum: Double
        var lossCount: Int
    }

    func notes(_ options: StructurePretrainingOptions) throws -> [String: String] {
        let notes = Notes(
            history: history, multiplier: multiplier, seconds: seconds, lossSum: lossSum, lossCount: lossCount)
        return try CheckpointNotes.text(schema: Self.schema, options: options, course: notes)
    }

    /// From a checkpoint that was read, of a training that these options may go on with.
    init(_ state: Checkpoint, options: StructurePretrainingOptions, file: String) throws {
        let found = try CheckpointNotes(state, schema: Self.schema, file: file)
        let earlier = try found.options(StructurePretrainingOptions.self) { text in
            // Settings that a checkpoint is too old for had the effect of their defaults.
            let defaults = try Self.tree(CheckpointNotes.text(StructurePretrainingOptions()))
            return try JSONSerialization.data(withJSONObject: defaults.merging(Self.tree(text)) { $1 })
        }
        let notes = try found.course(Notes.self)
        try Self.demandSame(earlier, options, stepsDone: state.optimiser.step, found.mismatch)
        history = notes.history
        multiplier = notes.multiplier
        seconds = notes.seconds
        (lossSum, lossCount) = (notes.lossSum, notes.lossCount)
    }

    /// The end of a training may be moved while the learning rate has not begun to fall: what is done is then what it
    /// would have been.
    private static func demandSame(
        _ earlier: StructurePretrainingOptions, _ options: StructurePretrainingOptions, stepsDone: Int,
        _ mismatch: (String, String) -> WeightsError
    ) throws {
        var comparable = earlier
        comparable.steps = options.steps
        comparable.decaySteps = options.decaySteps
        comparable.checkpointInterval = options.checkpointInterval
        comparable.calibrationWorlds = options.calibrationWorlds
        // What has not begun can be changed.
        comparable.domains = earlier.domains.filter { $0.fromStep < stepsDone }
        var options = options
        options.domains.removeAll { $0.fromStep >= stepsDone }
        let (before, now) = (try fields(comparable), try fields(options))
        if let name = now.keys.sorted().first(where: { before[$0] != now[$0] }) {
            throw mismatch("options", "expected a checkpoint of a training with the same options, \(name) differs")
        }
        guard stepsDone <= options.steps else {
            throw mismatch("steps", "expected at most \(options.steps) steps in the checkpoint, found \(stepsDone)")
        }
        let (old, new) = (earlier.schedule, options.schedule)
        if let step = (0..<stepsDone).first(where: { old.scale(at: $0) != new.scale(at: $0) }) {
            throw mismatch(
                "steps",
                "expected the learning rate of the \(stepsDone) steps that are done, found another from step \(step) on; "
                    + "with decaySteps, a training can be extended until its learning rate falls")
        }
    }

    private static func fields(_ options: StructurePretrainingOptions) throws -> [String: String] {
        try tree(CheckpointNotes.text(options)).mapValues {
            String(
                decoding: try JSONSerialization.data(withJSONObject: $0, options: [.sortedKeys, .fragmentsAllowed]),
                as: UTF8.self)
        }
    }

    private static func tree(_ text: String) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }
}
