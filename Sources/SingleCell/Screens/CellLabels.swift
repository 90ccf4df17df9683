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
    /// One a cell used: cells of equal numbers share controls. nil where all controls are shared.
    public let strata: [Int]?
    /// Whether cells are to be centred on the controls that they share, as `matchControlsBy` asks.
    public let isCentred: Bool
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
        let isShared = options.matchControlsBy?.isEmpty ?? true
        if isShared, used.contains(where: { controls[$0] && labels[$0].map(treated.contains) == true }) {
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
        isCentred = !isShared
        let columns = options.matchControlsBy ?? options.covariates
        strata = columns.isEmpty ? nil : try Self.strata(search, by: columns, rows: used)
        if let strata, !isCentred, Set(strata).count > 1 {
            notices.append(
                Notice(
                    code: "CONTROLS_BY_KIND",
                    message:
                        "Cells are compared with the controls of the same \(columns.joined(separator: " and ")), as "
                        + "these are covariates; matchControlsBy: [] compares them with all."))
        }
        let uncalled = treated.filter(ColumnSearch.looksUncalled).sorted()
        if !uncalled.isEmpty {
            notices.append(
                Notice(
                    code: "UNCALLED_CELLS",
                    message:
                        "Cells labelled \(uncalled.joined(separator: ", ")) are taken as treated like any others; where "
                        + "leaves them out if nobody knows what was done to them."))
        }
        column = found.name
        self.notices = notices
    }

    /// Numbers in the order of the columns' values, which cells in another order would get, too; a missing value is a value
    /// of its own.
    private static func strata(
        _ search: ColumnSearch, by names: [String], rows: [Int]
    ) throws(ScreenError) -> [Int] {
        var columns: [[String?]] = []
        for name in names { columns.append(try search.named(name, option: "matchControlsBy").values.labels) }
        let keys = rows.map { row in columns.map { $0[row].map { "=" + $0 } ?? "" } }
        let distinct = Set(keys).sorted { $0.lexicographicallyPrecedes($1) }
        let number = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
        return keys.map { number[$0] ?? 0 }
    }

    private static func noCells(_ message: String) -> ScreenError {
        ScreenError(code: "NO_CELLS", element: "obs", message: message, remedy: "change where or the column read")
    }
}
