import Foundation
import Graphs
import Interventions
import Screens

/// A fit that writes its state to a file now and then, and goes on from it.
struct CheckpointedFit {
    /// What the file holds; `key` says of which fit it is the state.
    private struct Checkpoint: Codable {
        static let currentSchema = 1
        var schema = Checkpoint.currentSchema
        var key: String
        var state: FitState
    }

    /// Seconds between two checkpoints.
    private static let interval = 5.0
    /// Steps between two looks at the clock.
    private static let steps = 100

    let file: String
    /// Digest of everything the fit depends on.
    let key: String

    /// Fits from the checkpoint, where there is one of the same fit, else from the beginning. The file stays: `discard` it
    /// once the model is written.
    func run(
        _ screen: PerturbationScreen, beliefs: EdgeBeliefs, options: FitOptions, seed: UInt64, console: Console
    ) throws -> InterventionModel {
        let earlier = load()
        if earlier != nil { console.note("The fit goes on from \(URL(fileURLWithPath: file).lastPathComponent).") }
        var fit = try InterventionFit(
            screen: screen, beliefs: beliefs, options: options, seed: seed, resuming: earlier)
        let progress = FitProgress(members: options.ensembleSize)
        var saved = Date()
        while !fit.state.isFinished {
            try fit.advance(by: Self.steps) { step in
                console.advance(to: progress.fraction(after: step), "loss \(String(format: "%.4g", step.point.loss))")
            }
            if Date().timeIntervalSince(saved) > Self.interval {
                try OutputFile.write(CanonicalJSON.encode(Checkpoint(key: key, state: fit.state)), to: file)
                saved = Date()
            }
        }
        return try fit.model()
    }

    func discard() { try? FileManager.default.removeItem(atPath: file) }

    private func load() -> FitState? {
        guard
            let data = FileManager.default.contents(atPath: file),
            let checkpoint = try? CanonicalJSON.decode(Checkpoint.self, from: data),
            checkpoint.schema == Checkpoint.currentSchema, checkpoint.key == key
        else { return nil }
        return checkpoint.state
    }
}

/// How far an ensemble has come, all members together.
private final class FitProgress: Sendable {
    private let done = Locked<[Int: Double]>([:])
    private let members: Int

    init(members: Int) { self.members = members }

    func fraction(after step: FitStep) -> Double {
        done.withLock { done in
            done[step.member] = Double(step.stepsDone) / Double(max(1, step.stepsAllowed))
            return done.values.reduce(0, +) / Double(members)
        }
    }
}
