import ArgumentParser
import Runs

extension MechanismJob.Method: ExpressibleByArgument {}

/// How mechanisms are read off cells.
struct MechanismReadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Acyclic, over genes of the data: JSON, a table of edges, GraphML or DOT, as for `identify`.",
            valueName: "file"))
    var graph: String?

    @Option(
        help: ArgumentHelp(
            "Cells that mechanisms are read from, such as perturbation=control (default: all).",
            valueName: "column=label"))
    var context: String?

    @Option(help: "amortised: by a pretrained network at once (default); evidence: fitted; linear: least squares.")
    var method: MechanismJob.Method?

    @Option(help: ArgumentHelp("Weights of `pretrain mechanisms` (default: those that ship).", valueName: "file"))
    var weights: String?

    func job(
        _ input: FileOptions, settings: [String] = [], console: ConsoleOptions
    ) throws -> MechanismJob {
        var job = try MechanismJob(
            input: input.file, graph: graph, settings: settings, configuration: try input.loaded(),
            console: console.console)
        job.method = method ?? .amortised
        job.weights = weights
        job.context = context
        return job
    }
}

/// What the verbs that answer with cells have in common.
struct MechanismOptions: ParsableArguments {
    @OptionGroup var input: FileOptions
    @OptionGroup var reading: MechanismReadingOptions

    @Option(
        help: ArgumentHelp(
            "Mechanisms that `mechanisms fit` has read, instead of a graph and cells to read them from.",
            valueName: "file"))
    var model: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The answer: .h5ad, .csv or .tsv.", valueName: "out"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "Acyclic graphs drawn from a table source, target, probability, with functions drawn too: their mean, and 90 % "
                + "of them within the layers lower and upper; of means over cells, the columns mean_lower and mean_upper of "
                + "var.", valueName: "n"))
    var graphSamples: Int?

    @OptionGroup var seed: SeedOption
    @OptionGroup var force: ForceOption
    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if let graphSamples, !(1...10_000).contains(graphSamples) {
            throw ValidationError("--graph-samples takes 1 to 10000, not \(graphSamples)")
        }
        if model == nil {
            guard reading.graph != nil else { throw ValidationError("--graph is missing, or --model") }
        } else {
            for (name, isGiven) in [
                ("graph", reading.graph != nil), ("context", reading.context != nil), ("method", reading.method != nil),
                ("weights", reading.weights != nil), ("graph-samples", graphSamples != nil),
            ] where isGiven { throw ValidationError("--\(name) does not go with --model, which has its own") }
        }
    }

    func run(_ question: MechanismJob.Question, settings: [String] = []) throws {
        console.prepare(hint: "run the same command again")
        try OutputFile.claim(output, force: force.force)
        var job = try reading.job(input, settings: settings, console: console)
        job.fitted = model
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
        subcommands: [Fit.self, Noise.self, Generate.self, Intervene.self, Counterfactual.self])

    struct Fit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads the mechanisms once, for the other verbs to answer from.",
            discussion: """
                Beside the file stands NAME.genes.tsv: how much of each gene its parents explain in cells that the \
                mechanism has not seen, and the standard deviation of the rest.

                Example:  interventome mechanisms fit CELLS.h5ad --graph G.json --context perturbation=control \
                -o MODEL.safetensors
                """)

        @OptionGroup var input: FileOptions
        @OptionGroup var reading: MechanismReadingOptions

        @Option(
            name: .shortAndLong, help: ArgumentHelp("The mechanisms, with the cells.", valueName: "model.safetensors"))
        var output: String

        @OptionGroup var force: ForceOption
        @OptionGroup var console: ConsoleOptions

        func validate() throws {
            guard reading.graph != nil else { throw ValidationError("--graph is missing") }
        }

        func run() throws {
            console.prepare(hint: "run the same command again")
            for file in [output, OutputFile.beside(output, "genes.tsv")] {
                try OutputFile.claim(file, force: force.force)
            }
            let summary = try reading.job(input, console: console).fit(to: output, threads: console.threads)
            if console.json { print(summary.json) }
        }
    }

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
                Writes NAME.safetensors and its card, and beside them NAME.history.tsv and NAME.learning.svg: how far \
                mechanisms are from the truth in worlds that training does not meet, beside least squares. A checkpoint \
                stands beside them until training is done; a signal (Ctrl-C) writes one and stops.

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
