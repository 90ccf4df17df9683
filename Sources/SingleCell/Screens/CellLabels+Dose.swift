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

    /// The doses of the treated cells.
    /// - Parameter table: The table from which the labels were read.
    /// - Returns: nil where there are no doses, or they are not used.
    /// - Throws: `DOSE_VALUE` for doses that are missing, negative, no numbers or of different kinds, `AMBIGUOUS` for
    ///   several units, `MISSING_ELEMENT`.
    public func doses(
        of table: AnnotationTable, options: ScreenOptions = .init()
    ) throws(ScreenError) -> (found: DoseFinding?, notices: [Notice]) {
        var notices: [Notice] = []
        let search = ColumnSearch(cells: table.selecting(cells))
        let reading = try DoseReading(search, isControl: isControl, options: options, notices: &notices)
        let found = reading.column.map { column in
            DoseFinding(column: column, unit: reading.unit, values: Set(reading.doses.compactMap(\.self)).sorted())
        }
        return (found, notices)
    }
}
