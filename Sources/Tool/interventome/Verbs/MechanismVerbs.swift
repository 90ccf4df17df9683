import ArgumentParser
import Runs

extension MechanismJob.Method: ExpressibleByArgument {}

/// What the verbs under `mechanisms` have in common.
struct MechanismOptions: ParsableArguments {
    @OptionGroup var input: FileOptions

    @Option(
        help: ArgumentHelp(
            "Acyclic, over genes of the data: JSON, a table of edges, GraphML or DOT, as for `identify`.",
            valueName: "file"))
    var graph: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The answer: .h5ad, .csv or .tsv.", valueName: "out"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "Cells that mechanisms are read from, such as perturbation=control (default: all).",
            valueName: "column=label"))
    var context: String?

    @Option(help: "amortised: by a pretrained network at once; evidence: fitted; linear: least squares.")
    var method = MechanismJob.Method.amortised

    @Option(help: ArgumentHelp("Weights of `pretrain mechanisms` (default: those that ship).", valueName: "file"))
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "Acyclic graphs drawn from a table source, target, probability, with functions drawn too: their mean, and 90 % "
                + "of them within the layers lower and upper.", valueName: "n"))
    var graphSamples: Int?

    @OptionGroup var seed: SeedOption
    @OptionGroup var force: ForceOption
    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if let graphSamples, !(1...10_000).contains(graphSamples) {
            throw ValidationError("--graph-samples takes 1 to 10000, not \(graphSamples)")
        }
    }

    func run(_ question: MechanismJob.Question, settings: [String] = []) throws {
        console.prepare(hint: "run the same command again")
        try OutputFile.claim(output, force: force.force)
        var job = try MechanismJob(
            input: input.file, graph: graph, settings: settings, configuration: try input.loaded(),
            console: console.console)
        job.method = method
        job.weights = weights
        job.context = context
        job.graphSamples = graphSamples
        job.seed = seed.seed
        let summary = try job.run(question, to: output, threads: console.threads)
        if console.json { print(summary.json) }
    }
}

/// The genes that are set.
struct SettingOptions: ParsableArguments {
    @Option(
        name: .customLong("do"),
        help: ArgumentHelp("Sets a gene, in the units of the data; one option for each.", valueName: "gene=value"))
    var settings: [String] = []

    func validate() throws {
        guard !settings.isEmpty else { throw ValidationError("--do is missing") }
    }
}

struct CellCountOption: ParsableArguments {
    @Option(name: .customShort("n"), help: ArgumentHelp("Cells to draw.", valueName: "cells"))
    var cells = 1000

    func validate() throws {
        guard (1...10_000_000).contains(cells) else { throw ValidationError("-n takes 1 to 10000000, not \(cells)") }
    }
}

struct MechanismsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mechanisms",
        abstract:
            "How genes depend on their causes in a known graph: noise, new cells, interventions, counterfactuals.",
        discussion: """
            Every gene of the graph is a smooth function of its parents and noise of its own, x = F(parents) + N. F is a \
            Gaussian process in closed form of which a pretrained network reads the hyperparameters off the cells, so \
            nothing is fitted. Values are used as they are: give normalised, logarithmic ones. At least \
            10 cells; of more than 1,000, 1,000 are read, spread evenly.

            Example:  interventome mechanisms intervene CELLS.h5ad --graph G.json --do GATA1=2.5 -o OUT.h5ad
            """,
        subcommands: [Noise.self, Generate.self, Intervene.self, Counterfactual.self])

    struct Noise: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What parents leave unexplained of every value.")

        @OptionGroup var options: MechanismOptions

        func run() throws { try options.run(.noise) }
    }

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "New cells.")

        @OptionGroup var count: CellCountOption
        @OptionGroup var options: MechanismOptions

        func run() throws { try options.run(.generate(cells: count.cells)) }
    }

    struct Intervene: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "New cells in which genes are set to values.")

        @OptionGroup var setting: SettingOptions
        @OptionGroup var count: CellCountOption
        @OptionGroup var options: MechanismOptions

        func run() throws { try options.run(.intervene(cells: count.cells), settings: setting.settings) }
    }

    struct Counterfactual: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What the very same cells would have been, had genes been set to values.")

        @OptionGroup var setting: SettingOptions
        @OptionGroup var options: MechanismOptions

        func run() throws { try options.run(.counterfactual, settings: setting.settings) }
    }
}

extension PretrainVerb {
    struct Mechanisms: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Trains the reader of mechanisms.",
            discussion: """
                Writes NAME.safetensors and its card, and beside them NAME.history.tsv: how far mechanisms are from the \
                truth in worlds that training does not meet, beside least squares. A checkpoint stands beside them until \
                training is done; a signal (Ctrl-C) writes one and stops.

                The learning rate falls over the last decaySteps; until then --resume goes on with more steps than were \
                planned, to the same bytes as if they had been. decaySteps=0 never lets it fall, and keeps the checkpoint.

                `network: fixedPoints` trains the published network, Cond-FiP, instead: encoderSteps of its encoder, then \
                decoderSteps of its decoder; its file is one for `mechanisms --weights`, too.
                """)

        @OptionGroup var training: TrainingOptions

        func run() throws {
            training.console.prepare(hint: "run the same command with --resume to go on")
            try MechanismPretrainingJob.claim(training.output, resume: training.resume, force: training.force.force)
            let job = try MechanismPretrainingJob(
                configuration: training.configuration, settings: training.settings, console: training.console.console)
            if training.dry.dryRun {
                print(job.plan)
            } else {
                try job.run(to: training.output, resume: training.resume, threads: training.console.threads)
            }
        }
    }
}
