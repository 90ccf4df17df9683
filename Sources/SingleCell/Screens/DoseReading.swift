import AnnotatedData

/// The dose of every treated cell, and its unit.
struct DoseReading {
    /// nil for controls and where the screen has no doses.
    var doses: [Double?]
    var unit: String?

    /// Throws `DOSE_VALUE` for doses that are missing, negative or no numbers, `AMBIGUOUS` for several units.
    init(
        _ search: ColumnSearch, isControl: [Bool], options: ScreenOptions, notices: inout [Notice]
    ) throws(ScreenError) {
        doses = isControl.map { _ in nil }
        guard options.useDoses else { return }
        let column: AnnotationColumn
        if let name = options.doseColumn {
            column = try search.named(name, option: "doseColumn")
        } else if let found = search.first(ColumnSearch.dose, option: "doseColumn", notices: &notices) {
            column = found
        } else {
            return
        }
        let treated = isControl.indices.filter { !isControl[$0] }
        let labels = column.values.labels
        if options.doseColumn == nil {
            if treated.allSatisfy({ labels[$0] == nil }) { return }
            // Some tools write how many copies of each guide a cell has: "1", "1+1".
            if treated.contains(where: { labels[$0]?.contains("+") == true }) {
                notices.append(
                    Notice(
                        code: "NOT_DOSES",
                        message: "The column \(column.name) holds values such as 1+1, which are no doses; it was not "
                            + "used. Set doseColumn to use another."))
                return
            }
        }
        for cell in treated {
            guard let label = labels[cell], let dose = Double(label), dose.isFinite, dose >= 0 else {
                throw ScreenError(
                    code: "DOSE_VALUE", element: column.name,
                    message: "expected a number of 0 or more for cell \(search.cells.names[cell]), found "
                        + (labels[cell] ?? "nothing"),
                    remedy: "correct the dose, leave the cell out with where, or set useDoses to false")
            }
            doses[cell] = dose
        }
        let zeros = treated.count { doses[$0] == 0 }
        if zeros > 0 {
            notices.append(
                Notice(code: "ZERO_DOSE", message: "\(zeros) cells at dose 0 are not marked as controls."))
        }
        unit = try Self.unit(search, treated: treated, options: options, notices: &notices)
    }

    private static func unit(
        _ search: ColumnSearch, treated: [Int], options: ScreenOptions, notices: inout [Notice]
    ) throws(ScreenError) -> String? {
        if let unit = options.doseUnit { return unit }
        guard let column = search.first(ColumnSearch.doseUnit, option: "doseUnit", notices: &notices) else {
            notices.append(
                Notice(code: "UNKNOWN_DOSE_UNIT", message: "The unit of doses is not given; doseUnit sets it."))
            return nil
        }
        let labels = column.values.labels
        let units = Set(treated.compactMap { labels[$0] }).sorted()
        guard units.count <= 1 else {
            throw ScreenError(
                code: "AMBIGUOUS", element: column.name,
                message: "doses are in several units: \(units.joined(separator: ", "))",
                remedy: "convert the doses to one unit and set doseUnit")
        }
        return units.first
    }
}
