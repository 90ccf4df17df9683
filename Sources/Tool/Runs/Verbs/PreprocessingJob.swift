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
    /// Column of cells → values of those that statistics may see; nil lets them see all.
    private let fittedCells: [String: [String]]?

    /// - Parameters:
    ///   - input: The screen; wins over the configuration's.
    ///   - file: A configuration as for `run`; nil takes the defaults, with all genes instead of a panel.
    ///   - settings: `key=value`, laid over both.
    ///   - guides: Tables that say which features are guides and what they target.
    ///   - fittedCells: `column=value`: cells that the choice of genes, standardisation and components are fitted to;
    ///     empty takes all.
    ///   - isCompressed: Whether the matrices are written with gzip.
    ///   - pseudobulk: Where sums and means of groups of cells go: h5ad, or a table by its suffix; nil makes none.
    ///   - pseudobulkColumns: Columns of cells whose combinations are the groups; empty takes perturbations and doses.
    public init(
        input: String, configuration file: String?, settings: [String], guides: GuideTables = .init(),
        fittedCells: [String] = [], isCompressed: Bool, pseudobulk: String?, pseudobulkColumns: [String],
        console: Console
    ) throws {
        var defaults = RunConfiguration()
        if file == nil { defaults.preprocess.topGenes = nil }
        var configuration = try RunConfiguration.load(over: defaults, file: file, settings: settings)
        configuration.input = input
        try configuration.checkPreprocessing()
        try guides.complete(&configuration.guides)
        self.configuration = configuration
        self.fittedCells = fittedCells.isEmpty ? nil : try Self.filters(fittedCells)
        self.console = console
        compression = isCompressed ? .gzip(level: 4) : .none
        self.pseudobulk = pseudobulk
        self.pseudobulkColumns = pseudobulkColumns
    }

    /// - Returns: What was kept and dropped, for `--json`.
    public func run(to output: String) throws -> Summary {
        console.begin("preprocess")
        var guides: GuideLabelling?
        let result = try reading(configuration.input) { () -> PreprocessingResult in
            let opened = try openAnnotated(configuration.input, options: configuration.read)
            opened.notices.forEach { console.note($0.message) }
            guides = try GuideLabelling(opened, options: configuration.guides)
            guides?.summary.tell(console)
            var screen = configuration.labels
            // A library without guides of controls can be preprocessed.
            if guides != nil { screen.requireControls = false }
            let work = try Work(
                guides?.source ?? opened, screen: screen, guides: guides?.record, fittedCells: fittedCells)
            if let matching = work.matching {
                return try matched(work, matching, to: output)
            } else {
                return try blockwise(work, to: output)
            }
        }
        tell(result)
        return Summary(output: output, pseudobulk: pseudobulk, guides: guides?.summary, result)
    }

    /// What is preprocessed, and who its cells are.
    private struct Work {
        let source: AnnotatedSource
        let screen: ScreenOptions
        let labels: CellLabels?
        /// What became of guides, for `uns`.
        let guides: AnnotationValue?
        /// Places, among the cells used, of those that statistics may see; nil where all may.
        let fittedCells: [Int]?

        init(
            _ source: AnnotatedSource, screen: ScreenOptions, guides: AnnotationValue?, fittedCells: [String: [String]]?
        ) throws {
            self.source = source
            self.screen = screen
            self.guides = guides
            let cells = source.annotation.cells
            let labels = try CellLabels.found(in: source.annotation, options: screen)
            self.labels = labels
            self.fittedCells = try fittedCells.map { filters in
                let allowed = Set(try CellLabels.rows(of: cells, passing: filters, option: "--fit-on"))
                let used = labels?.cells ?? Array(0..<cells.count)
                return used.indices.filter { allowed.contains(used[$0]) }
            }
        }

        /// Which cells share controls, where not all do.
        var matching: ControlMatching? {
            labels.flatMap { labels in
                labels.strata.map { ControlMatching(strata: $0, isControl: labels.isControl) }
            }
        }
    }

    /// - Parameter texts: `column=value`; several values of a column are allowed side by side.
    private static func filters(_ texts: [String]) throws(Failure) -> [String: [String]] {
        var filters: [String: [String]] = [:]
        for text in texts {
            guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
                throw Failure(
                    code: "USAGE", element: text, message: "expected a column and a value, found \(text)",
                    remedy: "write --fit-on column=value, such as --fit-on split=train", exit: .wrongUsage)
            }
            filters[String(text[..<sign]), default: []].append(String(text[text.index(after: sign)...]))
        }
        return filters
    }

    // MARK: Steps

    private func blockwise(_ work: Work, to output: String) throws -> PreprocessingResult {
        let (source, labels) = (work.source, work.labels)
        guard let x = source.x else {
            throw PreprocessingError(
                code: "EMPTY_MATRIX", element: "X", message: "expected a main matrix, found none",
                remedy: "name a file whose X holds the values")
        }
        let columns = pseudobulk == nil ? nil : try groupColumns(source.annotation.cells, work)
        var done: PreprocessingResult?
        try OutputFile.whole(output) { scratch in
            let folder = (scratch as NSString).deletingLastPathComponent
            let prepared = try BlockwisePreprocessing(
                x, annotation: source.annotation, options: configuration.preprocess, cells: labels?.cells,
                statisticsCells: work.fittedCells, pseudobulkBy: columns, directory: folder)
            console.advance(to: 0.5)
            let file = try H5ADOutput(to: scratch, compression: compression)
            try prepared.write(to: file, with: source, keepsCounts: configuration.preprocess.keepCounts)
            var annotation = prepared.result.data
            annotation.unstructured["interventome"] = provenance(prepared.result, work)
            try file.finish(annotation, raw: source.raw.map { ($0.genes, source.rawGeneLoadings) })
            if let pseudobulk, let sums = prepared.pseudobulk, let groups = prepared.pseudobulkGroups {
                try PseudobulkFile.write(sums, groups: groups, genes: prepared.result.data.genes, to: pseudobulk)
            }
            done = prepared.result
        }
        guard let done else { preconditionFailure("an output was written without a result") }
        return done
    }

    /// Cells centred on the controls that they share are dense: such a screen is preprocessed in memory.
    private func matched(
        _ work: Work, _ matching: ControlMatching, to output: String
    ) throws -> PreprocessingResult {
        let (source, labels) = (work.source, work.labels)
        let data = try source.load().data
        var result = try preprocess(
            labels.map { data.selecting(cells: $0.cells) } ?? data, options: configuration.preprocess,
            statisticsCells: work.fittedCells, matching: matching)
        if let labels { result.keptCells = result.keptCells.map { labels.cells[$0] } }
        if !configuration.preprocess.keepCounts { result.data.layers["counts"] = nil }
        result.data.unstructured["interventome"] = provenance(result, work)
        try OutputFile.whole(output) { try writeH5AD(result.data, to: $0, compression: compression) }
        if let pseudobulk {
            let values = data.selecting(cells: result.keptCells).selecting(genes: result.keptGenes)
            let groups = try CellGroups(
                result.data.cells, by: groupColumns(result.data.cells, work))
            try PseudobulkFile.write(
                Pseudobulk(values.x ?? .dense(.init(rows: 0, columns: 0)), groups: groups), groups: groups,
                genes: result.data.genes, to: pseudobulk)
        }
        return result
    }

    /// Perturbations, and their doses where there are any.
    private func groupColumns(_ table: AnnotationTable, _ work: Work) throws -> [String] {
        guard pseudobulkColumns.isEmpty else { return pseudobulkColumns }
        guard let labels = work.labels else {
            throw Failure(
                code: "MISSING_ELEMENT", file: configuration.input, element: "/obs",
                message: "expected a column that says who was perturbed, found none",
                remedy: "name the columns that make groups with --pseudobulk-by", exit: .badData)
        }
        let dose = CellLabels.doseColumn(of: table, options: work.screen)
        return [labels.column] + (dose.map { [$0] } ?? [])
    }

    /// What made the file: `uns/interventome`.
    private func provenance(_ result: PreprocessingResult, _ work: Work) -> AnnotationValue {
        var entries: [String: AnnotationValue] = [
            "version": .string(Build.version), "verb": .string("preprocess"),
            "input": .string((configuration.input as NSString).lastPathComponent),
            "options": .string(String(decoding: CanonicalJSON.encode(configuration.preprocess), as: UTF8.self)),
            "scale_before": .string(result.scaleBefore.rawValue), "scale": .string(result.scaleAfter.rawValue),
            "notices": .strings(result.notices.map { "\($0.code): \($0.message)" }),
        ]
        entries["guides"] = work.guides
        if let fittedCells { entries["fitted_on"] = .dictionary(fittedCells.mapValues { .strings($0) }) }
        return .dictionary(entries)
    }

    private func tell(_ result: PreprocessingResult) {
        result.notices.forEach { console.note($0.message) }
        console.detail("scale: \(result.scaleBefore), \(result.scaleEvidence)")
        for (what, dropped) in [("cells", result.droppedCells), ("genes", result.droppedGenes)] {
            for drop in dropped { console.note("\(drop.count) \(what) dropped by \(drop.option)") }
        }
        console.end(
            "\(counted(result.cellsAfter, "cell", "cells")) × \(counted(result.genesAfter, "gene", "genes")) kept")
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
        let components: Int?
        /// With `--guides` only.
        let guides: GuideLabelling.Summary?
        let notes: [Notice]

        init(output: String, pseudobulk: String?, guides: GuideLabelling.Summary?, _ result: PreprocessingResult) {
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
            components = result.data.geneLoadings["PCs"].flatMap(\.width)
            self.guides = guides
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
