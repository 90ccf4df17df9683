import AnnotatedData
import Screens
import Shifts

/// Who is compared with whom, from the table of cells and the options of `compare`.
struct ComparisonLabels {
    let groups: ComparedGroups
    private(set) var notices: [Notice] = []

    /// Groups come in the order asked for, else in that of the column's categories, else in rising order.
    ///
    /// - Throws: `MISSING_ELEMENT` for a column or label that is not there, `NO_CELLS` where too few cells are left.
    init(_ cells: AnnotationTable, options: ComparisonOptions) throws(ComparisonError) {
        let place = "/obs/\(options.groupby)"
        guard let column = cells[options.groupby] else {
            let found = cells.columns.map(\.name)
            throw ComparisonError(
                code: "MISSING_ELEMENT", element: place,
                message: "expected a column \(options.groupby), found \(found.isEmpty ? "none" : shortList(found))",
                remedy: "give --groupby one of the columns of obs")
        }
        let labels = column.labels
        var sizes: [String: Int] = [:]
        for label in labels { if let label { sizes[label, default: 0] += 1 } }
        let levels: [String] =
            if case .categories(_, let levels, _) = column { levels } else {
                // By UTF-8, which keeps the order of code points, as Python has it.
                sizes.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            }
        let present = levels.filter { sizes[$0] != nil }
        // A label called rest is a label.
        let isRest = options.reference == "rest" && sizes["rest"] == nil
        let unknown = (options.groups + (isRest ? [] : [options.reference])).filter { sizes[$0] == nil }
        guard unknown.isEmpty else {
            throw ComparisonError(
                code: "MISSING_ELEMENT", element: place,
                message: "expected the label \(shortList(unknown)), found \(shortList(present))",
                remedy: "name labels of \(options.groupby) as they are written there")
        }
        let asked = options.groups.isEmpty ? present : present.filter { options.groups.contains($0) }
        let others = asked.filter { isRest || $0 != options.reference }
        // Two cells are what a variance takes.
        let least = max(2, options.minimumCells)
        let kept = others.filter { sizes[$0, default: 0] >= least }
        if kept.count < others.count {
            let small = others.filter { sizes[$0, default: 0] < least }
            notices.append(
                Notice(
                    code: "SMALL_GROUPS",
                    message: "\(small.count) groups of fewer than \(least) cells were left out: \(shortList(small))."))
        }
        let missing = labels.count { $0 == nil }
        if missing > 0 {
            notices.append(
                Notice(
                    code: "NO_LABEL",
                    message: "\(missing) cells without a value in \(options.groupby) "
                        + (isRest ? "count as part of the rest." : "were left out.")))
        }
        guard !kept.isEmpty else {
            throw ComparisonError(
                code: "NO_CELLS", element: place,
                message: "expected a group of \(least) cells or more beside the reference, found none",
                remedy: "lower --minimum-cells, or compare by another column")
        }
        groups = ComparedGroups(labels: labels, comparing: kept, reference: isRest ? nil : options.reference)
    }
}
