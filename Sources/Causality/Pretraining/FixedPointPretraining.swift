import Foundation
import MechanismNetworks
import Networks
import Probability
import Tensors

/// Where a training of a fixed-point network stands.
public struct FixedPointTrainingProgress: Sendable {
    public let step: Int
    public let steps: Int
    public let isOfDecoder: Bool
    /// Mean over the steps since the last report.
    public let loss: Double
    public let worldsPerSecond: Double
    public let secondsLeft: Double
    /// Ends with this step where it was validated.
    public let history: [FixedPointTrainingRecord]
    public let isValidated: Bool
}

/// Trains a `FixedPointNetwork` as published, on a stream of fresh simulated worlds: the encoder to say F(x) of its own
/// rows; then, with the average of its weights frozen, the decoder to say F at rows that are not in the context.
///
/// The weights depend on the options only: not on the number of cores, nor on where a training was stopped and resumed.
///
/// Source: Mahajan et al. 2026 (arXiv 2410.06128) and its published code: losses, coupled decay, warm-up, cosine, averages.
/// Deviation from the paper: early averages forget the first weights sooner (`MovingAverage`); the last weights are taken, not
/// those of the best validation.
public struct FixedPointPretraining: Sendable {
    public let options: FixedPointPretrainingOptions
    private let network: FixedPointNetwork
    private let start: Checkpoint
    private let stream: RandomStream

    public init(options: FixedPointPretrainingOptions = FixedPointPretrainingOptions()) {
        self.options = options
        stream = RandomStream(seed: options.seed).stream("pretraining/mechanisms")
        var weights = Weights()
        network = FixedPointNetwork(options.size, weights: &weights, stream: stream.stream("weights"))
        start = Self.fresh(weights, options)
    }

    private static func fresh(_ weights: Weights, _ options: FixedPointPretrainingOptions) -> Checkpoint {
        Checkpoint(
            weights: weights, optimiser: Optimiser(options.optimiser, weights: weights),
            average: MovingAverage(decay: options.averageDecay, weights: weights))
    }

    /// Runs to the end, or on from a checkpoint.
    /// - Parameters:
    ///   - checkpointFile: Written every `checkpointInterval` steps and where the training ends; nil writes none.
    ///   - resuming: Whether to go on from `checkpointFile`, which must be of the same options but for
    ///     `checkpointInterval`.
    ///   - shouldStop: Asked before every step.
    ///   - report: Called at every validation and every 50 steps.
    /// - Returns: Nil where the training was asked to stop.
    /// - Throws: `WeightsError` where a checkpoint cannot be read or written, and where the loss is no number any more.
    public func run(
        checkpointFile: String? = nil, resuming: Bool = false,
        workers count: Int = ProcessInfo.processInfo.activeProcessorCount, shouldStop: () -> Bool = { false },
        report: (FixedPointTrainingProgress) -> Void = { _ in }
    ) throws -> PretrainedFixedPoints? {
        var run = Run(
            state: start, course: FixedPointCourse(),
            validation: FixedPointValidationSet(options, stream: stream.stream("validation"), workers: count),
            workers: Workers(count: count), checkpointFile: checkpointFile)
        if resuming, let checkpointFile {
            try run.state.load(file: checkpointFile)
            run.course = try FixedPointCourse(run.state, options: options, file: checkpointFile)
        }
        let (began, earlier) = (Date(), run.course.seconds)
        func elapsed() -> Double { earlier + Date().timeIntervalSince(began) }
        if run.course.half == .encoder {
            guard try train(&run, shouldStop: shouldStop, elapsed: elapsed, report: report) else { return nil }
            run.course.half = .decoder
            run.state = Self.fresh(weights(run), options)
        }
        guard try train(&run, shouldStop: shouldStop, elapsed: elapsed, report: report) else { return nil }
        return try result(weights(run), run.course, cores: count)
    }

    private struct Run {
        var state: Checkpoint
        var course: FixedPointCourse
        let validation: FixedPointValidationSet
        let workers: Workers
        let checkpointFile: String?
    }

    /// Those that are in use: of the half that is trained the average, of the other one as they are.
    private func weights(_ run: Run) -> Weights {
        let (encoder, decoder) = network.ranges(in: run.state.weights)
        let range = run.course.half == .encoder ? encoder : decoder
        var result = run.state.weights
        result.values.replaceSubrange(range, with: run.state.average!.values[range])
        return result
    }

    /// Trains one half to its end.
    /// - Returns: Whether it got there.
    private func train(
        _ run: inout Run, shouldStop: () -> Bool, elapsed: () -> Double, report: (FixedPointTrainingProgress) -> Void
    ) throws -> Bool {
        let (options, network, stream, half) = (options, network, stream, run.course.half)
        let size = options.worldsPerStep
        let before = half == .encoder ? 0 : options.encoderSteps
        let steps = half == .encoder ? options.encoderSteps : options.decoderSteps
        let schedule = Schedule.warmupCosine(warmup: options.warmupSteps, total: steps, floor: 0)
        let ranges = network.ranges(in: run.state.weights)
        let (range, decay) =
            half == .encoder ? (ranges.encoder, options.encoderDecay) : (ranges.decoder, options.decoderDecay)
        let frozen = run.state.weights
        let worlds = ExampleStream<FixedPointWorld>(
            workers: run.workers.count, first: (before + run.state.optimiser.step) * size,
            end: (before + steps) * size, ahead: 2 * size
        ) { FixedPointWorld($0, options, stream: stream) }
        defer { worlds.close() }
        var reported = (step: run.state.optimiser.step, seconds: elapsed())
        while run.state.optimiser.step < steps {
            guard !shouldStop() else {
                try write(&run)
                return false
            }
            var mean = worlds.meanGradient(of: run.state.weights, items: size) { tape, number, world in
                guard let lesson = world.lesson else { return (tape.constant(0), []) }
                let dropping = stream.stream("dropout").stream(number)
                let loss =
                    half == .encoder
                    ? network.encoderLoss(of: lesson, on: tape, dropping: dropping)
                    : network.decoderLoss(of: lesson, on: tape, encoderWeights: frozen, dropping: dropping)
                return (loss, [])
            }
            guard mean.loss.isFinite, mean.gradient.allSatisfy(\.isFinite) else {
                throw Self.diverged(before + run.state.optimiser.step)
            }
            Self.add(Float(decay), run.state.weights, in: range, to: &mean.gradient)
            run.state.optimiser.update(
                &run.state.weights, gradient: mean.gradient,
                rateScale: schedule.scale(at: run.state.optimiser.step), workers: run.workers)
            let done = run.state.optimiser.step
            if done % options.averageInterval == 0 {
                run.state.average!.update(run.state.weights, workers: run.workers)
            }
            run.course.add(loss: mean.loss)
            run.course.seconds = elapsed()
            let validates = done % options.validationInterval == 0 || done == steps
            let loss = run.course.recentLoss
            if validates {
                run.course.record(
                    step: before + done, worlds: (before + done) * size,
                    run.validation.scores(
                        network, weights: weights(run), withDecoder: half == .decoder, workers: run.workers.count))
            }
            if validates || done % 50 == 0 {
                let pace = max(elapsed() - reported.seconds, 1e-9) / Double(done - reported.step)
                report(
                    FixedPointTrainingProgress(
                        step: before + done, steps: options.steps, isOfDecoder: half == .decoder, loss: loss,
                        worldsPerSecond: Double(size) / pace,
                        secondsLeft: pace * Double(options.steps - before - done), history: run.course.history,
                        isValidated: validates))
                reported = (done, elapsed())
            }
            if done % options.checkpointInterval == 0 || done == steps { try write(&run) }
        }
        return true
    }

    /// Weight decay as part of the gradient.
    private static func add(_ decay: Float, _ weights: Weights, in range: Range<Int>, to gradient: inout [Float]) {
        weights.values.withUnsafeBufferPointer { weights in
            gradient.withUnsafeMutableBufferPointer { gradient in
                for place in range { gradient[place] += decay * weights[place] }
            }
        }
    }

    private func write(_ run: inout Run) throws {
        guard let file = run.checkpointFile else { return }
        run.state.notes = try run.course.notes(options)
        try run.state.write(to: file)
    }

    private static func diverged(_ step: Int) -> WeightsError {
        WeightsError(
            code: "NOT_FINITE", element: "optimiser",
            message: "expected a finite loss and gradient, found others in step \(step)",
            remedy: "train anew with a lower learning rate or more warmupSteps")
    }
}
