import Foundation
import Pretraining
import Structure

/// The verb `pretrain structure`.
public struct PretrainingJob {
    private let options: StructurePretrainingOptions
    private let console: Console

    public init(configuration file: String?, settings: [String], console: Console) throws {
        let tree = try ConfigurationTree(
            defaults: StructurePretrainingOptions(), file: file, settings: settings)
        options = try ConfigurationDecoder.decode(StructurePretrainingOptions.self, from: tree, file: file)
        try options.validate()
        self.console = console
    }

    /// What `run` would do, in a line.
    public var plan: String {
        "train on \(options.steps * options.worldsPerStep) worlds of \(options.genes.lowerBound) to "
            + "\(options.genes.upperBound) genes in \(options.steps) steps: "
            + options.domains.map(\.name).joined(separator: "; ")
    }

    /// Trains and writes the weights with their card; the checkpoint beside them is removed at the end.
    public func run(to output: String, resume: Bool, threads: Int) throws {
        console.begin("pretrain")
        let checkpoint = output + ".checkpoint"
        let result = try reading(output) {
            try StructurePretraining(options: options).run(
                checkpointFile: checkpoint, resuming: resume && FileManager.default.fileExists(atPath: checkpoint),
                workers: threads
            ) { progress in
                let speed = Double(progress.worldsSeen) / max(progress.seconds, 1e-9)
                console.advance(
                    to: Double(progress.step) / Double(progress.steps),
                    "step \(progress.step), \(Int(speed)) worlds/s, loss \(String(format: "%.3f", progress.loss))")
                for one in progress.validation {
                    console.note(
                        "step \(progress.step), \(one.domain): average precision "
                            + String(format: "%.3f (at random %.3f)", one.averagePrecision, one.prevalence))
                }
            }
        }
        try reading(output) { try result.write(to: output) }
        try? FileManager.default.removeItem(atPath: checkpoint)
        console.end("\(result.card.worldsSeen ?? 0) worlds seen")
    }
}
