import AnnotatedData
import Formats
import Preprocessing
import Screens

/// One way of leaving treatments of a screen out.
struct Task {
    var name: String
    /// In the folder `screens`, without `.h5ad`.
    var file: String
    var scale: ExpressionScale?
    var librarySizeColumn: String?
    var options: ScreenOptions
    var plan: SplitPlan
    /// Rows of `drugs/drug_features.csv`; nil takes no features.
    var features: String?
    /// Whether a treatment of the test part is asked for; the others of its perturbation are known.
    var isAsked: @Sendable (SplitTable.Row) -> Bool = { _ in true }
    /// Divisions of the controls, each half in turn.
    var divisions = 10

    static var all: [Task] {
        func options(_ set: (inout ScreenOptions) -> Void) -> ScreenOptions {
            var options = ScreenOptions()
            set(&options)
            return options
        }
        func plan(_ kind: SplitPlan.Kind, folds: Int = 0) -> SplitPlan {
            var plan = SplitPlan()
            (plan.by, plan.folds) = (kind, folds)
            return plan
        }
        let tggates = options {
            $0.perturbationColumn = "drug"
            $0.covariates = ["time_h"]
            $0.levelColumn = "dose_level"
            $0.matchControlsBy = ["drug", "time_h"]
        }
        let macseq = options {
            $0.perturbationColumn = "drug"
            // Wells without any vehicle are neither treated nor controls.
            $0.where = ["is_untreated": ["False"]]
        }
        let doubles = options {
            $0.perturbationColumn = "perturbation"
            $0.combinationSeparator = "+"
            $0.useDoses = false
            $0.where = ["cell_type": ["k562"]]
        }
        let cells = options {
            $0.perturbationColumn = "drug"
            $0.covariates = ["cluster_id"]
            $0.matchControlsBy = ["cluster_id"]
            $0.useKnownTargets = false
        }
        let wells = "drug_screen_macseq_mcf10a_counts"
        let norman = "perturbseq_norman_mcfaline_lognorm"
        // Two arrays of controls a drug and time can be divided in one way only.
        return [
            Task(
                name: "tggates_drug", file: "tggates_hepatocyte", scale: .logIntensity, options: tggates,
                plan: plan(.perturbation, folds: 5), features: "tggates", divisions: 2),
            Task(
                name: "tggates_dose", file: "tggates_hepatocyte", scale: .logIntensity, options: tggates,
                plan: plan(.perturbation, folds: 5), features: "tggates", isAsked: { $0.level == "Middle" },
                divisions: 2),
            Task(name: "macseq_drug", file: wells, options: macseq, plan: plan(.perturbation), features: "macseq"),
            Task(
                name: "macseq_dose_1uM", file: wells, options: macseq, plan: plan(.perturbation), features: "macseq",
                isAsked: { $0.dose == 1 }),
            Task(
                name: "macseq_dose_10uM", file: wells, options: macseq, plan: plan(.perturbation), features: "macseq",
                isAsked: { $0.dose == 10 }),
            Task(
                name: "sciplex_dose", file: "drug_screen_sciplex_a549_dex_counts", librarySizeColumn: "n_umi",
                options: options { $0.perturbationColumn = "drug" }, plan: plan(.dose)),
            Task(name: "kang_celltype", file: "ifnb_kang18_muscat_counts", options: cells, plan: plan(.covariate)),
            Task(name: "perturbseq_doubles", file: norman, scale: .log1p, options: doubles, plan: plan(.combination)),
            Task(
                name: "perturbseq_singles", file: norman, scale: .log1p, options: doubles, plan: plan(.perturbation),
                isAsked: { !$0.perturbation.contains("+") }),
        ]
    }

    /// The screen with its features, every gene kept, and the split.
    func read(_ folder: String) throws -> (screen: PerturbationScreen, split: SplitTable) {
        let data = try readAnnotated("\(folder)/screens/\(file).h5ad").data
        let used = try CellLabels(data.cells, options: options)
        var preparation = PreprocessingOptions()
        preparation.minCellsPerGene = 0
        preparation.minGenesPerCell = 0
        preparation.keepCounts = false
        preparation.scale = scale
        preparation.librarySizeColumn = librarySizeColumn
        let result = try preprocess(data.selecting(cells: used.cells), options: preparation)
        var labels = options
        labels.where = [:]
        var screen = try PerturbationScreen(result.data, scale: result.scaleAfter, options: labels)
        if let features {
            var wanted = FeatureOptions()
            wanted.where = ["dataset": [features]]
            let table = try readTable("\(folder)/drugs/drug_features.csv", namesColumn: "drug")
            screen = try screen.withFeatures(FeatureTable.reading(table, options: wanted).features)
        }
        var split = try plan.table(of: screen)
        for place in split.rows.indices where !isAsked(split.rows[place]) { split.rows[place].testIn = nil }
        return (screen, split)
    }
}
