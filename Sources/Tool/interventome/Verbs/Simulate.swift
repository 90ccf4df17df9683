import ArgumentParser
import Runs

struct SimulateVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Data with known truth.",
        subcommands: [Screen.self, Model.self, Regulation.self])

    struct Screen: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "screen",
            abstract:
                "A drug screen: single cells, drug features, planted network, targets and dose response.",
            discussion: """
                Writes screen.h5ad, features.tsv, truth.json and edges.tsv into a folder.
                Measurement: counts (UMIs), values. Mechanisms: linear, perceptron. Graphs: erdosRenyi, scaleFree, \
                scaleFreeTransposed (hubs regulate). Target sharing: classes, none (every drug its own).
                heldOutDoses=[5] and heldOutDrugs=4 add test.h5ad, whose column `split` says partial_ood (other doses) or \
                full_ood (other drugs), and test.tsv, its treatments as `predict --perturbations` takes them.
                """)

        @Option(
            help: ArgumentHelp(
                "A published distribution in place of the defaults: gim (Schneider et al. 2025, synthetic experiment).",
                valueName: "name"))
        var preset: Simulation.ScreenPreset?

        @OptionGroup var files: SimulationOptions
        @OptionGroup var options: ConsoleOptions

        func run() throws {
            try files.claim(options)
            try Simulation.drugScreen(
                preset: preset, configuration: files.configuration, settings: files.settings, seed: files.seed.seed,
                output: files.output)
        }
    }

    struct Model: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "scm",
            abstract: "Cells of a structural causal model, linear or nonlinear, with single-gene interventions.",
            discussion: """
                Writes data.h5ad (layer `interventions`, column `target`), truth.json (graph, mechanisms, noise, targets) \
                and edges.tsv into a folder; of several datasets each into a folder of its own.
                Graphs: erdosRenyi, scaleFree, scaleFreeTransposed, wattsStrogatz, stochasticBlock, geometric, geneNetwork \
                (modules of ecoli, yeast or a file `regulator target effect`). Mechanisms: linear, randomFourier, hill. Noise: \
                gaussian, laplace, cauchy, of constant or heteroscedastic scale. Interventions: hard, shift.
                """)

        @Option(
            help: ArgumentHelp(
                "A published distribution (Lorch et al. 2022) in place of the defaults.", valueName: "name"))
        var preset: Simulation.Preset?

        @OptionGroup var batch: BatchOption
        @OptionGroup var files: SimulationOptions
        @OptionGroup var options: ConsoleOptions

        func run() throws {
            try files.claim(options)
            let cost = try Simulation.causalModel(
                preset: preset, configuration: files.configuration, settings: files.settings, datasets: batch.datasets,
                seed: files.seed.seed, output: files.output)
            if options.json { print(JSONText.of(cost)) }
        }
    }
}

extension SimulateVerb {
    struct Regulation: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "grn",
            abstract: "Cells of a gene regulatory network (SERGIO): counts of cell types and single-gene knock-outs.",
            discussion: """
                Writes data.h5ad (counts, layer `interventions`, columns `cell_type`, `perturbation`, `target`, \
                `is_control`), truth.json (kinetics, technical noise, mean expression before it) and edges.tsv (with \
                strengths, negative where the source represses) into a folder; of several datasets each into a folder of \
                its own.
                Technologies: 10x-chromium, illumina, drop-seq, smart-seq, none (expression instead of counts). Graphs are \
                those of `simulate scm`; remainingProductions=[0.5] makes knock-downs of knock-outs.
                """)

        @Option(
            help: ArgumentHelp(
                "A published distribution (Lorch et al. 2022; default: train).", valueName: "name"))
        var preset: Simulation.RegulationPreset?

        @Option(
            help: ArgumentHelp(
                "Lines `regulator target effect` (+, -, ?, or a strength as in edges.tsv): this whole network takes the place of drawn ones.",
                valueName: "file"))
        var network: String?

        @OptionGroup var batch: BatchOption
        @OptionGroup var files: SimulationOptions
        @OptionGroup var options: ConsoleOptions

        func run() throws {
            try files.claim(options)
            let cost = try Simulation.geneRegulation(
                preset: preset, network: network, configuration: files.configuration, settings: files.settings,
                datasets: batch.datasets, seed: files.seed.seed, output: files.output)
            if options.json { print(JSONText.of(cost)) }
        }
    }
}

/// For simulations that give many datasets in one call.
struct BatchOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How many datasets; several stand in folders that datasets.json lists. --json tells the processor time of drawing one.",
            valueName: "n"))
    var datasets = 1

    func validate() throws {
        guard (1...1_000_000).contains(datasets) else {
            throw ValidationError("--datasets takes 1 to 1000000, not \(datasets)")
        }
    }
}

extension Simulation.Preset: ExpressibleByArgument {}
extension Simulation.ScreenPreset: ExpressibleByArgument {}
extension Simulation.RegulationPreset: ExpressibleByArgument {}

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
