import KernelMechanisms
import Networks

/// What a training of mechanisms knows beside its weights: it goes with the checkpoint.
struct MechanismCourse: Codable, Sendable {
    private(set) var history: [MechanismTrainingRecord] = []
    private(set) var regressions = 0
    /// Of wall clock, all runs together.
    var seconds = 0.0
    private var lossSum = 0.0
    private var errorSum = 0.0
    private var stepCount = 0

    init() {}

    /// - Parameter parts: Means over the worlds of a step: loss, error, regressions.
    mutating func add(_ parts: [Double], worlds: Int) {
        lossSum += parts[0]
        errorSum += parts[1]
        stepCount += 1
        regressions += Int((parts[2] * Double(worlds)).rounded())
    }

    /// Since the last record.
    var recent: (loss: Double, error: Double) {
        (lossSum / Double(max(1, stepCount)), errorSum / Double(max(1, stepCount)))
    }

    mutating func record(step: Int, worlds: Int, _ validation: [MechanismCard.Validation]) {
        let recent = recent
        history.append(
            MechanismTrainingRecord(
                step: step, worlds: worlds, regressions: regressions, seconds: seconds, loss: recent.loss,
                error: recent.error, validation: validation))
        (lossSum, errorSum, stepCount) = (0, 0, 0)
    }
}

// In checkpoints.
extension MechanismCourse {
    private static let schema = "mechanisms 1"

    func notes(_ options: MechanismPretrainingOptions) throws -> [String: String] {
        try CheckpointNotes.text(schema: Self.schema, options: options, course: self)
    }

    /// From a checkpoint that was read, of a training that these options may go on with.
    init(_ state: Checkpoint, options: MechanismPretrainingOptions, file: String) throws {
        let notes = try CheckpointNotes(state, schema: Self.schema, file: file)
        self = try notes.course(MechanismCourse.self)
        let earlier = try notes.options(MechanismPretrainingOptions.self)
        var comparable = earlier
        comparable.steps = options.steps
        comparable.decaySteps = options.decaySteps
        comparable.checkpointInterval = options.checkpointInterval
        guard comparable == options else {
            throw notes.mismatch("options", "expected a checkpoint of a training with the same options")
        }
        let done = state.optimiser.step
        guard done <= options.steps,
            (0..<done).allSatisfy({ earlier.schedule.scale(at: $0) == options.schedule.scale(at: $0) })
        else {
            throw notes.mismatch(
                "steps", "expected the learning rate of the \(done) steps that are done, found another or fewer steps")
        }
    }
}
