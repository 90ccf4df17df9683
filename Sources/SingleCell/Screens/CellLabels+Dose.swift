import AnnotatedData

extension CellLabels {
    /// The column of doses: the one that options name, else the first with a usual name; nil where there is none or doses
    /// are not used.
    public static func doseColumn(of table: AnnotationTable, options: ScreenOptions = .init()) -> String? {
        guard options.useDoses else { return nil }
        var notices: [Notice] = []
        return options.doseColumn
            ?? ColumnSearch(cells: table).first(ColumnSearch.dose, option: "doseColumn", notices: &notices)?.name
    }
}
