import AnnotatedData
import Foundation
import Networks
import Pretraining
import Structure

/// The verb `pretrain structure`.
public struct PretrainingJob {
    private let options: StructurePretrainingOptions
    private let console: Console

    public init(configuration file: String?, settings: [String], console: Console) throws {
        let tree = try ConfigurationTree(
            defaults: try Self.defaults(configuration: file, settings: settings), file: file, settings: settings)
        options = try ConfigurationDecoder.decode(StructurePretrainingOptions.self, from: tree, file: file)
        try options.validate()
        self.console = console
    }

    /// Those of the kind of network that is asked for; what is no kind is left for the decoder to refuse.
    private static func defaults(configuration file: String?, settings: [String]) throws -> StructurePretrainingOptions
    {
        let given = try ConfigurationTree(defaults: [String: String](), file: file, settings: settings)
        guard case .scalar("avici", _, _) = given["network"]?["kind"] else { return StructurePretrainingOptions() }
        return StructurePretrainingOptions(network: .avici(EdgePredictorOptions()))
    }

    /// Refuses files that are there and would be replaced, unless `force`; the checkpoint, the history and the curve of a
    /// training that goes on are its own.
    public static func claim(_ output: String, resume: Bool, force: Bool) throws(Failure) {
        try OutputFile.claim(output, force: force)
        guard !resume else { return }
        let checkpoint = checkpoint(of: output)
        guard force || !FileManager.default.fileExists(atPath: checkpoint) else {
            throw Failure(
                code: "OUTPUT_EXISTS", file: checkpoint,
                message: "expected no checkpoint, found that of an earlier training",
                remedy: "give --resume to go on from it, or --force to begin anew", exit: .outputFailed)
        }
        for ending in ["card.json", "history.tsv", "learning.svg"] {
            try OutputFile.claim(OutputFile.beside(output, ending), force: force)
        }
    }

    private static func checkpoint(of output: String) -> String { output + ".checkpoint" }

    /// What `run` would do, in a line.
    public var plan: String {
        "train on \(counted(options.steps * options.worldsPerStep, "world", "worlds")) of \(options.genes.lowerBound) to "
            + "\(options.genes.upperBound) genes in \(counted(options.steps, "step", "steps")): "
            + options.domains.map(\.name).joined(separator: "; ")
    }

    /// Trains and writes the weights with their card, and the learning curve beside them. The checkpoint is removed at the
    /// end, unless the training can still be extended.
    /// - Throws: `INTERRUPTED` where a signal asked to stop, once the checkpoint is written.
    public func run(to output: String, resume: Bool, threads: Int) throws {
        console.begin("pretrain")
        let checkpoint = Self.checkpoint(of: output)
        let resumes = resume && FileManager.default.fileExists(atPath: checkpoint)
        if resume, !resumes { console.note("there is no \(checkpoint); the training begins anew") }
        let curve = LearningCurve(beside: output)
        let result = try reading(output) {
            try Interruption.awaiting {
                try StructurePretraining(options: options).run(
                    checkpointFile: checkpoint, resuming: resumes, workers: threads,
                    shouldStop: { _ in Interruption.isAskedToStop }
                ) { progress in
                    tell(progress)
                    // An image of where the training stands: that it cannot be written must not end the training.
                    if !progress.validation.isEmpty { try? curve.write(progress.history) }
                }
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
            console.note("\(checkpoint) is kept: more steps, or a decaySteps, and --resume go on from it")
        } else {
            try? FileManager.default.removeItem(atPath: checkpoint)
        }
        console.end("\(counted(result.card.worldsSeen ?? 0, "world", "worlds")) seen; \(Self.words(result.balance))")
    }

    private func tell(_ progress: TrainingProgress) {
        let ranked = progress.history.last?.validation.filter { $0.prevalence > 0 } ?? []
        var parts = [
            "step \(progress.step)", String(format: "%.0f worlds/s", progress.worldsPerSecond),
            String(format: "loss %.3f", progress.loss),
        ]
        if !ranked.isEmpty {
            let mean = ranked.map(\.averagePrecision).reduce(0, +) / Double(ranked.count)
            parts.append(String(format: "precision %.3f", mean))
        }
        parts.append("\(Self.words(seconds: progress.secondsLeft)) left")
        // On a terminal the line ends before this.
        parts.append(Self.words(progress.balance))
        console.advance(
            to: Double(progress.step) / Double(progress.steps), parts.joined(separator: ", "))
        guard !progress.validation.isEmpty else { return }
        let domains = progress.validation.map { one in
            one.prevalence > 0
                ? "\(one.domain) \(String(format: "%.3f", one.averagePrecision))"
                : "\(one.domain) cross-entropy \(String(format: "%.3f", one.crossEntropy ?? .nan))"
        }
        console.note(
            "\(parts.joined(separator: ", ")); average precision by domain: \(domains.joined(separator: "; "))")
    }

    private static func words(_ balance: TrainingBalance) -> String {
        func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }
        return "simulation \(percent(balance.simulation)), features \(percent(balance.features)), "
            + "network \(percent(balance.network)), waiting \(percent(balance.waiting))"
    }

    private static func words(seconds: Double) -> String {
        seconds < 120
            ? String(format: "%.0f s", seconds)
            : seconds < 7200 ? String(format: "%.0f min", seconds / 60) : String(format: "%.1f h", seconds / 3600)
    }
}
