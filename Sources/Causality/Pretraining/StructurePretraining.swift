import Foundation
import Networks
import Probability
import Structure
import Tensors

/// Trains a network that reads causal structure on a stream of fresh simulated worlds.
///
/// Each step takes the mean gradient of `worldsPerStep` worlds, clips it, and updates. Worlds are simulated while they are
/// needed, and ahead of it by workers that have nothing else to do. Predictions use the moving average of the weights. The
/// weights depend on the options only: not on the number of cores, nor on where a training was stopped and resumed.
public struct StructurePretraining: Sendable {
    public let options: StructurePretrainingOptions
    let network: any TrainedNetwork
    private let start: Checkpoint

    public init(options: StructurePretrainingOptions = StructurePretrainingOptions()) {
        precondition(!options.domains.isEmpty && options.steps > 0 && options.worldsPerStep > 0, "nothing to train on")
        precondition(options.genes.lowerBound >= 2, "a world has two genes at least")
        self.options = options
        var weights = Weights()
        network = options.network(weights: &weights, stream: Self.stream(options).stream("weights"))
        start = Checkpoint(
            weights: weights, optimiser: Optimiser(options.optimiser, weights: weights),
            average: MovingAverage(decay: options.averageDecay, weights: weights))
    }

    static func stream(_ options: StructurePretrainingOptions) -> RandomStream {
        RandomStream(seed: options.seed).stream("pretraining/structure")
    }

    /// Runs to the end, or on from a checkpoint.
    /// - Parameters:
    ///   - checkpointFile: Written every `checkpointInterval` steps and where the training ends; nil writes none.
    ///   - resuming: Whether to go on from `checkpointFile`, which must be of the same options; `checkpointInterval`
    ///     and `calibrationWorlds` may differ, and `steps` and `decaySteps` where the learning rate up to there is the same
    ///     and no fewer steps are asked for than are done.
    ///   - shouldStop: Asked before every step.
    ///   - report: Called at every validation and every 50 steps.
    /// - Returns: Nil where the training was asked to stop.
    /// - Throws: `WeightsError` where a checkpoint cannot be read or written, and where the loss is no number any more.
    public func run(
        checkpointFile: String? = nil, resuming: Bool = false,
        workers count: Int = ProcessInfo.processInfo.activeProcessorCount,
        shouldStop: (_ stepsDone: Int) -> Bool = { _ in false }, report: (TrainingProgress) -> Void = { _ in }
    ) throws -> PretrainedStructure? {
        let workers = Workers(count: count)
        var state = start
        var course = TrainingCourse(options)
        if resuming, let checkpointFile {
            try state.load(file: checkpointFile)
            course = try TrainingCourse(state, options: options, file: checkpointFile)
        }
        let validation = ValidationSet(options, network: network, workers: workers)
        let stream = worlds(from: state.optimiser.step, workers: count)
        defer { stream.close() }
        let meter = TrainingMeter(options, workers: count, earlier: course.seconds)
        while state.optimiser.step < options.steps, !shouldStop(state.optimiser.step) {
            let outcome = update(&state, &course, stream: stream, workers: workers)
            let done = state.optimiser.step
            guard outcome.loss.isFinite, outcome.norm.isFinite else { throw Self.diverged(done) }
            meter.add(outcome)
            let validates = done % options.validationInterval == 0 || done == options.steps
            if validates {
                let scores = meter.leavingOut {
                    validation.scores(network, weights: state.average!.weights(like: state.weights), workers: workers)
                }
                course.record(step: done, worldsPerStep: options.worldsPerStep, seconds: meter.seconds, scores)
            }
            if validates || done % 50 == 0 {
                report(
                    meter.progress(
                        step: done, stream: stream.seconds,
                        validation: validates ? course.history.last!.validation : [],
                        history: course.history))
            }
            if let checkpointFile, done % options.checkpointInterval == 0, done < options.steps {
                try write(&state, &course, seconds: meter.seconds, to: checkpointFile)
            }
        }
        if let checkpointFile { try write(&state, &course, seconds: meter.seconds, to: checkpointFile) }
        course.seconds = meter.seconds
        return state.optimiser.step < options.steps
            ? nil : try result(state, course, balance: meter.balance(stream.seconds), workers: workers)
    }

    private func worlds(from step: Int, workers: Int) -> ExampleStream<TrainingExample> {
        let (network, options) = (network, options)
        return ExampleStream(
            workers: workers, first: step * options.worldsPerStep, end: options.steps * options.worldsPerStep,
            ahead: Self.stepsAhead * options.worldsPerStep
        ) { number in TrainingExample(network: network) { TrainingWorld.training(number, options) } }
    }

    /// Steps whose worlds are kept at most.
    private static let stepsAhead = 4

    private func update(
        _ state: inout Checkpoint, _ course: inout TrainingCourse, stream: ExampleStream<TrainingExample>,
        workers: Workers
    ) -> TrainingMeter.Step {
        let (network, multiplier) = (network, course.multiplier.value)
        let draws = Self.stream(options).stream("losses")
        var mean = stream.meanGradient(of: state.weights, items: options.worldsPerStep) { tape, number, example in
            let loss = network.loss(
                example.input.tensor(on: tape), graph: example.graph, multiplier: multiplier,
                stream: draws.stream(number))
            return (
                loss.total,
                [loss.crossEntropy, loss.cyclicity, example.seconds.simulation, example.seconds.features]
            )
        }
        let began = Date()
        let norm = clipByNorm(&mean.gradient, limit: options.gradientNorm, workers: workers)
        course.multiplier.update(step: state.optimiser.step, cyclicity: mean.parts[1])
        state.optimiser.update(
            &state.weights, gradient: mean.gradient, rateScale: options.schedule.scale(at: state.optimiser.step),
            workers: workers)
        state.average!.update(state.weights, workers: workers)
        course.add(loss: mean.parts[0])
        return TrainingMeter.Step(
            loss: mean.parts[0], norm: norm, simulation: mean.parts[2], features: mean.parts[3],
            updating: Date().timeIntervalSince(began))
    }

    private static func diverged(_ step: Int) -> WeightsError {
        WeightsError(
            code: "NOT_FINITE", element: "optimiser",
            message: "expected a finite loss and gradient, found others in step \(step)",
            remedy: "train anew with a lower learning rate, more warmupSteps or a lower gradientNorm")
    }

    private func write(
        _ state: inout Checkpoint, _ course: inout TrainingCourse, seconds: Double, to file: String
    ) throws {
        course.seconds = seconds
        state.notes = try course.notes(options)
        try state.write(to: file)
    }
}
