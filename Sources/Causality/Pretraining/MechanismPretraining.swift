import Concurrency
import Foundation
import KernelMechanisms
import Matrices
import Networks
import Probability
import Tensors

/// How a training of mechanisms stood when it was validated; a row for each time.
public struct MechanismTrainingRecord: Codable, Sendable, Equatable {
    public let step: Int
    public let worlds: Int
    public let regressions: Int
    /// Of this training so far.
    public let seconds: Double
    /// Means over the steps since the last record.
    public let loss: Double
    public let error: Double
    public let validation: [MechanismCard.Validation]
}

extension [MechanismTrainingRecord] {
    /// As a table with a line for each validation and domain.
    public var table: String {
        "step\tworlds\tregressions\tseconds\tloss\tdomain\terror\tleast_squares_error\n"
            + flatMap { record in
                record.validation.map { one in
                    "\(record.step)\t\(record.worlds)\t\(record.regressions)\t\(record.seconds)\t\(record.loss)\t"
                        + "\(one.domain)\t\(one.error)\t\(one.leastSquaresError)\n"
                }
            }.joined()
    }
}

/// Where a training of mechanisms stands.
public struct MechanismTrainingProgress: Sendable {
    public let step: Int
    public let steps: Int
    /// Means over the steps since the last report.
    public let loss: Double
    public let error: Double
    public let worldsPerSecond: Double
    public let secondsLeft: Double
    /// Ends with this step where it was validated.
    public let history: [MechanismTrainingRecord]
    public let isValidated: Bool
}

/// Trains a `KernelReader` on a stream of fresh simulated worlds, through the closed form of its regressions.
///
/// Each step takes the mean gradient of `worldsPerStep` worlds, clips it, and updates. The weights depend on the options
/// only: not on the number of cores, nor on where a training was stopped and resumed.
public struct MechanismPretraining: Sendable {
    public let options: MechanismPretrainingOptions
    private let reader: KernelReader
    private let start: Checkpoint
    private let stream: RandomStream

    public init(options: MechanismPretrainingOptions = MechanismPretrainingOptions()) {
        self.options = options
        stream = RandomStream(seed: options.seed).stream("pretraining/mechanisms")
        var weights = Weights()
        reader = KernelReader(options.reader, weights: &weights, stream: stream.stream("weights"))
        start = Checkpoint(
            weights: weights, optimiser: Optimiser(options.optimiser, weights: weights),
            average: MovingAverage(decay: options.averageDecay, weights: weights))
    }

    /// Runs to the end, or on from a checkpoint.
    /// - Parameters:
    ///   - checkpointFile: Written every `checkpointInterval` steps and where the training ends; nil writes none.
    ///   - resuming: Whether to go on from `checkpointFile`, which must be of the same options; `steps`, `decaySteps` and
    ///     `checkpointInterval` may differ where the learning rate up to there is the same.
    ///   - shouldStop: Asked before every step.
    ///   - report: Called at every validation and every 50 steps.
    /// - Returns: Nil where the training was asked to stop.
    /// - Throws: `WeightsError` where a checkpoint cannot be read or written, and where the loss is no number any more.
    public func run(
        checkpointFile: String? = nil, resuming: Bool = false,
        workers count: Int = ProcessInfo.processInfo.activeProcessorCount, shouldStop: () -> Bool = { false },
        report: (MechanismTrainingProgress) -> Void = { _ in }
    ) throws -> PretrainedMechanisms? {
        let workers = Workers(count: count)
        var state = start
        var course = MechanismCourse()
        if resuming, let checkpointFile {
            try state.load(file: checkpointFile)
            course = try MechanismCourse(state, options: options, file: checkpointFile)
        }
        let (options, stream, reader) = (options, stream, reader)
        let validation = validationSet(workers: count)
        let size = options.worldsPerStep
        let worlds = ExampleStream<MechanismLessons>(
            workers: count, first: state.optimiser.step * size, end: options.steps * size, ahead: 4 * size
        ) { number in MechanismLessons.training(number, options, stream: stream) }
        defer { worlds.close() }
        let (began, earlier) = (Date(), course.seconds)
        var reported = (step: state.optimiser.step, date: began)
        while state.optimiser.step < options.steps, !shouldStop() {
            var mean = worlds.meanGradient(of: state.weights, items: size) { tape, _, world in
                guard !world.lessons.isEmpty else { return (tape.constant(0), [0, 0, 0]) }
                let (total, parts) = reader.loss(of: world.lessons, on: tape)
                return (total, parts + [Double(world.lessons.count)])
            }
            let norm = clipByNorm(&mean.gradient, limit: options.gradientNorm, workers: workers)
            guard mean.loss.isFinite, norm.isFinite else { throw Self.diverged(state.optimiser.step) }
            state.optimiser.update(
                &state.weights, gradient: mean.gradient, rateScale: options.schedule.scale(at: state.optimiser.step),
                workers: workers)
            state.average!.update(state.weights, workers: workers)
            course.add(mean.parts, worlds: size)
            course.seconds = earlier + Date().timeIntervalSince(began)
            let done = state.optimiser.step
            let validates = done % options.validationInterval == 0 || done == options.steps
            let recent = course.recent
            if validates {
                course.record(
                    step: done, worlds: done * size,
                    validation.scores(reader, weights: state.average!.weights(like: state.weights), workers: count))
            }
            if validates || done % 50 == 0 {
                let elapsed = max(Date().timeIntervalSince(reported.date), 1e-9) / Double(done - reported.step)
                report(
                    MechanismTrainingProgress(
                        step: done, steps: options.steps, loss: recent.loss, error: recent.error,
                        worldsPerSecond: Double(size) / elapsed, secondsLeft: elapsed * Double(options.steps - done),
                        history: course.history, isValidated: validates))
                reported = (done, Date())
            }
            if let checkpointFile, done % options.checkpointInterval == 0 {
                try write(&state, course, to: checkpointFile)
            }
        }
        if let checkpointFile { try write(&state, course, to: checkpointFile) }
        guard state.optimiser.step == options.steps else { return nil }
        let scale = validation.deviationScale(
            reader, weights: state.average!.weights(like: state.weights), workers: count)
        return try result(state, course, deviationScale: scale, cores: count)
    }

    private func validationSet(workers: Int) -> MechanismValidationSet {
        MechanismValidationSet(options, stream: stream.stream("validation"), workers: workers)
    }

    private func write(_ state: inout Checkpoint, _ course: MechanismCourse, to file: String) throws {
        state.notes = try course.notes(options)
        try state.write(to: file)
    }

    private static func diverged(_ step: Int) -> WeightsError {
        WeightsError(
            code: "NOT_FINITE", element: "optimiser",
            message: "expected a finite loss and gradient, found others in step \(step)",
            remedy: "train anew with a lower learning rate, more warmupSteps or a lower gradientNorm")
    }
}

/// Fixed worlds of every domain, which training does not meet.
private struct MechanismValidationSet: Sendable {
    private let domains: [String]
    /// By domain.
    private let lessons: [[KernelLesson]]

    init(_ options: MechanismPretrainingOptions, stream: RandomStream, workers: Int) {
        domains = options.domains.map(\.name)
        let count = options.validationWorlds
        let all = concurrentMap(domains.count * count, workers: workers) { item in
            MechanismLessons(
                domain: options.domains[item / count], nodes: options.validationNodes, rows: options.validationRows,
                most: 8, stream: stream.stream(item)
            ).lessons
        }
        lessons = domains.indices.map { Array(all[$0 * count..<($0 + 1) * count].joined()) }
    }

    func scores(_ reader: KernelReader, weights: Weights, workers: Int) -> [MechanismCard.Validation] {
        zip(domains, errors(reader, weights: weights, workers: workers)).map { domain, errors in
            let count = Double(max(1, errors.count))
            return MechanismCard.Validation(
                domain: domain, regressions: errors.count, error: errors.reduce(0) { $0 + $1.read } / count,
                leastSquaresError: errors.reduce(0) { $0 + $1.leastSquares } / count)
        }
    }

    /// See `MechanismCard.deviationScale`. Every row of every domain counts the same.
    func deviationScale(_ reader: KernelReader, weights: Weights, workers: Int) -> Double {
        let offsets = errors(reader, weights: weights, workers: workers).flatMap { $0.flatMap(\.offsets) }
        // Of a normal distribution, 90 % lie within 1.645 deviations.
        return offsets.isEmpty ? 1 : max(1, quantiles(of: offsets, at: [0.9])[0] / 1.645)
    }

    private func errors(_ reader: KernelReader, weights: Weights, workers: Int) -> [[KernelReader.Errors]] {
        concurrentMap(lessons.count, workers: workers) { reader.errors(of: lessons[$0], weights: weights) }
    }
}
