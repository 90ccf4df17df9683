import Foundation
import Networks
import Structure

/// Measures a training on the way.
final class TrainingMeter {
    /// What one step was like.
    struct Step {
        let loss: Double
        let norm: Double
        /// Mean seconds that its worlds took.
        let simulation: Double
        let features: Double
        let updating: Double
    }

    /// Sums over some steps.
    private struct Sums {
        var steps = 0
        var loss = 0.0
        var simulation = 0.0
        var features = 0.0
        var updating = 0.0

        mutating func add(_ step: Step) {
            steps += 1
            loss += step.loss
            simulation += step.simulation
            features += step.features
            updating += step.updating
        }
    }

    private let options: StructurePretrainingOptions
    private let workers: Int
    private let earlier: Double
    private let began = Date()
    private var whole = Sums()
    private var sinceReport = Sums()
    private var norm = 0.0
    /// Seconds of validation.
    private var leftOut = 0.0
    private var lastReport: (work: Double, stream: ExampleStream<TrainingExample>.Seconds) = (0, .init())

    init(_ options: StructurePretrainingOptions, workers: Int, earlier: Double) {
        self.options = options
        self.workers = workers
        self.earlier = earlier
    }

    /// Of the whole training, with what came before it was resumed.
    var seconds: Double { earlier + Date().timeIntervalSince(began) }

    /// Of this run, without validation.
    private var work: Double { Date().timeIntervalSince(began) - leftOut }

    func add(_ step: Step) {
        whole.add(step)
        sinceReport.add(step)
        norm = step.norm
    }

    func leavingOut<Result>(_ body: () -> Result) -> Result {
        let began = Date()
        defer { leftOut += Date().timeIntervalSince(began) }
        return body()
    }

    /// Since the last one.
    func progress(
        step: Int, stream: ExampleStream<TrainingExample>.Seconds, validation: [ModelCard.Validation],
        history: [TrainingRecord]
    ) -> TrainingProgress {
        let work = work
        let (sums, elapsed) = (sinceReport, max(work - lastReport.work, 1e-9))
        let balance = balance(sums, elapsed: elapsed, stream: stream, since: lastReport.stream)
        lastReport = (work, stream)
        sinceReport = Sums()
        return TrainingProgress(
            step: step, steps: options.steps, worldsSeen: step * options.worldsPerStep,
            loss: sums.loss / Double(max(1, sums.steps)), gradientNorm: norm, seconds: seconds,
            worldsPerSecond: Double(sums.steps * options.worldsPerStep) / elapsed,
            secondsLeft: Double(options.steps - step) * elapsed / Double(max(1, sums.steps)), balance: balance,
            validation: validation, history: history)
    }

    /// Of this run.
    func balance(_ stream: ExampleStream<TrainingExample>.Seconds) -> TrainingBalance {
        balance(whole, elapsed: work, stream: stream, since: .init())
    }

    /// Waiting is what no worker was busy with. Worlds are made ahead of the steps that they belong to, so the stream says
    /// how long all worlds took and the steps only how that divides.
    private func balance(
        _ sums: Sums, elapsed: Double, stream: ExampleStream<TrainingExample>.Seconds,
        since earlier: ExampleStream<TrainingExample>.Seconds
    ) -> TrainingBalance {
        let making = stream.making - earlier.making
        let network = stream.gradients - earlier.gradients + sums.updating
        let share = sums.simulation / max(sums.simulation + sums.features, 1e-9)
        return TrainingBalance(
            simulation: making * share, features: making * (1 - share), network: network,
            waiting: max(0, Double(workers) * elapsed - making - network))
    }
}
