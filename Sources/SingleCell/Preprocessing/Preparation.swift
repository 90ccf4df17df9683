import AnnotatedData
import Foundation
import Matrices

/// A matrix taken in, with what was found out about it before values are changed: its scale, the cells and genes that pass
/// the filters.
struct Preparation: Sendable {
    let options: PreprocessingOptions
    let geneNames: [String]
    /// Places in the input of the cells taken in; nil where all were.
    let usedCells: [Int]?
    let intake: CellIntake
    let scale: ExpressionScale
    let evidence: String
    /// Places, among the cells taken in, of those kept.
    let cells: [Int]
    let droppedCells: [PreprocessingResult.Dropped]
    /// Places, among the cells kept, of those that statistics may see; nil where all may.
    let statistics: [Int]?
    /// The batch of each cell kept; nil where all are one.
    let batches: CellGroups?
    let groups: CellGroups?
    /// Places of the genes kept.
    let genes: [Int]
    let droppedGenes: [PreprocessingResult.Dropped]
    /// The cells and genes kept, as they are.
    let filtered: PackedView
    /// Tables of the cells and genes kept, with metrics of quality.
    let annotation: AnnotatedMatrix
    /// How often each gene kept has each count, among the cells that statistics may see, in batches; nil where no
    /// selection asks for it.
    let profile: CountProfile?
    let pseudobulk: Pseudobulk?
    let notices: [Notice]
    private let walk: PreparationWalk

    /// See `BlockwisePreprocessing`.
    init(
        _ blocks: any MatrixBlocks, annotation: AnnotatedMatrix, options: PreprocessingOptions, cells used: [Int]?,
        statisticsCells: [Int]?, groupColumns: [String]?, directory: String, budget: Int
    ) throws {
        try Self.check(options, blocks, annotation)
        var notices: [Notice] = []
        var annotation = annotation
        (annotation.x, annotation.layers, annotation.raw) = (nil, [:], nil)
        if let used { annotation = annotation.selecting(cells: used) }
        let genes = annotation.genes.names
        let intake = try CellIntake(
            blocks, cells: used, masks: GeneMasks(options.allMasks, genes: genes),
            percentTop: options.percentTop.filter { $0 > 0 && $0 <= genes.count }.sorted(), budget: budget,
            directory: directory)
        notices += intake.notices
        (scale, evidence) = try Self.scale(
            of: intake.evidence, marked: annotation.unstructured, options: options, notices: &notices)
        let filter = CellFilter(intake.quality, options, scale: scale, notices: &notices)
        guard !filter.kept.isEmpty else {
            throw PreprocessingError(
                code: "NO_CELLS", element: "X", message: "none of \(intake.spill.cellCount) cells passes the filters",
                remedy: "lower minGenesPerCell and minCountsPerCell or raise maxMitochondrialPercent")
        }
        let allowed = statisticsCells.map { Set($0) }
        let statistics = allowed.map { allowed in filter.kept.indices.filter { allowed.contains(filter.kept[$0]) } }
        guard statistics?.isEmpty != true else {
            throw PreprocessingError(
                code: "NO_CELLS", element: "X", message: "no training cell passes the filters",
                remedy: "lower minGenesPerCell and minCountsPerCell, or hold out fewer perturbations")
        }
        annotation = annotation.selecting(cells: filter.kept)
        intake.quality.annotate(&annotation.cells, cells: filter.kept)
        filter.annotate(&annotation.cells, intake.quality, options, scale: scale)
        let batches = try options.batchColumn.map { column throws(PreprocessingError) in
            try CellGroups(annotation.cells, by: [column])
        }
        let groups = try groupColumns.map { columns throws(PreprocessingError) in
            try CellGroups(annotation.cells, by: columns)
        }
        let walk = try PreparationWalk(
            intake, cells: filter.kept, geneCount: genes.count, statistics: statistics, batches: batches,
            groups: groups, areCounts: scale == .counts)
        let geneFilter = try GeneFilter(walk.statistics, options, names: genes, scale: scale)
        annotation = annotation.selecting(genes: geneFilter.kept)
        if scale == .counts {
            walk.all.annotate(&annotation.genes, genes: geneFilter.kept)
            for (mask, name) in intake.quality.masks.names.enumerated() {
                let members = intake.quality.masks.members[mask]
                annotation.genes[name] = .booleans(geneFilter.kept.map { members[$0] })
            }
        }
        geneFilter.annotate(&annotation.genes, walk.kept, options, scale: scale)
        self.options = options
        geneNames = genes
        usedCells = used
        self.intake = intake
        self.cells = filter.kept
        droppedCells = filter.dropped
        self.statistics = statistics
        self.batches = batches
        self.groups = groups
        self.genes = geneFilter.kept
        droppedGenes = geneFilter.dropped
        filtered = PackedView(
            intake.spill, cells: filter.kept, genes: geneFilter.kept, of: genes.count, isDense: intake.isDense,
            storedCount: geneFilter.kept.reduce(0) { $0 + walk.kept.cells[$1] })
        self.annotation = annotation
        let needsProfile = options.selections(ofCounts: true, hasCounts: true).contains(where: \.needsCounts)
        profile = needsProfile ? walk.profile?.selecting(genes: geneFilter.kept) : nil
        pseudobulk = walk.pseudobulk
        self.notices = notices
        self.walk = walk
    }

    /// The cells kept and the given genes, as they are.
    func view(genes: [Int]) -> PackedView {
        PackedView(
            intake.spill, cells: cells, genes: genes, of: geneNames.count, isDense: intake.isDense,
            storedCount: genes.reduce(0) { $0 + walk.kept.cells[$1] })
    }

    /// The batches of the cells kept that statistics may see.
    var statisticsCodes: GroupCodes {
        GroupCodes(cellCount: cells.count, cells: statistics, batches: batches?.codes)
    }

    var summaries: [QualitySummary] {
        let quality = intake.quality
        var summaries = [
            QualitySummary(metric: "genesPerCell", values: quality.genes.map(Double.init)),
            QualitySummary(metric: "totalPerCell", values: quality.totals),
            QualitySummary(metric: "cellsPerGene", values: walk.all.cells.map(Double.init)),
        ]
        if let mask = quality.masks.names.firstIndex(of: PreprocessingOptions.mitochondrialMask) {
            summaries.append(QualitySummary(metric: "mitochondrialPercent", values: quality.maskedPercent(mask)))
        }
        return summaries
    }

    // MARK: Checks

    private static func check(
        _ options: PreprocessingOptions, _ blocks: any MatrixBlocks, _ annotation: AnnotatedMatrix
    ) throws(PreprocessingError) {
        guard blocks.rows > 0, blocks.columns > 0 else {
            throw PreprocessingError(
                code: "EMPTY_MATRIX", element: "X", message: "expected cells and genes, found none",
                remedy: "name the layer that holds the values")
        }
        let known = Set(annotation.genes.names)
        let unknown = options.keepGenes.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw PreprocessingError(
                code: "UNKNOWN_GENES", element: "keepGenes",
                message: "\(unknown.count) genes are not measured: \(unknown.prefix(5).joined(separator: ", "))",
                remedy: "spell them as the data do, such as \(annotation.genes.names[0])")
        }
        guard options.allMasks.count <= GeneMasks.limit else {
            throw PreprocessingError(
                code: "OPTION", element: "masks",
                message: "expected at most \(GeneMasks.limit - 1) masks, found \(options.masks.count)",
                remedy: "leave some of masks out")
        }
    }

    private static func scale(
        of found: ScaleEvidence, marked unstructured: [String: AnnotationValue], options: PreprocessingOptions,
        notices: inout [Notice]
    ) throws(PreprocessingError) -> (ExpressionScale, String) {
        guard found.notFinite == 0 else {
            throw PreprocessingError(
                code: "NONFINITE", element: "X",
                message: "expected finite numbers, found \(found.notFinite) others",
                remedy: "remove the cells or genes with missing values")
        }
        let finding = found.finding.considering(unstructured)
        let (scale, evidence): (ExpressionScale, String)
        switch (options.scale, finding) {
        case (let given?, _):
            (scale, evidence) = (given, "given by the option scale")
            if let found = finding.scale, found != given {
                notices.append(
                    Notice(
                        code: "SCALE_OVERRIDDEN",
                        message: "The option scale says \(given.rawValue); the data look like \(found.rawValue) "
                            + "(\(finding.evidence))."))
            }
        case (nil, .decided(let found, let why)): (scale, evidence) = (found, why)
        case (nil, .undecided(let why, let option)):
            throw PreprocessingError(
                code: "AMBIGUOUS", element: "X", message: "can't tell what the values are: \(why)",
                remedy: "set \(option) to one of " + ExpressionScale.allCases.map(\.rawValue).joined(separator: ", "))
        }
        if scale == .counts || scale == .intensity, found.smallest < 0 {
            throw PreprocessingError(
                code: "NEGATIVE", element: "X",
                message: "\(scale.rawValue) can't be negative, found \(found.smallest)",
                remedy: "set scale to scaled")
        }
        return (scale, evidence)
    }
}
