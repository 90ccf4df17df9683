import ArgumentParser
import Runs

struct InspectVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "What a file holds, and what would be assumed of it.")

    @Argument(help: ArgumentHelp("A matrix: h5ad, csv or tsv (also .gz).", valueName: "file"))
    var file: String

    @Flag(help: "With --json: also nonzero entries, last names and the SHA-256 of the dense matrix.")
    var digest = false

    @OptionGroup var options: ConsoleOptions

    func validate() throws {
        guard !digest || options.json else { throw ValidationError("--digest goes with --json") }
    }

    func run() throws {
        let inspection = try Inspection.of(file: file, digest: digest)
        print(options.json ? inspection.json : inspection.text)
    }
}
