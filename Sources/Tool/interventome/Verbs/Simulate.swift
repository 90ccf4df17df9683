import ArgumentParser
import Runs

struct SimulateVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Data with known truth.", subcommands: [Screen.self, Model.self])

    struct Screen: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "screen",
            abstract:
                "A drug screen: counts of single cells, drug features, planted network, targets and dose response.",
            discussion: "Writes screen.h5ad, features.tsv, truth.json and edges.tsv into a folder.")

        @OptionGroup var files: SimulationOptions
        @OptionGroup var options: ConsoleOptions

        func run() throws {
            try files.claim(options)
            try Simulation.drugScreen(
                configuration: files.configuration, settings: files.settings, seed: files.seed.seed,
                output: files.output)
        }
    }

    struct Model: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "scm",
            abstract: "Cells of a structural causal model, linear or nonlinear, with single-gene interventions.",
            discussion: "Writes data.h5ad, truth.json and edges.tsv into a folder.")

        @OptionGroup var files: SimulationOptions
        @OptionGroup var options: ConsoleOptions

        func run() throws {
            try files.claim(options)
            try Simulation.causalModel(
                configuration: files.configuration, settings: files.settings, seed: files.seed.seed,
                output: files.output)
        }
    }
}

struct SimulationOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Folder for the files.", valueName: "dir"))
    var output: String

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("Settings that differ from the defaults (YAML).", valueName: "file"))
    var configuration: String?

    @Option(
        name: .customLong("set"), help: ArgumentHelp("Overrides one setting, such as drugs=12.", valueName: "key=value")
    )
    var settings: [String] = []

    @OptionGroup var seed: SeedOption
    @OptionGroup var force: ForceOption

    func claim(_ options: ConsoleOptions) throws {
        options.prepare(hint: "run the same command again")
        try OutputFile.claim(output, force: force.force)
    }
}
