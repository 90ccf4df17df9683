import ArgumentParser
import Runs

struct InspectVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "What a file holds, and what would be assumed of it.")

    @Argument(help: ArgumentHelp("A matrix: h5ad, csv or tsv (also .gz).", valueName: "file"))
    var file: String

    @OptionGroup var options: ConsoleOptions

    func run() throws {
        let inspection = try Inspection.of(file: file)
        print(options.json ? inspection.json : inspection.text)
    }
}
