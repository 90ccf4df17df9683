import AnnotatedData
import Baselines
import Formats
import Foundation
import Matrices
import Preprocessing
import Screens

/// Treatments left out of a screen, fold by fold.
struct Task {
    var name: String
    var screen: PerturbationScreen
    /// Training and test cells of each fold.
    var folds: [(training: [Int], test: [Int])]
    /// The baseline of which the shift is taken beside the true one.
    var baseline: String?

    /// A screen divided by a plan.
    init(
        _ name: String, _ file: String, _ labels: ScreenOptions, _ preprocessing: PreprocessingOptions,
        by kind: SplitPlan.Kind, baseline: String?
    ) throws {
        self.name = name
        self.baseline = baseline
        screen = try Self.screen(file, labels, preprocessing)
        var plan = SplitPlan()
        plan.by = kind
        plan.folds = 0
        let table = try plan.table(of: screen)
        folds = []
        for fold in 1...table.folds {
            folds.append(try table.cells(of: screen, fold: fold, controls: .shared))
        }
    }

    /// A training file and a test file, of which the cells of one part are judged.
    init(_ name: String, training: String, test: String, part: String, baseline: String?) throws {
        self.name = name
        self.baseline = baseline
        var preprocessing = Self.preprocessing
        preprocessing.scale = .scaled
        var labels = ScreenOptions()
        let known = try Self.screen(training, labels, preprocessing)
        labels.where = ["split": [part]]
        labels.requireControls = false
        let asked = try Self.screen(test, labels, preprocessing)
        let treated = asked.contextOfCell.indices.filter { !asked.contexts[asked.contextOfCell[$0]].isControl }
        let first = known.cellCount
        screen = PerturbationScreen(
            genes: known.genes,
            expression: Matrix(
                rows: first + asked.cellCount, columns: known.genes.count,
                values: known.expression.values + asked.expression.values),
            scale: known.scale, contexts: known.contexts + asked.contexts,
            contextOfCell: known.contextOfCell + asked.contextOfCell.map { $0 + known.contexts.count })
        folds = [(Array(0..<first), known.controlCells + treated.map { $0 + first })]
    }

    /// Nothing is filtered.
    static var preprocessing: PreprocessingOptions {
        var options = PreprocessingOptions()
        options.minCellsPerGene = 0
        options.minGenesPerCell = 0
        options.keepCounts = false
        return options
    }

    private static func screen(
        _ file: String, _ labels: ScreenOptions, _ preprocessing: PreprocessingOptions
    ) throws -> PerturbationScreen {
        let source = try readAnnotated(file).data
        let used = try CellLabels(source.cells, options: labels)
        let result = try preprocess(source.selecting(cells: used.cells), options: preprocessing)
        var labels = labels
        labels.where = [:]
        return try PerturbationScreen(result.data, scale: result.scaleAfter, options: labels)
    }

    /// The tasks of the benchmark `prediction` that compare cells.
    static func all(_ data: String, only: String) throws -> [Task] {
        var tasks: [Task] = []
        func add(_ name: String, _ make: (String) throws -> Task) rethrows {
            if only.isEmpty || name.contains(only) { tasks.append(try make(name)) }
        }
        let screens = data + "/screens/"
        var labels = ScreenOptions()
        try add("kang_celltype") { name in
            labels.perturbationColumn = "drug"
            labels.covariates = ["cluster_id"]
            labels.matchControlsBy = ["cluster_id"]
            return try Task(
                name, screens + "ifnb_kang18_muscat_counts.h5ad", labels, preprocessing, by: .covariate,
                baseline: "mean of other cells, weighed by similarity of controls")
        }
        try add("sciplex_dose") { name in
            labels = ScreenOptions()
            labels.perturbationColumn = "drug"
            var options = preprocessing
            options.librarySizeColumn = "n_umi"
            return try Task(
                name, screens + "drug_screen_sciplex_a549_dex_counts.h5ad", labels, options, by: .dose,
                baseline: "mean of training perturbations")
        }
        for kind in [SplitPlan.Kind.combination, .perturbation] {
            try add("perturbseq_\(kind)") { name in
                labels = ScreenOptions()
                labels.perturbationColumn = "perturbation"
                labels.combinationSeparator = "+"
                labels.useDoses = false
                labels.where = ["cell_type": ["k562"]]
                var options = preprocessing
                options.scale = .log1p
                return try Task(
                    name, screens + "perturbseq_norman_mcfaline_lognorm.h5ad", labels, options, by: kind,
                    baseline: kind == .combination
                        ? "sum of the single perturbations" : "mean of training perturbations")
            }
        }
        try add("macseq_drug") { name in
            labels = ScreenOptions()
            labels.perturbationColumn = "drug"
            labels.where = ["is_untreated": ["False"]]
            return try Task(
                name, screens + "drug_screen_macseq_mcf10a_counts.h5ad", labels, preprocessing, by: .perturbation,
                baseline: "mean of training perturbations of the same dose and cells")
        }
        for world in ["linear_ER", "linear_SF", "nonlinear_ER", "nonlinear_SF"] {
            for part in ["partial_ood", "full_ood"] {
                try add("gim_\(world)_\(part)") { name in
                    let stem = data + "/gim_worlds/\(world)_seed0_"
                    return try Task(
                        name, training: stem + "train.h5ad", test: stem + "test.h5ad", part: part,
                        baseline: part == "partial_ood" ? "own Hill curve" : nil)
                }
            }
        }
        return tasks
    }
}
