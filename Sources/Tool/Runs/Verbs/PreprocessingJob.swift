import AnnotatedData
import Formats
import Foundation
import HDF5
import Preprocessing
import Screens

/// The verb `preprocess`: from a file to a file, block by block, in memory that follows the block and not the file.
public struct PreprocessingJob {
    private let configuration: RunConfiguration
    private let console: Console
    private let compression: HDF5Compression
    private let pseudobulk: String?
    private let pseudobulkColumns: [String]

    /// - Parameters:
    ///   - input: The screen; wins over the configuration's.
    ///   - file: A configuration as for `run`; nil takes the defaults, with all genes instead of a panel.
    ///   - settings: `key=value`, laid over both.
    ///   - isCompressed: Whether the matrices are written with gzip.
    ///   - pseudobulk: Where sums and means of groups of cells go: h5ad, or a table by its suffix; nil makes none.
    ///   - pseudobulkColumns: Columns of cells whose combinations are the groups; empty takes perturbations and doses.
    public init(
        input: String, configuration file: String?, settings: [String], isCompressed: Bool, pseudobulk: String?,
        pseudobulkColumns: [String], console: Console
    ) throws {
        var defaults = RunConfiguration()
        if file == nil { defaults.preprocess.topGenes = nil }
        var configuration = try RunConfiguration.load(over: defaults, file: file, settings: settings)
        configuration.input = input
        self.configuration = configuration
        self.console = console
        compression = isCompressed ? .gzip(level: 4) : .none
        self.pseudobulk = pseudobulk
        self.pseudobulkColumns = pseudobulkColumns
    }

    /// - Returns: What was kept and dropped, for `--json`.
    public func run(to output: String) throws -> Summary {
        console.begin("preprocess")
        let result = try reading(configuration.input) { () -> PreprocessingResult in
            let source = try openAnnotated(configuration.input, options: configuration.read)
            source.notices.forEach { console.note($0.message) }
            let labels = try CellLabels.found(in: source.annotation, options: configuration.screen)
            let strata = labels.flatMap { labels in
                labels.strata.map { ControlMatching(strata: $0, isControl: labels.isControl) }
            }
            let result: PreprocessingResult
            if let strata {
                result = try matched(source, labels, strata, to: output)
            } else {
                result = try blockwise(source, labels, to: output)
            }
            return result
        }
        tell(result)
        return Summary(output: output, pseudobulk: pseudobulk, result)
    }

    // MARK: Steps

    private func blockwise(
        _ source: AnnotatedSource, _ labels: CellLabels?, to output: String
    ) throws -> PreprocessingResult {
        guard let x = source.x else {
            throw PreprocessingError(
                code: "EMPTY_MATRIX", element: "X", message: "expected a main matrix, found none",
                remedy: "name a file whose X holds the values")
        }
        let columns = pseudobulk == nil ? nil : try groupColumns(source.annotation.cells, labels)
        var done: PreprocessingResult?
        try OutputFile.whole(output) { scratch in
            let folder = (scratch as NSString).deletingLastPathComponent
            let prepared = try BlockwisePreprocessing(
                x, annotation: source.annotation, options: configuration.preprocess, cells: labels?.cells,
                pseudobulkBy: columns, directory: folder)
            console.advance(to: 0.5)
            let file = try H5ADOutput(to: scratch, compression: compression)
            try write(prepared.x, at: .main, of: file)
            if let counts = prepared.counts, configuration.preprocess.keepCounts {
                try write(counts, at: .layer("counts"), of: file)
            }
            let (cells, genes) = (prepared.result.keptCells, prepared.result.keptGenes)
            for (name, layer) in source.layers.sorted(by: { $0.key < $1.key })
            where name != "counts" || prepared.counts == nil {
                try write(SelectedBlocks(layer, cells: cells, genes: genes), at: .layer(name), of: file)
            }
            if let raw = source.raw { try write(SelectedBlocks(raw.x, cells: cells), at: .raw, of: file) }
            var annotation = prepared.result.data
            annotation.unstructured["interventome"] = provenance(prepared.result)
            try file.finish(annotation, raw: source.raw.map { ($0.genes, source.rawGeneLoadings) })
            if let pseudobulk, let sums = prepared.pseudobulk, let groups = prepared.pseudobulkGroups {
                try PseudobulkFile.write(sums, groups: groups, genes: prepared.result.data.genes, to: pseudobulk)
            }
            done = prepared.result
        }
        guard let done else { preconditionFailure("an output was written without a result") }
        return done
    }

    private func write(_ matrix: any MatrixBlocks, at place: H5ADPlace, of file: H5ADOutput) throws {
        let written = try file.makeMatrix(at: place, columns: matrix.columns)
        try matrix.forEachBlock { try written.append($0) }
    }

    /// Cells centred on the controls that they share are dense: such a screen is preprocessed in memory.
    private func matched(
        _ source: AnnotatedSource, _ labels: CellLabels?, _ matching: ControlMatching, to output: String
    ) throws -> PreprocessingResult {
        let data = try source.load().data
        var result = try preprocess(
            labels.map { data.selecting(cells: $0.cells) } ?? data, options: configuration.preprocess,
            matching: matching)
        if let labels { result.keptCells = result.keptCells.map { labels.cells[$0] } }
        if !configuration.preprocess.keepCounts { result.data.layers["counts"] = nil }
        result.data.unstructured["interventome"] = provenance(result)
        try OutputFile.whole(output) { try writeH5AD(result.data, to: $0, compression: compression) }
        if let pseudobulk {
            let values = data.selecting(cells: result.keptCells).selecting(genes: result.keptGenes)
            let groups = try CellGroups(
                result.data.cells, by: groupColumns(result.data.cells, labels))
            try PseudobulkFile.write(
                Pseudobulk(values.x ?? .dense(.init(rows: 0, columns: 0)), groups: groups), groups: groups,
                genes: result.data.genes, to: pseudobulk)
        }
        return result
    }

    /// Perturbations, and their doses where there are any.
    private func groupColumns(_ table: AnnotationTable, _ labels: CellLabels?) throws -> [String] {
        guard pseudobulkColumns.isEmpty else { return pseudobulkColumns }
        guard let labels else {
            throw Failure(
                code: "MISSING_ELEMENT", file: configuration.input, element: "/obs",
                message: "expected a column that says who was perturbed, found none",
                remedy: "name the columns that make groups with --pseudobulk-by", exit: .badData)
        }
        let dose = CellLabels.doseColumn(of: table, options: configuration.screen)
        return [labels.column] + (dose.map { [$0] } ?? [])
    }

    /// What made the file: `uns/interventome`.
    private func provenance(_ result: PreprocessingResult) -> AnnotationValue {
        .dictionary([
            "version": .string(Build.version), "verb": .string("preprocess"),
            "input": .string((configuration.input as NSString).lastPathComponent),
            "options": .string(String(decoding: CanonicalJSON.encode(configuration.preprocess), as: UTF8.self)),
            "scale_before": .string(result.scaleBefore.rawValue), "scale": .string(result.scaleAfter.rawValue),
            "notices": .strings(result.notices.map { "\($0.code): \($0.message)" }),
        ])
    }

    private func tell(_ result: PreprocessingResult) {
        result.notices.forEach { console.note($0.message) }
        console.detail("scale: \(result.scaleBefore), \(result.scaleEvidence)")
        for (what, dropped) in [("cells", result.droppedCells), ("genes", result.droppedGenes)] {
            for drop in dropped { console.note("\(drop.count) \(what) dropped by \(drop.option)") }
        }
        console.end("\(result.cellsAfter) cells × \(result.genesAfter) genes kept")
    }

    /// What `preprocess --json` prints.
    public struct Summary: Encodable {
        let output: String
        let pseudobulk: String?
        let cellsBefore: Int
        let cells: Int
        let genesBefore: Int
        let genes: Int
        let droppedCells: [PreprocessingResult.Dropped]
        let droppedGenes: [PreprocessingResult.Dropped]
        let scaleBefore: String
        let scale: String
        let scaleEvidence: String
        let targetSum: Double?
        let notes: [Notice]

        init(output: String, pseudobulk: String?, _ result: PreprocessingResult) {
            self.output = output
            self.pseudobulk = pseudobulk
            cellsBefore = result.cellsBefore
            cells = result.cellsAfter
            genesBefore = result.genesBefore
            genes = result.genesAfter
            droppedCells = result.droppedCells
            droppedGenes = result.droppedGenes
            scaleBefore = result.scaleBefore.rawValue
            scale = result.scaleAfter.rawValue
            scaleEvidence = result.scaleEvidence
            targetSum = result.targetSum
            notes = result.notices
        }

        public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }
    }
}

extension CellLabels {
    /// Of the cells that `where` allows; nil for data without perturbations.
    static func found(in data: AnnotatedMatrix, options: ScreenOptions) throws -> CellLabels? {
        do {
            return try CellLabels(data.cells, options: options)
        } catch {
            let isUnlabelled = error.code == "MISSING_ELEMENT" && options.perturbationColumn == nil
            guard isUnlabelled else { throw error }
            return nil
        }
    }
}
