import ArgumentParser
import Runs

struct WeightsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights", abstract: "Weights that ship, with their cards.", subcommands: [List.self, Show.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "The weights that ship.")

        @OptionGroup var options: ConsoleOptions

        func run() throws { print(options.json ? try Weights.listJSON() : try Weights.listText()) }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "The card of weights: training, validation, intended use, limits.")

        @Argument(help: ArgumentHelp("A name of `weights list`, or a file.", valueName: "name|file"))
        var name: String

        @OptionGroup var options: ConsoleOptions

        func run() throws { print(options.json ? try Weights.cardJSON(name) : try Weights.cardText(name)) }
    }
}

struct PretrainVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain", abstract: "Trains an amortised model on simulated worlds.",
        subcommands: [Structure.self])

    struct Structure: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "structure", abstract: "Trains the structure predictor.",
            discussion: "Writes FILE.safetensors and its card; checkpoints stand beside it until it is done.")

        @Option(name: .shortAndLong, help: ArgumentHelp("The weights.", valueName: "file.safetensors"))
        var output: String

        @Option(
            name: .customLong("config"),
            help: ArgumentHelp("Settings that differ from the defaults (YAML).", valueName: "file"))
        var configurationFile: String?

        @Option(
            name: .customLong("set"),
            help: ArgumentHelp("Overrides one setting, such as steps=200.", valueName: "key=value"))
        var settings: [String] = []

        @Flag(help: "Go on from the checkpoint of an interrupted training.")
        var resume = false

        @OptionGroup var dry: DryRunOption

        @OptionGroup var seed: SeedOverride
        @OptionGroup var force: ForceOption
        @OptionGroup var options: ConsoleOptions

        func run() throws {
            options.prepare(hint: "run the same command with --resume to go on")
            try OutputFile.claim(output, force: force.force)
            let job = try PretrainingJob(
                configuration: configurationFile, settings: settings + seed.settings, console: options.console)
            if dry.dryRun {
                print(job.plan)
            } else {
                try job.run(to: output, resume: resume, threads: options.threads)
            }
        }
    }
}
