import ArgumentParser
import Runs

/// What the verbs on a screen have in common.
struct ScreenJobOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("A screen: \(FileOptions.formats).", valueName: "in"))
    var input: String

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var force: ForceOption
    @OptionGroup var console: ConsoleOptions

    /// To be called first: limits the cores in use and refuses an output that must not be replaced.
    func prepare(output: String) throws {
        console.prepare(hint: "run the same command again")
        try OutputFile.claim(output, force: force.force)
    }

    func job(output: String, features: String? = nil, settings: [String] = []) throws -> ScreenJob {
        try prepare(output: output)
        return try ScreenJob(
            input: input, configuration: configuration.file, settings: configuration.settings + settings,
            features: features,
            console: console.console)
    }
}

struct StructureVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "structure",
        abstract: "Which genes cause which: a probability for every ordered pair, without training.",
        discussion: """
            Interventions come from a layer `interventions` (0/1, cells × genes), else from the perturbations whose targets \
            are measured genes. Counts are brought to the median total and replaced by ln(1 + x); where fewer than \
            \(ScreenJob.genesForTotals) genes are measured, whose totals follow single genes, by ln(1 + x) only \
            (preprocess.minGenesForTotals, preprocess.targetSum).

            The file is walked through in blocks of cells. Panels of more than structure.genesAtOnce genes (by default 500, \
            with weights of the network avici the largest panel of their training) are read in overlapping subsets in which \
            every pair of genes meets; a subset misses the causes outside of it, so probabilities are too high there. More \
            cells than structure.cellsAtMost (by default ten million values of a subset) are drawn at random within each \
            intervention.

            Weights are of one of two networks: pairwise, which ships, reads statistics of pairs of genes; avici, the \
            published one, reads cell by cell (see Pipelines/Weights/export_avici.py), and its time grows with the square \
            of the cells (structure.cellsAtMost). Both give the same table.

            The acyclic decoding is the most probable acyclic graph, were edges independent: the edges above 0.5, less those \
            of least log-odds that break all cycles among them (exact where at most 16 genes lie on common cycles). Graphs \
            of --samples are independent edges of these probabilities, given that they close no cycle; the table sample, \
            source, target has a row for each edge, and one without genes for a graph without edges. They are drawn by eight \
            chains; where these differ by more than chance in the share of an edge, a note says of how many edges.

            Genes that are the same in all cells have edges of probability 0. Panels have 2 to 2,000 genes, and at least 20 \
            cells.

            Classical methods, for comparison, need no weights and write the table only. Their column `probability` holds a \
            score or a frequency, not a calibrated probability:
            \(StructureMethod.legend)
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("The table source, target, probability.", valueName: "edges.tsv"))
    var output: String

    @Option(help: ArgumentHelp("Weights that ship (see `weights list`), or a file.", valueName: "name|file"))
    var weights: String?

    @Option(help: ArgumentHelp("How edges are found.", valueName: "name"))
    var method = StructureMethod.amortised

    @Option(
        help: ArgumentHelp(
            "Draw the cells anew so often, 20 times or more, and add the columns low and high: 5 % and 95 % quantiles "
                + "of the probability.",
            valueName: "n"))
    var resamples: Int?

    @OptionGroup var written: StructureOutputOptions

    @OptionGroup var options: ScreenJobOptions

    func validate() throws {
        if let resamples, let reason = RunConfiguration.StructureStage.refusal(ofResamples: resamples) {
            throw ValidationError("--resamples: \(reason)")
        }
        guard method != .amortised else { return }
        if weights != nil {
            throw ValidationError("--weights belongs to --method amortised; classical methods have none")
        }
        if let option = resamples == nil ? written.named.first : "--resamples" {
            throw ValidationError(
                "\(option) belongs to --method amortised; scores of classical methods are no probabilities")
        }
    }

    func run() throws {
        try written.outputs.claim(beside: output, of: options.input, force: options.force.force)
        let settings = resamples.map { ["structure.resamples=\($0)"] } ?? []
        let job = try options.job(output: output, settings: settings)
        let json =
            switch method {
            case .amortised: try job.structure(to: output, weights: weights, outputs: written.outputs).json
            case .classical(let method): try job.discover(to: output, method: method).json
            }
        if options.console.json { print(json) }
    }
}

struct FitVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit", abstract: "Fits the generative intervention model to a screen.",
        discussion: """
            fit.method=responses, the default, draws graphs, targets, effects and dose curves from their posterior and \
            tells unseen perturbations from their features; its 90 % intervals are calibrated on treatments of the screen \
            that it predicts as if they had not been measured. fit.method=published fits one network from features to \
            interventions by gradients, from several seeds.

            Writes model.safetensors, model.json, edges.tsv and targets.tsv into a folder, with the controls.
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("Folder for the model.", valueName: "model"))
    var output: String

    @Option(help: ArgumentHelp("Features or SMILES, one row a perturbation.", valueName: "table"))
    var features: String?

    @Option(
        help: ArgumentHelp(
            "Edge probabilities as `structure` writes them; predicted where not given.", valueName: "edges.tsv"))
    var edges: String?

    @Flag(help: "Go on from the checkpoint of an interrupted fit.")
    var resume = false

    @OptionGroup var dry: DryRunOption

    @OptionGroup var options: ScreenJobOptions

    func run() throws {
        let job = try options.job(output: output, features: features)
        if dry.dryRun {
            print(try job.fitPlan())
        } else {
            try job.fit(to: output, edges: edges, resume: resume)
        }
    }
}

extension StructureMethod: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public static var allValueStrings: [String] { names }
    public var defaultValueDescription: String { "amortised" }
}
