import ArgumentParser
import Runs

struct CompareVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Genes that tell groups of cells from a reference, and how far the groups are from it.",
        discussion: """
            TABLE.tsv has one row a group and gene, by falling score:
              group, gene
              score              z (wilcoxon) or t; above 0 where the group is higher
              log2_fold_change   of means, as scanpy: log2((expm1(a) + 1e-9) / (expm1(b) + 1e-9))
              p_value            two-sided
              p_adjusted         for all genes of the group
              mean_group, mean_reference          of the values compared
              fraction_group, fraction_reference  of cells whose value is not 0

            TABLE.distances.tsv has one row a group and metric:
              group, metric, variant   the name, and which of the quantities of that name
              value
              p_value                  of the permutation test
              p_adjusted               for all groups
              cells                    of the group

            Values are compared as ln(1 + x). Counts are normalised to the median total and replaced by their logarithms \
            first; other scales are taken as they are, and what that means for fold changes is said. \
            Distances are taken in principal components of highly variable genes of the cells compared.

            Metrics: \(ComparisonOptions.Metric.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("The table of genes.", valueName: "table.tsv"))
    var output: String

    @Option(help: ArgumentHelp("The obs column of the groups.", valueName: "column"))
    var groupby: String

    @Option(help: ArgumentHelp("The label to compare with, or rest: all other cells.", valueName: "label"))
    var reference: String

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Labels to compare (default: all others).", valueName: "label"))
    var groups: [String] = []

    @Option(help: ArgumentHelp("Smaller groups are left out.", valueName: "n"))
    var minimumCells = 2

    @Option(help: ArgumentHelp("The layer to compare, or raw (default: the main matrix).", valueName: "name"))
    var layer: String?

    @Option(
        help: ArgumentHelp(
            "What the values are: counts, log1p, logIntensity, intensity or scaled (default: by the data).",
            valueName: "scale"))
    var scale: String?

    @Option(help: "How genes are tested.")
    var method = ComparisonOptions.Method.wilcoxon

    @Flag(help: "Correct the variance of wilcoxon for ties (scanpy's tie_correct).")
    var tieCorrect = false

    @Option(help: "How p-values of genes are adjusted.")
    var adjust = Adjustment.benjaminiHochberg

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Distances to take: metrics, all or none (default: e-distance).", valueName: "metric"))
    var distances: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where distances are taken: pca, genes, or an embedding of the file such as X_pca.", valueName: "space"))
    var space = "pca"

    @Option(help: ArgumentHelp("Highly variable genes of pca and genes.", valueName: "n"))
    var variableGenes = 2000

    @Option(help: ArgumentHelp("Components of pca.", valueName: "n"))
    var components = 50

    @Option(
        help: ArgumentHelp(
            "Cells of each group that distances look at, drawn at random (default: all).", valueName: "n"))
    var cellsAtMost: Int?

    @Option(help: ArgumentHelp("Permutations of labels behind p-values of distances; 0: none.", valueName: "n"))
    var permutations = 1000

    @Option(help: "p-values from permutations: (k + 1) / (B + 1), or max(1, k) / B as scperturb.")
    var permutationP = Convention.addOne

    @Option(help: "How p-values of distances are adjusted.")
    var adjustDistances = Adjustment.holmSidak

    @OptionGroup var input: FileOptions
    @OptionGroup var seed: SeedOverride
    @OptionGroup var force: ForceOption
    @OptionGroup var console: ConsoleOptions

    enum Adjustment: String, ExpressibleByArgument, CaseIterable {
        case benjaminiHochberg = "benjamini-hochberg"
        case bonferroni
        case holmSidak = "holm-sidak"

        var value: ComparisonOptions.Adjustment {
            switch self {
            case .benjaminiHochberg: .benjaminiHochberg
            case .bonferroni: .bonferroni
            case .holmSidak: .holmSidak
            }
        }
    }

    enum Convention: String, ExpressibleByArgument, CaseIterable {
        case addOne = "add-one"
        case scperturb
    }

    func validate() throws {
        for (name, value, least) in [
            ("--minimum-cells", minimumCells, 2), ("--variable-genes", variableGenes, 2),
            ("--components", components, 1), ("--permutations", permutations, 0),
            ("--cells-at-most", cellsAtMost ?? 2, 2),
        ] {
            guard (least...1_000_000_000).contains(value) else {
                throw ValidationError("\(name) takes a number from \(least) on, not \(value)")
            }
        }
        guard permutations <= 10_000_000 else { throw ValidationError("--permutations takes at most 10,000,000") }
        guard !tieCorrect || method == .wilcoxon else {
            throw ValidationError("--tie-correct goes with --method wilcoxon")
        }
        _ = try metrics()
    }

    private func metrics() throws -> [ComparisonOptions.Metric] {
        if distances.isEmpty { return [.eDistance] }
        if distances == ["none"] { return [] }
        if distances == ["all"] { return ComparisonOptions.Metric.allCases }
        let found = distances.flatMap { $0.split(separator: ",") }.map(String.init)
        return try found.map { name in
            guard let metric = ComparisonOptions.Metric(rawValue: name) else {
                let known = ComparisonOptions.Metric.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--distances takes \(known), all or none, not \(name)")
            }
            guard found.count(where: { $0 == name }) == 1 else {
                throw ValidationError("--distances names \(name) twice")
            }
            return metric
        }
    }

    func run() throws {
        console.prepare(hint: "run the same command again")
        let metrics = try metrics()
        try OutputFile.claim(output, force: force.force)
        if !metrics.isEmpty {
            try OutputFile.claim(ComparisonJob.distancesFile(beside: output), force: force.force)
        }
        var options = ComparisonOptions(groupby: groupby, reference: reference)
        options.groups = groups
        options.minimumCells = minimumCells
        options.layer = layer
        options.method = method
        options.tieCorrected = tieCorrect
        options.adjustment = adjust.value
        options.distances = metrics
        options.space = space == "pca" ? .principalComponents : space == "genes" ? .genes : .embedding(space)
        options.variableGenes = variableGenes
        options.components = components
        options.cellsAtMost = cellsAtMost
        options.permutations = permutations
        options.convention = permutationP == .addOne ? .addOne : .scPerturb
        options.distanceAdjustment = adjustDistances.value
        let settings = seed.settings + (scale.map { ["preprocess.scale=\($0)"] } ?? [])
        let job = ComparisonJob(
            input: input.file, configuration: try input.loaded(adding: settings), options: options,
            console: console.console)
        let summary = try job.run(to: output)
        if console.json { print(summary.json) }
    }
}

extension ComparisonOptions.Method: ExpressibleByArgument {}
