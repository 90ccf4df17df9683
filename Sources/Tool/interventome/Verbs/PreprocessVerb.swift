import ArgumentParser
import Runs

struct PreprocessVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preprocess",
        abstract:
            "Quality control, filtering, normalisation and choice of genes, each only where the scale calls for it.",
        discussion: """
            Counts are normalised to a common total and replaced by ln(1 + x), as scanpy does it; metrics and choices stand \
            in obs and var under scanpy's names. The file is read once, in blocks: memory does not grow with it. The \
            options here are short for keys of the sections `preprocess` and `guides` of a configuration (`--set` takes all \
            of them).
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("The preprocessed screen.", valueName: "out.h5ad"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "Also write sums and means of groups of cells: .h5ad, .tsv or .csv.", valueName: "file"))
    var pseudobulk: String?

    @Option(
        help: ArgumentHelp(
            "An obs column; combinations of those named are the groups (default: perturbation and dose).",
            valueName: "column"))
    var pseudobulkBy: [String] = []

    @OptionGroup(title: "Filters") var filters: FilterOptions
    @OptionGroup(title: "Values and genes") var values: ValueOptions
    @OptionGroup(title: "Standardised values and components") var derived: DerivedOptions
    @OptionGroup(title: "Guides") var guides: GuideVerbOptions

    @Flag(help: "Write matrices with gzip (smaller files, several times the time).")
    var gzip = false

    @OptionGroup var options: ScreenJobOptions

    func validate() throws {
        guard let pseudobulk else {
            guard pseudobulkBy.isEmpty else { throw ValidationError("--pseudobulk-by goes with --pseudobulk") }
            return
        }
        guard [".h5ad", ".tsv", ".csv"].contains(where: pseudobulk.lowercased().hasSuffix) else {
            throw ValidationError("--pseudobulk takes a file that ends in .h5ad, .tsv or .csv, not \(pseudobulk)")
        }
        guard pseudobulk != output else { throw ValidationError("--pseudobulk and --output name one file") }
    }

    func run() throws {
        if let pseudobulk { try OutputFile.claim(pseudobulk, force: options.force.force) }
        try options.prepare(output: output)
        let summary = try PreprocessingJob(
            input: options.input, configuration: options.configuration.file,
            settings: filters.settings + values.settings + derived.settings + guides.settings
                + options.configuration.settings,
            guides: guides.tables, fittedCells: derived.fitOn, isCompressed: gzip, pseudobulk: pseudobulk,
            pseudobulkColumns: pseudobulkBy, console: options.console.console
        ).run(to: output)
        if options.console.json { print(summary.json) }
    }
}

/// Which cells and genes are kept; in the order in which they are applied.
struct FilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Drop cells with fewer genes.", valueName: "n"))
    var minGenes: Int?

    @Option(help: ArgumentHelp("Drop cells with more genes.", valueName: "n"))
    var maxGenes: Int?

    @Option(help: ArgumentHelp("Drop cells with a smaller total.", valueName: "x"))
    var minCounts: Double?

    @Option(help: ArgumentHelp("Drop cells with a larger total.", valueName: "x"))
    var maxCounts: Double?

    @Option(help: ArgumentHelp("Drop cells with a larger mitochondrial share, in percent.", valueName: "x"))
    var maxMt: Double?

    @Option(help: ArgumentHelp("Drop genes seen in fewer of the cells kept.", valueName: "n"))
    var minCells: Int?

    /// As settings that are laid over the configuration.
    var settings: [String] {
        [
            minGenes.map { "minGenesPerCell=\($0)" }, maxGenes.map { "maxGenesPerCell=\($0)" },
            minCounts.map { "minCountsPerCell=\($0)" }, maxCounts.map { "maxCountsPerCell=\($0)" },
            maxMt.map { "maxMitochondrialPercent=\($0)" }, minCells.map { "minCellsPerGene=\($0)" },
        ].compactMap { $0.map { "preprocess.\($0)" } }
    }
}

/// What is done to values, and which genes are chosen.
struct ValueOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Total of every cell after normalisation (default: the median).", valueName: "x"))
    var targetSum: Double?

    @Option(help: ArgumentHelp("The obs column with totals over all genes, for panels.", valueName: "column"))
    var librarySize: String?

    @Option(help: ArgumentHelp("Keep the n most variable genes.", valueName: "n"))
    var topGenes: Int?

    @Option(
        help: ArgumentHelp(
            "By what genes are chosen: seurat, cellRanger, seuratV3, seuratV3Paper, variance; more of them are noted in var.",
            valueName: "selection"))
    var hvg: [String] = []

    @Option(help: ArgumentHelp("Compare genes within the batches of this obs column.", valueName: "column"))
    var batch: String?

    @Flag(help: "Mark the chosen genes and keep all.")
    var annotateOnly = false

    @Option(help: ArgumentHelp("Tell the share of the n largest counts of each cell.", valueName: "n,n"))
    var percentTop: String?

    @Flag(help: "Leave out the layer counts.")
    var dropCounts = false

    /// As settings that are laid over the configuration.
    var settings: [String] {
        [
            targetSum.map { "targetSum=\($0)" }, librarySize.map { "librarySizeColumn=\($0)" },
            topGenes.map { "topGenes=\($0)" }, hvg.first.map { "geneSelection=\($0)" },
            hvg.count > 1 ? "annotatedSelections=[\(hvg.dropFirst().joined(separator: ", "))]" : nil,
            batch.map { "batchColumn=\($0)" }, annotateOnly ? "annotateOnly=true" : nil,
            percentTop.map { "percentTop=[\($0)]" }, dropCounts ? "keepCounts=false" : nil,
        ].compactMap { $0.map { "preprocess.\($0)" } }
    }
}

/// What is made of normalised values in the end, and from which cells.
struct DerivedOptions: ParsableArguments {
    @Flag(help: "Bring every gene to mean 0 and standard deviation 1 (scanpy's scale); the matrix becomes dense.")
    var standardise = false

    @Option(help: ArgumentHelp("Standardise, and cut what lies further from 0 than x.", valueName: "x"))
    var standardiseLimit: Double?

    @Option(
        help: ArgumentHelp(
            "Write n principal components (X_pca, PCs), of the highly variable genes where these are marked.",
            valueName: "n"))
    var components: Int?

    @Option(
        help: ArgumentHelp(
            "Fit filters of genes, the median total, the choice of genes, standardisation and components to these cells only "
                + "(repeatable).", valueName: "column=value"))
    var fitOn: [String] = []

    /// As settings that are laid over the configuration.
    var settings: [String] {
        [
            standardise || standardiseLimit != nil ? "standardise=true" : nil,
            standardiseLimit.map { "standardiseLimit=\($0)" }, components.map { "components=\($0)" },
        ].compactMap { $0.map { "preprocess.\($0)" } }
    }
}

/// How guides among the features say who was perturbed by what.
struct GuideVerbOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Assign guides to cells: threshold, maximum or mixture. Labels go to obs, guides leave the genes; cells without "
                + "a guide, or with guides of several targets, are left out.", valueName: "method"))
    var guides: String?

    @Option(
        help: ArgumentHelp(
            "How names of guides begin, as a regular expression (default: the features of type CRISPR Guide Capture).",
            valueName: "pattern"))
    var guidePattern: String?

    @Option(help: ArgumentHelp("The features that are guides: a text with one name a line.", valueName: "file"))
    var guideList: String?

    @Option(
        help: ArgumentHelp(
            "A table of guides (first column) and their targets (target); else targets follow from names by "
                + "--guide-naming.", valueName: "table"))
    var guideTargets: String?

    @Option(
        help: ArgumentHelp(
            "What of a guide's name is its target: wholeName, beforeLastUnderscore, beforeLastHyphen.",
            valueName: "naming"))
    var guideNaming: String?

    @Option(help: ArgumentHelp("The least molecules of a guide in a cell that carries it.", valueName: "n"))
    var guideMinimum: Int?

    @Flag(help: "Keep cells of several targets as perturbations of their own, such as A+B.")
    var guideCombinations = false

    @Flag(help: "Keep all cells: those left out otherwise are labelled unassigned or multiple.")
    var guideKeepAll = false

    func validate() throws {
        let others = [guidePattern, guideList, guideTargets, guideNaming].contains { $0 != nil }
        guard guides != nil || !(others || guideMinimum != nil || guideCombinations || guideKeepAll) else {
            throw ValidationError("options of guides go with --guides threshold, maximum or mixture")
        }
    }

    var tables: GuideTables { GuideTables(list: guideList, targets: guideTargets) }

    /// As settings that are laid over the configuration.
    var settings: [String] {
        [
            guides.map { "method=\($0)" }, guidePattern.map { "featurePattern='\($0.replacing("'", with: "''"))'" },
            guideNaming.map { "naming=\($0)" }, guideMinimum.map { "minimumCount=\($0)" },
            guideCombinations ? "keepCombinations=true" : nil, guideKeepAll ? "labelsEveryCell=true" : nil,
        ].compactMap { $0.map { "guides.\($0)" } }
    }
}
