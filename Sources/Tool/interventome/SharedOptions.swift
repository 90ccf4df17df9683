import ArgumentParser
import Foundation
import Runs

/// How a verb speaks and how many threads it takes: the same for every verb.
struct ConsoleOptions: ParsableArguments {
    @Option(
        name: [.customShort("@"), .customLong("threads")],
        help: ArgumentHelp("Worker threads; results do not depend on it (default: all cores).", valueName: "n"))
    private var requestedThreads: Int?

    @Flag(name: [.short, .long], help: "Say nothing but errors.")
    var quiet = false

    @Flag(name: [.short, .long], help: "Also say what was decided and on what evidence.")
    var verbose = false

    @Option(help: "Progress as a bar, as plain lines or as one JSON object a line (default: bar on a terminal).")
    var progress: Progress?

    @Flag(help: "Print one JSON object on standard output; errors as JSON on standard error.")
    var json = false

    enum Progress: String, ExpressibleByArgument, CaseIterable {
        case bar, lines, jsonl
    }

    mutating func validate() throws {
        guard (1...1024).contains(threads) else {
            throw ValidationError("--threads takes 1 to 1024, not \(threads)")
        }
        guard !(quiet && verbose) else { throw ValidationError("--quiet and --verbose exclude each other") }
    }

    var threads: Int { requestedThreads ?? ProcessInfo.processInfo.activeProcessorCount }

    /// To be called first: limits the cores in use and has signals end the process cleanly.
    func prepare(hint: String) {
        Workers.limit(to: threads)
        Interruption.handle(json: json, resumeHint: hint)
    }

    var console: Console {
        let style = quiet ? .quiet : progress.flatMap { Console.Style(rawValue: $0.rawValue) } ?? Console.automaticStyle
        return Console(style: style, isVerbose: verbose)
    }
}

struct SeedOption: ParsableArguments {
    @Option(help: ArgumentHelp("The same seed gives the same bytes at any number of threads.", valueName: "n"))
    var seed: UInt64 = 0
}

/// For verbs with a configuration that has a seed of its own.
struct SeedOverride: ParsableArguments {
    @Option(help: ArgumentHelp("Overrides the configuration's seed (0 where it says none).", valueName: "n"))
    var seed: UInt64?

    /// As a setting that is laid over the configuration.
    var settings: [String] { seed.map { ["seed=\($0)"] } ?? [] }
}

/// A configuration and what is laid over it, for verbs whose input is an argument.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("A configuration as for `run`; its own input is not used.", valueName: "file"))
    var file: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides one key, such as preprocess.topGenes=40.", valueName: "key=value"))
    var overrides: [String] = []

    @OptionGroup var seed: SeedOverride

    var settings: [String] { overrides + seed.settings }
}

/// What the verbs that train have in common.
struct TrainingOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The weights.", valueName: "file.safetensors"))
    var output: String

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("Settings that differ from the defaults (YAML).", valueName: "file"))
    var configuration: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides one setting, such as steps=200.", valueName: "key=value"))
    var overrides: [String] = []

    @Flag(help: "Go on from the checkpoint of an interrupted training.")
    var resume = false

    @OptionGroup var dry: DryRunOption
    @OptionGroup var seed: SeedOverride
    @OptionGroup var force: ForceOption
    @OptionGroup var console: ConsoleOptions

    var settings: [String] { overrides + seed.settings }
}

struct DryRunOption: ParsableArguments {
    @Flag(help: "Say what would be done, and stop.")
    var dryRun = false
}

struct ForceOption: ParsableArguments {
    @Flag(help: "Replace an output that exists.")
    var force = false
}
