import AnnotatedData
import Formats
import Preprocessing
import Screens

/// Takes guides out of an opened file's features and writes what they say of each cell into its table.
struct GuideLabelling {
    static let perturbationColumn = "perturbation"

    let source: AnnotatedSource
    let summary: Summary
    /// For `uns`: guides with their targets, thresholds and the number of cells that carry them, and the options.
    let record: AnnotationValue

    /// How many cells the guides tell something of.
    struct Summary: Encodable, Sendable {
        let method: GuideOptions.Method
        let guides: Int
        /// Cells with guides of one target, or of controls alone; of several, where combinations have names.
        let assigned: Int
        /// Of these, cells with guides of controls alone.
        let controls: Int
        let multiple: Int
        let unassigned: Int
        /// Whether cells without an assignment stay.
        let keepsAll: Bool
        let notes: [Notice]

        /// What became of the cells.
        var notice: Notice {
            let text =
                "Guides (\(method.rawValue)): \(assigned) cells assigned, \(controls) of them controls, \(multiple) with "
                + "several targets, \(unassigned) without a guide for sure"
                + (keepsAll || multiple + unassigned == 0
                    ? "." : ": these were left out; guides.labelsEveryCell keeps them.")
            return Notice(code: "GUIDES_ASSIGNED", message: text)
        }

        func tell(_ console: Console) {
            notes.forEach { console.note($0.message) }
            console.note(notice.message)
        }
    }

    /// - Returns: nil where options assign no guides.
    /// - Throws: As `assignGuides` and `GuideCounts`; `MISSING_ELEMENT` where no gene is left or there is no matrix.
    init?(_ source: AnnotatedSource, options: GuideOptions) throws {
        guard let method = options.method else { return nil }
        guard let x = source.x else {
            throw ScreenError(
                code: "MISSING_ELEMENT", element: "X",
                message: "a main matrix with counts of guides expected, found none",
                remedy: "put the counts into X")
        }
        let features = source.annotation.genes
        let isGuide = Set(try GuideCounts.columns(features, options))
        let genes = features.names.indices.filter { !isGuide.contains($0) }
        guard !genes.isEmpty else {
            throw ScreenError(
                code: "MISSING_ELEMENT", element: "var", message: "every feature is a guide: no gene is left",
                remedy: "name a file with genes and guides, or fewer features as guides")
        }
        let assignment = try assignGuides(GuideCounts(x, features: features, options: options), options: options)
        let cells = Array(0..<x.rows)
        var labelled = source
        labelled.annotation = source.annotation.selecting(genes: genes)
        labelled.x = try SelectedBlocks(x, cells: cells, genes: genes)
        labelled.layers = try source.layers.mapValues { try SelectedBlocks($0, cells: cells, genes: genes) }
        for column in assignment.columns { labelled.annotation.cells.put(column) }
        self.source = labelled
        summary = Summary(method: method, assignment, options, replacing: source.annotation.cells)
        record = Self.record(assignment, options)
    }

    private static func record(_ assignment: GuideAssignment, _ options: GuideOptions) -> AnnotationValue {
        var carriers = [Int64](repeating: 0, count: assignment.guides.count)
        for guide in assignment.assigned.joined() { carriers[guide] += 1 }
        let table = AnnotationTable(
            names: assignment.guides,
            columns: [
                AnnotationColumn(name: "target", values: .strings(assignment.targets)),
                AnnotationColumn(name: "is_control", values: .booleans(assignment.isControl)),
                AnnotationColumn(name: "threshold", values: .integers(assignment.thresholds.map { Int64($0) })),
                AnnotationColumn(name: "cells", values: .integers(carriers)),
            ])
        let text = String(decoding: CanonicalJSON.encode(options), as: UTF8.self)
        return .dictionary(["table": .table(table), "options": .string(text)])
    }
}

extension GuideLabelling.Summary {
    fileprivate init(
        method: GuideOptions.Method, _ assignment: GuideAssignment, _ options: GuideOptions,
        replacing cells: AnnotationTable
    ) {
        let places = assignment.assigned.indices
        self.method = method
        guides = assignment.guides.count
        assigned = places.count { assignment.isAssigned($0) }
        controls = places.count { assignment.isAssigned($0) && assignment.targets(ofCell: $0).isEmpty }
        unassigned = places.count { assignment.assigned[$0].isEmpty }
        multiple = places.count - assigned - unassigned
        keepsAll = options.labelsEveryCell
        let replaced = assignment.columns.map(\.name).filter { cells[$0] != nil }
        notes =
            assignment.notices
            + (replaced.isEmpty
                ? []
                : [
                    Notice(
                        code: "COLUMN_REPLACED",
                        message: "Columns of the file were replaced by those of its guides: \(shortList(replaced)).")
                ])
    }
}
