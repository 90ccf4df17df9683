import ArgumentParser
import Runs

struct EvaluateVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Predictions beside what was measured: every metric, baselines, noise ceilings, intervals.",
        discussion: """
            The last file is the measured screen, those before it are predictions: h5ad files as `predict` writes them, \
            tables of shifts, or tables with the columns file, model, fold and controls that list such files. Without \
            predictions the baselines are judged alone.

            A split says which treatments are tested. In the variant shared, shifts of predictions and of the truth are \
            taken against the same controls, as papers do; in disjoint against disjoint halves, the mean over several \
            divisions: judge by these. Cells are compared as they are, and so are the genes that a rank test tells apart.

            Beside models and baselines stand cells of another treatment, which bound from below what a metric can see, \
            and half of the treatment's own cells, which bound from above what noise allows. Notes say whether metrics \
            agree on who is best.

            Writes scores to TABLE.tsv, models beside baselines to TABLE.summary.tsv, and both with the checksums of all \
            inputs to TABLE.json; prints the means of a few metrics.
            """)

    @Argument(help: ArgumentHelp("Predictions, and the measured screen.", valueName: "predicted> … <truth"))
    var files: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("The table of scores.", valueName: "table.tsv"))
    var output: String

    @Option(help: ArgumentHelp("Which treatments are tested, as `split` writes it.", valueName: "split.tsv"))
    var split: String?

    @Option(help: ArgumentHelp("Training cells, where they are in a file of their own.", valueName: "file"))
    var training: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "With --training: cells of the truth that are judged, such as split=partial_ood.",
            valueName: "column=value,…"))
    var filters: [String] = []

    @Option(help: ArgumentHelp("Features or SMILES, one row a perturbation, for the baselines.", valueName: "table"))
    var features: String?

    @Option(help: ArgumentHelp("The fold of the split that was predicted, or is judged.", valueName: "n"))
    var fold: Int?

    @Option(
        help: ArgumentHelp(
            "The division of controls that the model has seen, from 0 on (default: it has seen all).", valueName: "n"))
    var division: Int?

    @Flag(help: "Judge baselines with shared controls only.")
    var sharedOnly = false

    @Flag(help: "Compare shifts of means only, no cells.")
    var shiftsOnly = false

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var force: ForceOption
    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("expected the measured screen") }
        if split != nil, training != nil { throw ValidationError("--split and --training exclude each other") }
        if !filters.isEmpty, training == nil { throw ValidationError("--where belongs to --training") }
        for filter in filters where !filter.contains("=") {
            throw ValidationError("--where takes column=value, not \(filter)")
        }
        if let fold, fold < 1 { throw ValidationError("--fold takes 1 and more, not \(fold)") }
        if let division, division < 0 { throw ValidationError("--division takes 0 and more, not \(division)") }
    }

    func run() throws {
        console.prepare(hint: "run the same command again")
        for path in [
            output, EvaluationJob.summaryFile(beside: output), EvaluationJob.recordFile(beside: output),
        ] {
            try OutputFile.claim(path, force: force.force)
        }
        var request = EvaluationJob.Request()
        request.predictions = Array(files.dropLast())
        request.split = split
        request.training = training
        for filter in filters {
            let parts = filter.split(separator: "=", maxSplits: 1).map(String.init)
            request.judged[parts[0]] = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []
        }
        request.fold = fold ?? 1
        request.folds = fold.map { [$0] } ?? []
        request.division = division
        request.usesDisjointControls = !sharedOnly
        request.comparesCells = !shiftsOnly
        let job = try EvaluationJob(
            truth: files[files.count - 1], configuration: configuration.file,
            settings: configuration.settings, features: features, console: console.console)
        let overview = try job.evaluate(request, to: output)
        print(console.json ? JSONText.of(["evaluation": EvaluationJob.recordFile(beside: output)]) : overview)
    }
}
