import ArgumentParser
import Runs

struct WeightsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights", abstract: "Weights that ship, with their cards.",
        subcommands: [List.self, Show.self, Import.self])

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

extension WeightsVerb {
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Takes a published AVICI checkpoint that was exported as safetensors.",
            discussion: """
                Pipelines/Weights/export_avici.py exports one where the package avici and its checkpoint are at hand. \
                Every tensor is checked against the card; what is written can be given to --weights.
                """)

        @Argument(help: ArgumentHelp("The exported checkpoint.", valueName: "file"))
        var file: String

        @Option(name: .shortAndLong, help: ArgumentHelp("The weights.", valueName: "file.safetensors"))
        var output: String

        @OptionGroup var force: ForceOption
        @OptionGroup var options: ConsoleOptions

        func run() throws {
            options.prepare(hint: "run the same command again")
            try OutputFile.claim(output, force: force.force)
            try OutputFile.claim(OutputFile.beside(output, "card.json"), force: force.force)
            let weights = try WeightsImport(file)
            print(options.json ? try weights.writeJSON(to: output) : try weights.write(to: output))
        }
    }
}

struct PretrainVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain", abstract: "Trains an amortised model on simulated worlds.",
        subcommands: [Structure.self, Mechanisms.self])

    struct Structure: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "structure", abstract: "Trains the structure predictor.",
            discussion: """
                Writes NAME.safetensors and its card, and beside them NAME.history.tsv and NAME.learning.svg: how well \
                edges are found in worlds that training does not meet. A checkpoint stands beside them until training is \
                done; a signal (Ctrl-C) writes one and stops.

                A learning rate that falls only at the end leaves the end open: with decaySteps set, --resume goes on \
                with more steps than were planned, to the same bytes as if they had been, until the rate falls. \
                decaySteps=0 never lets it fall, and keeps the checkpoint.

                The network is `network: {kind: pairwise, …}`, which reads statistics of pairs of genes, or \
                `{kind: avici, …}`, which reads cells; Pipelines/Pretraining has a configuration of each.
                """)

        @OptionGroup var training: TrainingOptions

        func run() throws {
            training.console.prepare(hint: "run the same command with --resume to go on")
            try PretrainingJob.claim(training.output, resume: training.resume, force: training.force.force)
            let job = try PretrainingJob(
                configuration: training.configuration, settings: training.settings, console: training.console.console)
            if training.dry.dryRun {
                print(job.plan)
            } else {
                try job.run(to: training.output, resume: training.resume, threads: training.console.threads)
            }
        }
    }
}
