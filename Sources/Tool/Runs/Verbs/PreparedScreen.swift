import AnnotatedData
import Formats
import HDF5
import Matrices
import Preprocessing
import Screens
import Structure

/// The cells and genes of a screen that options keep, and what was done to each cell; values wait to be walked through.
///
/// A file is walked through once and its cells are packed, so that memory follows neither its length nor its width. Cells
/// that are centred on the controls that they share are held, as they are dense.
struct PreparedScreen {
    /// What was kept; its data have matrices only where cells are held.
    var result: PreprocessingResult
    /// The cells and genes kept.
    let values: any MatrixBlocks
    /// The same as counts; nil where values were none.
    let counts: (any MatrixBlocks)?
    /// By a layer of the file, of the cells and genes kept; nil where it has none.
    let interventions: CellInterventions?
    /// Which cells of the file are walked through, and how; nil where they are held.
    private let walk: (prepared: BlockwisePreprocessing, source: AnnotatedSource, keepsCounts: Bool)?

    /// - Parameters:
    ///   - labels: Who was perturbed; nil where nothing says so.
    ///   - report: Gets how much of the file has been read, from 0 to 1.
    init(
        _ source: AnnotatedSource, labels: CellLabels?, interventions: CellInterventions?,
        options: PreprocessingOptions, report: @escaping @Sendable (Double) -> Void
    ) throws {
        if let labels, labels.isCentred, let strata = labels.strata {
            let data = try source.load().data
            var result = try preprocess(
                data.selecting(cells: labels.cells), options: options,
                matching: ControlMatching(strata: strata, isControl: labels.isControl))
            result.keptCells = result.keptCells.map { labels.cells[$0] }
            self.result = result
            values = result.data.x ?? .dense(Matrix(rows: 0, columns: 0))
            counts = result.scaleBefore == .counts ? result.data.layers["counts"] : nil
            walk = nil
        } else {
            let x = source.x ?? CellMatrix.dense(Matrix(rows: 0, columns: 0))
            let prepared = try BlockwisePreprocessing(
                ReportingBlocks(base: x, report: report), annotation: source.annotation, options: options,
                cells: labels?.cells)
            result = prepared.result
            values = prepared.x
            counts = prepared.counts
            walk = (prepared, source, options.keepCounts)
        }
        self.interventions = interventions?.selecting(cells: result.keptCells).selecting(genes: result.keptGenes)
    }

    /// The cells with who was perturbed by what.
    /// - Throws: What reading labels, doses and targets throws.
    func screen(_ options: ScreenOptions) throws -> BlockwiseScreen {
        var options = options
        options.where = [:]
        var annotation = result.data
        if let interventions { annotation.layers[InterventionLayer.name] = interventions.layer(genes: values.columns) }
        return try BlockwiseScreen(annotation, values: values, scale: result.scaleAfter, options: options)
    }

    /// Whether values are ln(1 + counts), or of what is proportional to them in a cell.
    var areLogarithmsOfCounts: Bool { result.scaleAfter == .log1p }

    /// Which cells tell of the genes: by the layer, which wins; else by labels with known targets; else all.
    /// - Throws: What reading labels, doses and targets throws.
    func design(_ options: ScreenOptions) throws -> InterventionDesign {
        let data = result.data
        let genes = data.genes.names.numberingRepeated()
        var notices: [Notice] = []
        if genes != data.genes.names {
            notices.append(
                Notice(code: "DUPLICATE_NAMES", message: "Names of genes that repeat earlier ones were numbered."))
        }
        if let interventions, !interventions.hasAny {
            notices.append(
                Notice(
                    code: "NO_INTERVENTIONS",
                    message: "The layer \(InterventionLayer.name) marks no gene in any cell: all cells were taken as "
                        + "unperturbed, whatever columns say."))
        }
        var options = options
        options.where = [:]
        guard interventions == nil, try CellLabels.found(in: data, options: options) != nil else {
            if interventions == nil {
                notices.append(
                    Notice(
                        code: "NO_LABELS",
                        message: "No column says who was perturbed: all cells were taken as unperturbed."))
            }
            return InterventionDesign(
                genes: genes, cellCount: data.cells.count, interventions: interventions, notices: notices)
        }
        let (contexts, contextOfCell, found) = try PerturbationScreen.contexts(of: data.cells, options: options)
        let targets = try PerturbationScreen.knownTargets(of: data, options: options)
        return InterventionDesign(
            genes: genes, contexts: contexts, contextOfCell: contextOfCell, knownTargets: targets.targets,
            notices: found + notices + targets.notices)
    }

    /// The values of a design's cells, and no others.
    func cells(_ design: InterventionDesign) throws -> InterventionalCells {
        try InterventionalCells(design, of: values, areCounts: areLogarithmsOfCounts)
    }

    /// Writes the cells and genes kept, with their layers, under another annotation.
    func write(_ annotation: AnnotatedMatrix, to path: String) throws {
        guard let walk else { return try writeH5AD(annotation, to: path) }
        let file = try H5ADOutput(to: path)
        try walk.prepared.write(to: file, with: walk.source, keepsCounts: walk.keepsCounts)
        try file.finish(annotation, raw: walk.source.raw.map { ($0.genes, walk.source.rawGeneLoadings) })
    }
}

extension BlockwisePreprocessing {
    /// Writes the values, the counts where there are any and are kept, and what else the file holds of the same cells.
    func write(to file: H5ADOutput, with source: AnnotatedSource, keepsCounts: Bool) throws {
        func write(_ matrix: any MatrixBlocks, at place: H5ADPlace) throws {
            let written = try file.makeMatrix(at: place, columns: matrix.columns)
            try matrix.forEachBlock { try written.append($0) }
        }
        try write(x, at: .main)
        if let counts, keepsCounts { try write(counts, at: .layer("counts")) }
        let (cells, genes) = (result.keptCells, result.keptGenes)
        for (name, layer) in source.layers.sorted(by: { $0.key < $1.key }) where name != "counts" || counts == nil {
            try write(SelectedBlocks(layer, cells: cells, genes: genes), at: .layer(name))
        }
        if let raw = source.raw { try write(SelectedBlocks(raw.x, cells: cells), at: .raw) }
    }
}

/// A matrix that says how far a walk through it has come.
private struct ReportingBlocks: MatrixBlocks {
    let base: any MatrixBlocks
    let report: @Sendable (Double) -> Void

    var rows: Int { base.rows }
    var columns: Int { base.columns }
    var storedCount: Int { base.storedCount }

    func forEachBlock(_ body: (MatrixBlock) throws -> Void) throws {
        try base.forEachBlock { block in
            try body(block)
            report(Double(block.rows.upperBound) / Double(max(1, rows)))
        }
    }
}
