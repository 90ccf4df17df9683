import ArgumentParser
import Runs

/// What the verbs that look at any file have in common: the file, and how it is read where it does not say so itself.
struct FileOptions: ParsableArguments {
    static let formats = "h5ad, 10x HDF5, loom, zarr (also .zip), csv, tsv or Matrix Market (also .gz), or a 10x folder"

    @Argument(help: ArgumentHelp("A matrix: \(formats).", valueName: "file"))
    var file: String

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("A configuration as for `run`; its own input is not used.", valueName: "file"))
    var configuration: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides one key, such as read.orientation=genesByCells.", valueName: "key=value"))
    var settings: [String] = []

    /// - Parameter others: settings that options of a verb stand for.
    func loaded(adding others: [String] = []) throws -> RunConfiguration {
        try RunConfiguration.load(over: RunConfiguration(), file: configuration, settings: settings + others)
    }
}

struct InspectVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "What a file holds, and what would be assumed of it.")

    @Flag(help: "With --json: also nonzero entries, last names and the SHA-256 of the dense matrix.")
    var digest = false

    @OptionGroup var input: FileOptions
    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        guard !digest || console.json else { throw ValidationError("--digest goes with --json") }
    }

    func run() throws {
        console.prepare(hint: "run the same command again")
        let inspection = try Inspection.of(file: input.file, configuration: input.loaded(), digest: digest)
        print(console.json ? inspection.json : inspection.text)
    }
}

struct CheckVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Everything in a file that would stop or mislead a run, each with a remedy.",
        discussion: "Exit code 1 where there is any.")

    @OptionGroup var input: FileOptions
    @OptionGroup var console: ConsoleOptions

    func run() throws {
        console.prepare(hint: "run the same command again")
        let checkup = try Checkup.of(file: input.file, configuration: input.loaded())
        print(console.json ? checkup.json : checkup.text)
        guard checkup.problems.isEmpty else { throw NegativeAnswer() }
    }
}
