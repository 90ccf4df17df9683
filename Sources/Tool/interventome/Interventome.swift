import ArgumentParser
import Foundation
import Runs

@main
struct Interventome: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interventome",
        abstract: "From a perturbation screen to the genes behind it: causal structure, predictions, explanations.",
        discussion: """
            Reads single-cell matrices, learns which genes cause which, maps what is known of a perturbation to the \
            genes it intervenes on, predicts perturbations nobody has measured, and explains every prediction gene by \
            gene beside honest baselines.

            Begin with:  interventome demo -o demo
            """,
        version: "interventome \(Build.version)",
        subcommands: [
            DemoVerb.self, RunVerb.self, InspectVerb.self, CheckVerb.self, ConvertVerb.self, PreprocessVerb.self,
            CompareVerb.self, SimulateVerb.self, StructureVerb.self, FitVerb.self, PredictVerb.self, ExplainVerb.self,
            SplitVerb.self, EvaluateVerb.self, IdentifyVerb.self, SampleVerb.self, MechanismsVerb.self,
            PretrainVerb.self, WeightsVerb.self, InfoVerb.self,
        ])

    /// Runs the verb; whatever goes wrong ends in the four-line error and its exit code.
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let json = arguments.contains("--json")
        StandardStreams.secure()
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            Interruption.waitIfUnderway()
            try StandardStreams.finish()
        } catch let negative as NegativeAnswer {
            Foundation.exit(negative.status.rawValue)
        } catch {
            end(with: error, json: json, verb: arguments.first)
        }
    }

    private static func end(with error: any Error, json: Bool, verb: String?) -> Never {
        let failure: Failure
        if let known = error as? Failure {
            failure = known
        } else if exitCode(for: error) == .success {
            // A request for help or the version is no error.
            print(fullMessage(for: error))
            Foundation.exit(0)
        } else if exitCode(for: error) == .validationFailure {
            let known = configuration.subcommands.compactMap { $0.configuration.commandName }
            failure = Failure(
                code: "USAGE", element: "the command line", message: message(for: error),
                remedy: "interventome \(verb.flatMap { known.contains($0) ? "help \($0)" : nil } ?? "--help")",
                exit: .wrongUsage)
        } else {
            failure = Failure(reporting: error)
        }
        Interruption.waitIfUnderway()
        StandardStreams.tell((json ? failure.json : failure.fourLines) + "\n")
        Foundation.exit(failure.exit.rawValue)
    }
}

/// A question answered in the negative: no error, but exit code 1.
struct NegativeAnswer: Error {
    let status = ExitStatus.negative
}
