import AnnotatedData
import Foundation
import KernelMechanisms
import Networks
import Pretraining

/// The verb `pretrain mechanisms`.
public struct MechanismPretrainingJob {
    private let options: MechanismPretrainingOptions
    private let console: Console

    public init(configuration file: String?, settings: [String], console: Console) throws {
        let tree = try ConfigurationTree(defaults: MechanismPretrainingOptions(), file: file, settings: settings)
        options = try ConfigurationDecoder.decode(MechanismPretrainingOptions.self, from: tree, file: file)
        try options.validate()
        self.console = console
    }

    /// Refuses files that are there and would be replaced, unless `force`; the checkpoint and the history of a training
    /// that goes on are its own.
    public static func claim(_ output: String, resume: Bool, force: Bool) throws(Failure) {
        try OutputFile.claim(output, force: force)
        guard !resume else { return }
        for file in [
            output + ".checkpoint", OutputFile.beside(output, "card.json"), OutputFile.beside(output, "history.tsv"),
            OutputFile.beside(output, "learning.svg"),
        ] { try OutputFile.claim(file, force: force) }
    }

    /// What `run` would do, in a line.
    public var plan: String {
        "train on \(counted(options.steps * options.worldsPerStep, "world", "worlds")) of \(options.nodes.lowerBound) to "
            + "\(options.nodes.upperBound) nodes in \(counted(options.steps, "step", "steps")): "
            + options.domains.map(\.name).joined(separator: "; ")
    }

    /// Trains and writes the weights with their card, and the learning curve beside them. The checkpoint is kept where the training can still be
    /// extended.
    /// - Throws: `INTERRUPTED` where a signal asked to stop, once the checkpoint is written.
    public func run(to output: String, resume: Bool, threads: Int) throws {
        console.begin("pretrain")
        let checkpoint = output + ".checkpoint"
        let resumes = resume && FileManager.default.fileExists(atPath: checkpoint)
        if resume, !resumes { console.note("there is no \(checkpoint); the training begins anew") }
        let curve = LearningCurve(beside: output)
        let result = try reading(output) {
            try Interruption.awaiting { isAsked in
                try MechanismPretraining(options: options).run(
                    checkpointFile: checkpoint, resuming: resumes, workers: threads, shouldStop: { isAsked() },
                    report: { progress in
                        tell(progress)
                        // That it cannot be written must not end the training.
                        if progress.isValidated { try? curve.write(progress.history) }
                    })
            }
        }
        guard let result else {
            throw Failure(
                code: "INTERRUPTED", file: checkpoint, message: "a signal asked to stop; the checkpoint is written",
                remedy: "run the same command with --resume to go on", exit: .interrupted)
        }
        try reading(output) { try result.write(to: output) }
        try curve.write(result.history)
        if options.decaySteps == 0 {
            console.note("\(checkpoint) is kept: more steps, or decaySteps, and --resume go on from it")
        } else {
            try? FileManager.default.removeItem(atPath: checkpoint)
        }
        console.end(
            "\(counted(result.card.worldsSeen, "world", "worlds")) seen, "
                + counted(result.card.regressionsSeen, "regression", "regressions"))
    }

    private func tell(_ progress: MechanismTrainingProgress) {
        let line =
            "step \(progress.step), "
            + String(
                format: "%.1f worlds/s, loss %.3f, error %.3f, %.0f min left", progress.worldsPerSecond, progress.loss,
                progress.error, progress.secondsLeft / 60)
        console.advance(to: Double(progress.step) / Double(progress.steps), line)
        guard progress.isValidated, let validation = progress.history.last?.validation else { return }
        let domains = validation.map {
            String(format: "\($0.domain) %.3f (least squares %.3f)", $0.error, $0.leastSquaresError)
        }
        console.note("\(line); errors by domain: \(domains.joined(separator: "; "))")
    }
}
