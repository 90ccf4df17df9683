import AnnotatedData
import Foundation
import KernelMechanisms
import Networks
import Pretraining

/// The verb `pretrain mechanisms`: the kernel reader, or with `network: fixedPoints` the published network.
public struct MechanismPretrainingJob {
    private enum Training {
        case kernels(MechanismPretrainingOptions)
        case fixedPoints(FixedPointPretrainingOptions)
    }

    private let training: Training
    private let console: Console

    public init(configuration file: String?, settings: [String], console: Console) throws {
        func read<Options: Codable>(_ defaults: Options) throws -> Options {
            let tree = try ConfigurationTree(defaults: defaults, file: file, settings: settings)
            return try ConfigurationDecoder.decode(Options.self, from: tree, file: file)
        }
        let given = try ConfigurationTree(defaults: [String: String](), file: file, settings: settings)
        if given["network"] != nil {
            let options = try read(FixedPointPretrainingOptions())
            try options.validate()
            training = .fixedPoints(options)
        } else {
            let options = try read(MechanismPretrainingOptions())
            try options.validate()
            training = .kernels(options)
        }
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
        switch training {
        case .kernels(let options):
            Self.plan(options.steps, options.worldsPerStep, options.nodes, options.domains)
        case .fixedPoints(let options):
            Self.plan(
                options.encoderSteps + options.decoderSteps, options.worldsPerStep, options.nodes, options.domains)
        }
    }

    private static func plan(
        _ steps: Int, _ worldsPerStep: Int, _ nodes: ClosedRange<Int>, _ domains: [MechanismDomain]
    ) -> String {
        "train on \(counted(steps * worldsPerStep, "world", "worlds")) of \(nodes.lowerBound) to "
            + "\(nodes.upperBound) nodes in \(counted(steps, "step", "steps")): "
            + domains.map(\.name).joined(separator: "; ")
    }

    /// Trains and writes the weights with their card, and the learning curve beside them. The checkpoint is kept where the
    /// training can still be extended.
    /// - Throws: `INTERRUPTED` where a signal asked to stop, once the checkpoint is written.
    public func run(to output: String, resume: Bool, threads: Int) throws {
        console.begin("pretrain")
        let checkpoint = output + ".checkpoint"
        let resumes = resume && FileManager.default.fileExists(atPath: checkpoint)
        if resume, !resumes { console.note("there is no \(checkpoint); the training begins anew") }
        let curve = LearningCurve(beside: output)
        switch training {
        case .kernels(let options):
            let result = try completed(output) {
                try MechanismPretraining(options: options).run(
                    checkpointFile: checkpoint, resuming: resumes, workers: threads,
                    shouldStop: { Interruption.isAskedToStop },
                    report: { progress in
                        tell(progress)
                        // That it cannot be written must not end the training.
                        if progress.isValidated { try? curve.write(progress.history) }
                    })
            }
            try reading(output) { try result.write(to: output) }
            try curve.write(result.history)
            finish(
                checkpoint, isExtensible: options.decaySteps == 0, worlds: result.card.worldsSeen,
                more: ", " + counted(result.card.regressionsSeen, "regression", "regressions"))
        case .fixedPoints(let options):
            let result = try completed(output) {
                try FixedPointPretraining(options: options).run(
                    checkpointFile: checkpoint, resuming: resumes, workers: threads,
                    shouldStop: { Interruption.isAskedToStop },
                    report: { progress in
                        tell(progress)
                        if progress.isValidated { try? curve.write(progress.history) }
                    })
            }
            try reading(output) { try result.write(to: output) }
            try curve.write(result.history)
            finish(checkpoint, isExtensible: false, worlds: result.card.worldsSeen)
        }
    }

    /// Runs a training of the weights in `output` to its end.
    private func completed<Result>(_ output: String, _ training: () throws -> Result?) throws -> Result {
        guard let result = try reading(output, { try Interruption.awaiting(training) }) else {
            throw Failure(
                code: "INTERRUPTED", file: output + ".checkpoint",
                message: "a signal asked to stop; the checkpoint is written",
                remedy: "run the same command with --resume to go on", exit: .interrupted)
        }
        return result
    }

    private func finish(_ checkpoint: String, isExtensible: Bool, worlds: Int, more: String = "") {
        if isExtensible {
            console.note("\(checkpoint) is kept: more steps, or decaySteps, and --resume go on from it")
        } else {
            try? FileManager.default.removeItem(atPath: checkpoint)
        }
        console.end("\(counted(worlds, "world", "worlds")) seen\(more)")
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

    private func tell(_ progress: FixedPointTrainingProgress) {
        let line =
            "\(progress.isOfDecoder ? "decoder" : "encoder"), step \(progress.step), "
            + String(
                format: "%.1f worlds/s, loss %.3f, %.0f min left", progress.worldsPerSecond, progress.loss,
                progress.secondsLeft / 60)
        console.advance(to: Double(progress.step) / Double(progress.steps), line)
        guard progress.isValidated, let validation = progress.history.last?.validation else { return }
        let domains = validation.map { String(format: "\($0.domain) %.3f", $0.error ?? $0.encoderError) }
        console.note("\(line); errors by domain: \(domains.joined(separator: "; "))")
    }
}
