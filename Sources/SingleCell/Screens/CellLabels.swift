import AnnotatedData

/// What was done to each cell, read from the table of cells alone: enough to divide cells into training and held-out
/// ones before their expression is touched.
public struct CellLabels: Sendable, Equatable {
    /// Places, in the table, of the cells used: those that pass the filters and have a label.
    public let cells: [Int]
    /// One a cell used. Controls whose label also names a treatment are called `control`.
    public let perturbations: [String]
    /// One a cell used.
    public let isControl: [Bool]
    /// The column that was read.
    public let column: String
    /// What had to be assumed.
    public let notices: [Notice]

    /// Throws `AMBIGUOUS`, `MISSING_ELEMENT`, `NO_CONTROLS` or `NO_CELLS`, each with the option that settles it.
    public init(_ table: AnnotationTable, options: ScreenOptions = .init()) throws(ScreenError) {
        var notices: [Notice] = []
        let allowed = try ColumnSearch(cells: table).rows(passing: options.where, notices: &notices)
        guard !allowed.isEmpty else { throw Self.noCells("no cell passes where") }
        let search = ColumnSearch(cells: allowed.count < table.count ? table.selecting(allowed) : table)
        let found: AnnotationColumn
        if let name = options.perturbationColumn {
            found = try search.named(name, option: "perturbationColumn")
        } else {
            found = try search.perturbationColumn(notices: &notices)
        }
        let labels = found.values.labels
        let controls = try search.controls(labels: labels, column: found.name, options: options, notices: &notices)
        let used = labels.indices.filter { controls[$0] || labels[$0] != nil }
        guard !used.isEmpty else { throw Self.noCells("every cell lacks a value in \(found.name)") }
        if used.count < labels.count {
            notices.append(
                Notice(
                    code: "NO_LABEL",
                    message: "\(labels.count - used.count) cells without a value in \(found.name) were left out."))
        }
        let treated = Set(used.filter { !controls[$0] }.compactMap { labels[$0] })
        if used.contains(where: { controls[$0] && labels[$0].map(treated.contains) == true }) {
            notices.append(
                Notice(
                    code: "CONTROLS_POOLED",
                    message: "Controls that carry the label of a treatment were pooled as one population, control."))
        }
        cells = used.map { allowed[$0] }
        perturbations = used.map { cell in
            let label = labels[cell] ?? "control"
            return controls[cell] && treated.contains(label) ? "control" : label
        }
        isControl = used.map { controls[$0] }
        column = found.name
        self.notices = notices
    }

    private static func noCells(_ message: String) -> ScreenError {
        ScreenError(code: "NO_CELLS", element: "obs", message: message, remedy: "change where or the column read")
    }
}
