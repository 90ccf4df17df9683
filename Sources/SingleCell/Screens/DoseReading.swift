import AnnotatedData

/// The dose of every treated cell, and its unit.
struct DoseReading {
    /// nil for controls and where the screen has no doses.
    var doses: [Double?]
    var unit: String?
    /// The column that was read; nil where there is none or it holds no doses.
    private(set) var column: String?

    /// Throws `DOSE_VALUE` for doses that are missing, negative, no numbers or of different kinds, `AMBIGUOUS` for several
    /// units.
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
            let lists = Set(treated.compactMap { labels[$0] }).filter(Self.isList)
            if let example = lists.min() {
                notices.append(Self.unusedLists(lists, example: example, column: column.name))
                return
            }
        }
        self.column = column.name
        var read: [String: DoseText.Dose] = [:]
        for cell in treated {
            guard let label = labels[cell] else {
                throw Self.refused(
                    column.name, "expected a number of 0 or more for cell \(search.cells.names[cell]), found nothing",
                    "correct the dose, leave the cell out with where, or set useDoses to false")
            }
            if read[label] == nil {
                read[label] = try Self.dose(label, cell: search.cells.names[cell], column: column.name)
            }
        }
        let spelled = try Self.commonUnit(Array(read.values), column: column.name, options: options)
        if let spelled {
            try Self.compare(spelled, with: search, treated: treated, options: options)
            unit = spelled.symbol
            let example = read.filter { $0.value.unit != nil }.keys.min() ?? ""
            notices.append(
                Notice(
                    code: "DOSE_TEXTS",
                    message: "Doses were read from texts such as \(example), and are in \(spelled.symbol)."))
        } else {
            unit = try Self.unit(search, treated: treated, options: options, notices: &notices)
        }
        for cell in treated {
            let dose = read[labels[cell] ?? ""]
            doses[cell] = spelled.map { unit in dose?.value(in: unit) } ?? dose?.value
        }
        let zeros = treated.count { doses[$0] == 0 }
        if zeros > 0 {
            notices.append(
                Notice(code: "ZERO_DOSE", message: "\(zeros) cells at dose 0 are not marked as controls."))
        }
    }

    /// Whether a text holds several doses, or something else between plus signs; `1e+2 nM` does not.
    private static func isList(_ label: String) -> Bool {
        guard label.contains("+"), Double(label) == nil else { return false }
        guard let text = try? DoseText(label) else { return true }
        return text.doses.count > 1
    }

    private static func unusedLists(_ lists: Set<String>, example: String, column: String) -> Notice {
        // Some tools write how many copies of each guide a cell has.
        if lists.allSatisfy({ $0.split(separator: "+").allSatisfy { $0 == "1" } }) {
            return Notice(
                code: "NOT_DOSES",
                message:
                    "The column \(column) holds values such as \(example), which are no doses; it was not used. Set "
                    + "doseColumn to use another.")
        }
        return Notice(
            code: "DOSE_LISTS",
            message:
                "The column \(column) holds several doses in one text, such as \(example); it was not used. doseColumn "
                + "names a column with one dose a cell.")
    }

    private static func dose(_ label: String, cell: String, column: String) throws(ScreenError) -> DoseText.Dose {
        do throws(ScreenError) {
            let doses = try DoseText(label).doses
            guard doses.count == 1 else {
                throw refused(
                    column, "one dose expected, found \(doses.count)",
                    "put the dose of each drug into a column of its own")
            }
            return doses[0]
        } catch {
            throw refused(
                column, "expected a number of 0 or more for cell \(cell), found \(label): \(error.message)",
                "\(error.remedy); else leave the cell out with where, or set useDoses to false")
        }
    }

    /// The unit for all doses of the column: the one asked for, the one that all have, or the common one of their kind; nil
    /// where no text has a unit.
    private static func commonUnit(
        _ doses: [DoseText.Dose], column: String, options: ScreenOptions
    ) throws(ScreenError) -> DoseUnit? {
        let units = doses.compactMap(\.unit)
        guard let first = units.first else { return nil }
        let dimensions = Set(units.map(\.dimension.rawValue)).sorted()
        guard dimensions.count == 1 else {
            throw refused(
                column, "doses of one kind expected, found \(dimensions.joined(separator: " and "))",
                "write all doses in units of one kind, or divide the screen with where")
        }
        if let bare = doses.first(where: { $0.unit == nil && $0.value != 0 }) {
            throw refused(
                column, "doses with units expected, like the others, found \(bare.value) without one",
                "write every dose's unit")
        }
        if let asked = options.doseUnit {
            let unit = try DoseUnit(asked)
            guard unit.dimension == first.dimension else {
                throw refused(
                    column,
                    "doses are in units of \(first.dimension.rawValue), \(asked) is one of "
                        + unit.dimension.rawValue, "correct doseUnit")
            }
            return unit
        }
        return Set(units.map(\.symbol)).count == 1 ? first : try DoseUnit(first.dimension.common)
    }

    /// Texts with units and a column of units must agree.
    private static func compare(
        _ unit: DoseUnit, with search: ColumnSearch, treated: [Int], options: ScreenOptions
    ) throws(ScreenError) {
        guard options.doseUnit == nil, let column = search.present(ColumnSearch.doseUnit).first else { return }
        let labels = column.values.labels
        for label in Set(treated.compactMap { labels[$0] }).sorted() {
            let other = try? DoseUnit(label)
            guard other?.symbol == unit.symbol else {
                throw ScreenError(
                    code: "AMBIGUOUS", element: column.name,
                    message: "doses are written with the unit \(unit.symbol), the column \(column.name) says \(label)",
                    remedy: "set doseUnit to the unit wanted")
            }
        }
    }

    private static func refused(_ column: String, _ message: String, _ remedy: String) -> ScreenError {
        ScreenError(code: "DOSE_VALUE", element: column, message: message, remedy: remedy)
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
