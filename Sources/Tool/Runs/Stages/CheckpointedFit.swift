import Foundation
import Graphs
import Interventions
import KernelMechanisms
import Mechanisms
import Responses
import ScreenModels
import Screens

/// A fit that writes its state to a file now and then, and goes on from it.
struct CheckpointedFit {
    /// What the file holds; `key` says of which fit it is the state.
    private struct Checkpoint<State: Codable>: Codable {
        var schema = CheckpointedFit.schema
        var key: String
        var state: State
    }

    private static let schema = 3

    /// Seconds between two checkpoints.
    private static let interval = 5.0
    /// Steps between two looks at the clock.
    private static let steps = 100
    /// Parts of a fit of responses that say of themselves that they begin, about.
    private static let responseParts = 8.0

    let file: String
    /// Digest of everything the fit depends on.
    let key: String

    /// Fits from the checkpoint, where there is one of the same fit, else from the beginning. The file stays: `discard` it
    /// once the model is written.
    func run(
        _ screen: any ScreenCells, beliefs: EdgeBeliefs, options: RunConfiguration.FitStage, seed: UInt64,
        console: Console
    ) throws -> any PerturbationModel {
        let beliefs = try options.raised(beliefs)
        switch options.method {
        case .responses:
            return try run(
                screen, beliefs: beliefs, options: options.responses, mechanisms: options.mechanismReader(), seed: seed,
                console: console)
        case .published:
            return try run(
                screen.held(cells: Array(screen.contextOfCell.indices)), beliefs: beliefs, options: options.published,
                seed: seed, console: console)
        }
    }

    /// What the cells say is kept: it takes longest, and all else follows from it.
    private func run(
        _ screen: any ScreenCells, beliefs: EdgeBeliefs, options: ScreenModelOptions,
        mechanisms: (any MechanismModel)?, seed: UInt64, console: Console
    ) throws -> ScreenModel {
        let fit = try ScreenModelFit(
            screen: screen, beliefs: beliefs.isInformative ? beliefs : nil, options: options,
            mechanisms: mechanisms, seed: seed)
        var parts = 0.0
        func report(_ part: String) {
            console.advance(to: min(parts / Self.responseParts, 1), part)
            console.detail(part)
            parts += 1
        }
        let responses: ResponsePosterior
        if let earlier = load(ResponsePosterior.self, console) {
            responses = earlier
        } else {
            responses = try fit.responses(report: report)
            try save(responses)
        }
        return try fit.model(responses, report: report)
    }

    private func run(
        _ screen: PerturbationScreen, beliefs: EdgeBeliefs, options: FitOptions, seed: UInt64, console: Console
    ) throws -> InterventionModel {
        var screen = screen
        if screen.features != nil, case let without = screen.perturbationsWithoutFeatures, !without.isEmpty {
            console.note(
                "\(without.count) perturbations have no features, without which this method fits none: they were left out "
                    + "(\(without.prefix(5).joined(separator: ", "))).")
            screen = screen.subset(perturbations: Set(screen.perturbations).subtracting(without))
        }
        var fit = try InterventionFit(
            screen: screen, beliefs: beliefs, options: options, seed: seed, resuming: load(FitState.self, console))
        let progress = FitProgress(members: options.ensembleSize)
        var saved = Date()
        while !fit.state.isFinished {
            try fit.advance(by: Self.steps) { step in
                console.advance(to: progress.fraction(after: step), "loss \(String(format: "%.4g", step.point.loss))")
            }
            if Date().timeIntervalSince(saved) > Self.interval {
                try save(fit.state)
                saved = Date()
            }
        }
        return try fit.model()
    }

    func discard() { try? FileManager.default.removeItem(atPath: file) }

    private func save(_ state: some Codable) throws {
        try OutputFile.write(CanonicalJSON.encode(Checkpoint(key: key, state: state)), to: file)
    }

    private func load<State: Codable>(_: State.Type, _ console: Console) -> State? {
        guard
            let data = FileManager.default.contents(atPath: file),
            let checkpoint = try? CanonicalJSON.decode(Checkpoint<State>.self, from: data),
            checkpoint.schema == Self.schema, checkpoint.key == key
        else { return nil }
        console.note("The fit goes on from \(URL(fileURLWithPath: file).lastPathComponent).")
        return checkpoint.state
    }
}

extension RunConfiguration.FitStage {
    /// Beliefs with what is known of regulation.
    func raised(_ beliefs: EdgeBeliefs) throws -> EdgeBeliefs {
        guard let network else { return beliefs }
        guard networkOddsFactor >= 1, networkOddsFactor.isFinite else {
            throw Failure.configuration(
                file: nil, element: "fit.networkOddsFactor", message: "expected 1 or more, found \(networkOddsFactor)",
                remedy: "correct fit.networkOddsFactor in the configuration")
        }
        return beliefs.raised(by: try KnownNetworks.read(KnownNetworks.file(network)), oddsFactor: networkOddsFactor)
    }

    /// Digests of files that decide the fit.
    func inputs() throws -> [String] {
        let files = [network.map(KnownNetworks.file), priorMechanisms ? try AmortisedKernelModel.shippedFile() : nil]
        return try files.compactMap { $0 }.map(Fingerprint.ofFile)
    }

    /// What reads the prior means of mechanisms; nil where none are wanted.
    func mechanismReader() throws -> (any MechanismModel)? {
        guard priorMechanisms else { return nil }
        return try AmortisedKernelModel.shipped()
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
