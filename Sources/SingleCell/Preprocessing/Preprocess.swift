import AnnotatedData
import Matrices

/// Quality control, normalisation and choice of genes, each only where the scale of the values calls for it.
///
/// - Parameters:
///   - data: Cells × genes with a main matrix.
///   - options: What to do.
///   - statisticsCells: Places of the cells that gene filters, the median total and the choice of genes may see: the
///     training cells, so that nothing of a held-out perturbation leaks; all where nil.
///   - matching: Which cells share controls: they are centred on them before genes are chosen. nil leaves values as
///     they are.
/// - Throws: `EMPTY_MATRIX`, `NONFINITE`, `AMBIGUOUS` (scale), `NEGATIVE`, `UNKNOWN_GENES`, `NO_CELLS`, `NO_GENES`,
///   `NO_CONTROLS` (matching).
public func preprocess(
    _ data: AnnotatedMatrix, options: PreprocessingOptions = .init(), statisticsCells: [Int]? = nil,
    matching: ControlMatching? = nil
) throws(PreprocessingError) -> PreprocessingResult {
    let plan = try Plan(data, options)
    var notices = plan.notices
    let cells = plan.filterCells(options)
    guard !cells.kept.isEmpty else {
        throw PreprocessingError(
            code: "NO_CELLS", element: "X", message: "none of \(data.cells.count) cells passes the filters",
            remedy: "lower minGenesPerCell and minCountsPerCell or raise maxMitochondrialPercent")
    }
    // Only kept cells count for the genes, and of them only those that statistics may see.
    let allowed = statisticsCells.map { Set($0) }
    let statistics = cells.kept.indices.filter { allowed?.contains(cells.kept[$0]) ?? true }
    guard !statistics.isEmpty else {
        throw PreprocessingError(
            code: "NO_CELLS", element: "X", message: "no training cell passes the filters",
            remedy: "lower minGenesPerCell and minCountsPerCell, or hold out fewer perturbations")
    }
    var work = data
    work.x = plan.matrix
    work = work.selecting(cells: cells.kept)
    plan.annotateCells(&work, cells.kept)
    let genes = try plan.filterGenes(work.x ?? plan.matrix, options, statistics: statistics)
    work = work.selecting(genes: genes.kept)
    var matrix = work.x ?? plan.matrix
    var targetSum: Double?
    var scaleAfter = plan.scale
    switch plan.scale {
    case .counts:
        work.layers["counts"] = matrix
        let normal = normaliseTotal(matrix, targetSum: options.targetSum, medianOver: statistics)
        matrix = log1pTransform(normal.normalised)
        targetSum = normal.targetSum
        scaleAfter = .log1p
    case .intensity:
        scaleAfter = .logIntensity
        switch options.intensityTransform {
        case .log1p:
            matrix = log1pTransform(matrix)
            notices.append(Notice(code: "INTENSITY_LOG1P", message: "Intensities were replaced by ln(1 + x)."))
        case .asinh:
            matrix = asinhTransform(matrix, cofactor: options.asinhCofactor)
            notices.append(
                Notice(
                    code: "INTENSITY_ASINH",
                    message: "Intensities were replaced by asinh(x / \(options.asinhCofactor))."))
        }
    case .log1p, .logIntensity, .scaled:
        notices.append(
            Notice(
                code: "NOT_NORMALISED",
                message: "Values were taken as they are (\(plan.scale.rawValue)): \(plan.evidence)."))
    }
    if let matching {
        matrix = .dense(
            try matching.selecting(cells.kept).centred(matrix.dense, training: statistics, notices: &notices))
    }
    work.x = matrix
    let chosen = chooseGenes(&work, options, scale: scaleAfter, statistics: statistics, notices: &notices)
    return PreprocessingResult(
        data: work.selecting(genes: chosen), scaleBefore: plan.scale, scaleAfter: scaleAfter,
        scaleEvidence: plan.evidence, cellsBefore: data.cells.count, cellsAfter: work.cells.count,
        genesBefore: data.genes.count, genesAfter: chosen.count, droppedCells: cells.dropped,
        droppedGenes: genes.dropped
            + (chosen.count < work.genes.count
                ? [.init(option: "topGenes", count: work.genes.count - chosen.count)] : []),
        keptCells: cells.kept, targetSum: targetSum, notices: notices, qualitySummaries: plan.summaries)
}

/// Writes the variability of each gene into its table and answers the places of the genes to keep, in their order.
private func chooseGenes(
    _ work: inout AnnotatedMatrix, _ options: PreprocessingOptions, scale: ExpressionScale, statistics: [Int],
    notices: inout [Notice]
) -> [Int] {
    let all = Array(0..<work.genes.count)
    guard let count = options.topGenes, let matrix = work.x else { return all }
    var selection = options.geneSelection ?? (scale == .log1p ? .seurat : .variance)
    let counts = selection.needsCounts ? work.layers["counts"] : nil
    if selection != .variance, selection.needsCounts ? counts == nil : scale != .log1p {
        notices.append(
            Notice(
                code: "SELECTION_BY_VARIANCE",
                message: "Genes were chosen by variance: \(selection.rawValue) needs "
                    + (selection.needsCounts ? "counts." : "logarithms of counts.")))
        selection = .variance
    }
    let variability = GeneVariability(counts ?? matrix, selection: selection, cells: statistics)
    let choice = variability.choice(top: count, names: work.genes.names)
    notices += variability.notices + choice.notices
    for column in variability.columns(of: choice) { work.genes[column.name] = column.values }
    let isTop = choice.isChosen
    let always = Set(options.keepGenes)
    return all.filter { isTop[$0] || always.contains(work.genes.names[$0]) }
}

/// What was found out about the data before anything is changed.
private struct Plan {
    let matrix: CellMatrix
    let genes: [String]
    let scale: ExpressionScale
    let evidence: String
    let metrics: QualityMetrics
    let hasMitochondrial: Bool
    var notices: [Notice] = []

    init(_ data: AnnotatedMatrix, _ options: PreprocessingOptions) throws(PreprocessingError) {
        guard let x = data.x, x.rows > 0, x.columns > 0 else {
            throw PreprocessingError(
                code: "EMPTY_MATRIX", element: "X", message: "expected cells and genes, found none",
                remedy: "name the layer that holds the values")
        }
        matrix = x.canonical
        genes = data.genes.names
        let stored = matrix.storedValues
        guard stored.allSatisfy(\.isFinite) else {
            throw PreprocessingError(
                code: "NONFINITE", element: "X",
                message: "expected finite numbers, found \(stored.count { !$0.isFinite }) others",
                remedy: "remove the cells or genes with missing values")
        }
        switch (options.scale, detectScale(of: data)) {
        case (let given?, let finding):
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
                remedy: "set \(option) to one of "
                    + ExpressionScale.allCases.map(\.rawValue).joined(separator: ", "))
        }
        if scale == .counts || scale == .intensity, let smallest = stored.min(), smallest < 0 {
            throw PreprocessingError(
                code: "NEGATIVE", element: "X",
                message: "\(scale.rawValue) can't be negative, found \(smallest)", remedy: "set scale to scaled")
        }
        let known = Set(genes)
        let unknown = options.keepGenes.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw PreprocessingError(
                code: "UNKNOWN_GENES", element: "keepGenes",
                message: "\(unknown.count) genes are not measured: \(unknown.prefix(5).joined(separator: ", "))",
                remedy: "spell them as the data do, such as \(genes[0])")
        }
        let prefix = options.mitochondrialPrefix.uppercased()
        let mask = genes.map { !prefix.isEmpty && $0.uppercased().hasPrefix(prefix) }
        hasMitochondrial = mask.contains(true)
        metrics = QualityMetrics(matrix, mask: hasMitochondrial ? mask : nil)
        if options.maxMitochondrialPercent != nil, !hasMitochondrial {
            notices.append(
                Notice(
                    code: "NO_MITOCHONDRIAL_GENES",
                    message: "No gene begins with \(options.mitochondrialPrefix): no cell was dropped for its "
                        + "mitochondrial share."))
        }
    }

    /// Zeros mean "not detected" in counts and their logarithms only.
    private var zerosCount: Bool { scale == .counts || scale == .log1p }

    func filterCells(_ options: PreprocessingOptions) -> (kept: [Int], dropped: [PreprocessingResult.Dropped]) {
        var kept: [Int] = []
        var counts = [0, 0, 0]
        for cell in 0..<matrix.rows {
            if zerosCount, metrics.genesPerCell[cell] < options.minGenesPerCell {
                counts[0] += 1
            } else if scale == .counts, metrics.totalPerCell[cell] < options.minCountsPerCell {
                counts[1] += 1
            } else if scale == .counts, hasMitochondrial, let limit = options.maxMitochondrialPercent,
                metrics.maskedPercentPerCell[cell] > limit
            {
                counts[2] += 1
            } else {
                kept.append(cell)
            }
        }
        let names = ["minGenesPerCell", "minCountsPerCell", "maxMitochondrialPercent"]
        return (kept, zip(names, counts).filter { $1 > 0 }.map { .init(option: $0, count: $1) })
    }

    func filterGenes(
        _ kept: CellMatrix, _ options: PreprocessingOptions, statistics: [Int]
    ) throws(PreprocessingError) -> (kept: [Int], dropped: [PreprocessingResult.Dropped]) {
        guard zerosCount else { return (Array(genes.indices), []) }
        let always = Set(options.keepGenes)
        let cellsPerGene = QualityMetrics(kept, countedCells: statistics).cellsPerGene
        let genesKept = genes.indices.filter {
            cellsPerGene[$0] >= options.minCellsPerGene || always.contains(genes[$0])
        }
        guard !genesKept.isEmpty else {
            throw PreprocessingError(
                code: "NO_GENES", element: "X",
                message: "none of \(genes.count) genes is seen in \(options.minCellsPerGene) cells",
                remedy: "lower minCellsPerGene")
        }
        let count = genes.count - genesKept.count
        return (genesKept, count > 0 ? [.init(option: "minCellsPerGene", count: count)] : [])
    }

    func annotateCells(_ data: inout AnnotatedMatrix, _ kept: [Int]) {
        data.cells["n_genes_by_counts"] = .integers(kept.map { Int64(metrics.genesPerCell[$0]) })
        data.cells["total_counts"] = .floats(kept.map { metrics.totalPerCell[$0] })
        if hasMitochondrial { data.cells["pct_counts_mt"] = .floats(kept.map { metrics.maskedPercentPerCell[$0] }) }
    }

    var summaries: [QualitySummary] {
        var summaries = [
            QualitySummary(metric: "genesPerCell", values: metrics.genesPerCell.map(Double.init)),
            QualitySummary(metric: "totalPerCell", values: metrics.totalPerCell),
            QualitySummary(metric: "cellsPerGene", values: metrics.cellsPerGene.map(Double.init)),
        ]
        if hasMitochondrial {
            summaries.append(QualitySummary(metric: "mitochondrialPercent", values: metrics.maskedPercentPerCell))
        }
        return summaries
    }
}
