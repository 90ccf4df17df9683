import AnnotatedData
import Foundation
import Matrices

/// How variable the genes kept by the filters are, by every selection asked for, and which of them stay.
struct ChoiceOfGenes {
    /// Places, among the genes kept by the filters, of those that stay.
    private(set) var kept: [Int]
    private var columns: [AnnotationColumn] = []
    /// The selection that decides; nil where none does.
    private var flavour: GeneSelection?

    /// - Parameter matrix: Values to compare genes by, where they are not those of `preparation`: cells × genes, on a
    ///   logarithmic scale.
    init(
        _ preparation: Preparation, _ plan: PlannedTransform, matrix: CellMatrix? = nil, notices: inout [Notice]
    ) throws {
        let options = preparation.options
        let names = preparation.annotation.genes.names
        kept = Array(names.indices)
        let areCounts = preparation.scale.hasTrueZeros
        let hasCounts = preparation.scale == .counts
        let selections = options.selections(ofCounts: areCounts, hasCounts: hasCounts)
        Self.note(options, areCounts: areCounts, hasCounts: hasCounts, &notices)
        for (place, selection) in selections.enumerated() {
            let variability = try Self.variability(preparation, plan, selection: selection, matrix: matrix)
            let choice = variability.choice(top: options.topGenes ?? PreprocessingOptions.usualTopGenes, names: names)
            for notice in variability.notices + choice.notices where !notices.contains(notice) {
                notices.append(notice)
            }
            for column in variability.columns(of: choice) {
                // Scanpy's names go to the first selection that has use for them.
                let isTaken = columns.contains { $0.name == column.name }
                columns.append(
                    isTaken
                        ? AnnotationColumn(name: "\(column.name)_\(selection.flavour)", values: column.values) : column)
            }
            guard place == 0 else { continue }
            flavour = selection
            if options.topGenes != nil, !options.annotateOnly {
                let always = Set(options.keepGenes)
                kept = names.indices.filter { choice.isChosen[$0] || always.contains(names[$0]) }
            }
        }
    }

    /// Writes the variability of each gene into its table, and scanpy's mark.
    func annotate(_ data: inout AnnotatedMatrix) {
        for column in columns { data.genes[column.name] = column.values }
        if let flavour { data.unstructured["hvg"] = .dictionary(["flavor": .string(flavour.flavour)]) }
    }

    private static func variability(
        _ preparation: Preparation, _ plan: PlannedTransform, selection: GeneSelection, matrix: CellMatrix?
    ) throws -> GeneVariability {
        if selection.needsCounts {
            if let profile = preparation.profile, profile.isComplete {
                return GeneVariability(profile, selection: selection)
            }
            return try GeneVariability(
                blocks: preparation.filtered, selection: selection, cells: preparation.statistics,
                batches: preparation.batches?.codes)
        }
        if let matrix {
            return GeneVariability(
                matrix, selection: selection, cells: preparation.statistics, batches: preparation.batches?.codes,
                logarithmBase: preparation.options.logarithmBase)
        }
        let isFromCounts = preparation.scale == .counts
        let view = preparation.filtered.transformed(
            by: plan.transform, isRestored: isFromCounts && selection == .seurat)
        if !isFromCounts {
            return try GeneVariability(
                blocks: view, selection: selection, cells: preparation.statistics, batches: preparation.batches?.codes)
        }
        let codes = preparation.statisticsCodes
        var moments = GeneMoments(genes: view.columns, groups: codes.groups)
        let readers = (0..<moments.lanes).map { _ in CellReader(view) }
        try view.forEachStretch { moments.add($0, groups: codes[$0.rows], readers: readers) }
        return GeneVariability(moments, selection: selection)
    }

    private static func note(
        _ options: PreprocessingOptions, areCounts: Bool, hasCounts: Bool, _ notices: inout [Notice]
    ) {
        let asked = options.annotatedSelections + (options.topGenes != nil ? [options.geneSelection ?? .variance] : [])
        for selection in asked where selection != .variance {
            guard selection.needsCounts ? !hasCounts : !areCounts else { continue }
            let needed = selection.needsCounts ? "counts" : "logarithms of counts"
            notices.append(
                Notice(
                    code: "SELECTION_BY_VARIANCE",
                    message: "Genes were chosen by variance: \(selection.rawValue) needs \(needed)."))
        }
    }
}

extension GeneSelection {
    /// Scanpy's word for it.
    var flavour: String {
        switch self {
        case .seurat: "seurat"
        case .cellRanger: "cell_ranger"
        case .variance: "variance"
        case .seuratV3: "seurat_v3"
        case .seuratV3Paper: "seurat_v3_paper"
        }
    }
}
