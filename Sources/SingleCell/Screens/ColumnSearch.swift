import AnnotatedData

/// Finds the columns that say what was done to each cell, and what had to be assumed.
struct ColumnSearch {
    static let perturbation = [
        "perturbation", "condition", "drug", "compound", "treatment", "gene_target", "guide_id", "guide_identity",
    ]
    static let control = ["is_control", "iscontrol", "control"]
    static let dose = ["dose", "dose_value", "dose_val", "concentration"]
    static let doseUnit = ["dose_unit", "dose_units", "unit"]
    static let target = ["target", "targets", "target_gene", "target_genes", "gene_target"]
    /// Compared in small letters without anything but letters and digits.
    static let controlLabels: Set<String> = [
        "control", "controls", "ctrl", "vehicle", "dmso", "nontargeting", "nontarget", "nt", "negctrl", "negcontrol",
        "negativecontrol", "untreated", "unperturbed", "mock", "scramble", "scrambled", "safetargeting", "pbs", "none",
        "media", "medium",
    ]

    /// Compared in the same way: cells of which nobody knows what was done.
    private static let uncalledLabels: Set<String> = [
        "unassigned", "notassigned", "unknown", "undetermined", "ambiguous", "multiple", "multiplet", "doublet",
        "nocall",
    ]

    let cells: AnnotationTable

    static func looksUncalled(_ label: String) -> Bool {
        uncalledLabels.contains(label.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    static func looksLikeControl(_ label: String) -> Bool {
        controlLabels.contains(label.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    /// The columns whose names are among `names`, in the order of `names`, whatever their case.
    func present(_ names: [String]) -> [AnnotationColumn] {
        names.flatMap { name in cells.columns.filter { $0.name.lowercased() == name } }
    }

    /// The column of that name; `option` is what named it.
    func named(_ name: String, option: String) throws(ScreenError) -> AnnotationColumn {
        guard let values = cells[name] else {
            throw missing("expected a column \(name)", element: name, option: option)
        }
        return AnnotationColumn(name: name, values: values)
    }

    func missing(_ message: String, element: String?, option: String) -> ScreenError {
        let names = cells.columns.map(\.name).joined(separator: ", ")
        return ScreenError(
            code: "MISSING_ELEMENT", element: element, message: "\(message), found \(names.isEmpty ? "none" : names)",
            remedy: "set \(option) to one of these columns")
    }

    /// The one column of perturbations, or an error that names `perturbationColumn`.
    func perturbationColumn(notices: inout [Notice]) throws(ScreenError) -> AnnotationColumn {
        let found = present(Self.perturbation)
        guard let first = found.first else {
            throw missing(
                "expected a column of perturbations (\(Self.perturbation.joined(separator: ", ")))", element: "obs",
                option: "perturbationColumn")
        }
        if found.count == 1 { return first }
        let varying = found.filter { Set($0.values.labels.compactMap(\.self)).count > 1 }
        let reason: String
        let chosen: AnnotationColumn
        if varying.count == 1 {
            (chosen, reason) = (varying[0], "the others hold a single value")
        } else if let standard = varying.first(where: { $0.name.lowercased() == "perturbation" }) {
            (chosen, reason) = (standard, "it has the usual name")
        } else if let coarse = coarsest(varying), same(coarse, varying) {
            // The same groups under different names: the names of one of them may tell the control.
            chosen = varying.first { $0.values.labels.contains { $0.map(Self.looksLikeControl) ?? false } } ?? coarse
            reason = "they group cells in the same way"
        } else if let coarse = coarsest(varying), dividesByDose(coarse) {
            (chosen, reason) = (coarse, "the others divide it further")
        } else {
            throw ScreenError(
                code: "AMBIGUOUS", element: "obs",
                message: "expected one column of perturbations, found \(found.map(\.name).joined(separator: ", "))",
                remedy: "set perturbationColumn to one of them")
        }
        let others = found.map(\.name).filter { $0 != chosen.name }.joined(separator: ", ")
        notices.append(
            Notice(
                code: "PERTURBATION_COLUMN",
                message: "Perturbations were read from \(chosen.name), not from \(others): \(reason)."))
        return chosen
    }

    /// The column of which every other one is a finer or equal division; the first such.
    private func coarsest(_ columns: [AnnotationColumn]) -> AnnotationColumn? {
        columns.first { coarse in
            columns.allSatisfy { fine in
                var labelOf: [String?: String?] = [:]
                return zip(fine.values.labels, coarse.values.labels).allSatisfy { fine, coarse in
                    labelOf.updateValue(coarse, forKey: fine).map { $0 == coarse } ?? true
                }
            }
        }
    }

    /// Whether finer columns beside a column of drugs can be its doses and times.
    private func dividesByDose(_ column: AnnotationColumn) -> Bool {
        ["drug", "compound"].contains(column.name.lowercased()) && !present(Self.dose).isEmpty
    }

    private func same(_ column: AnnotationColumn, _ columns: [AnnotationColumn]) -> Bool {
        let count = Set(column.values.labels).count
        return columns.allSatisfy { Set($0.values.labels).count == count }
    }

    /// The first column present; a notice where there were several.
    func first(_ names: [String], option: String, notices: inout [Notice]) -> AnnotationColumn? {
        let found = present(names)
        if found.count > 1 {
            notices.append(
                Notice(
                    code: "COLUMN_CHOSEN",
                    message: "Of \(found.map(\.name).joined(separator: ", ")) the column \(found[0].name) was used; "
                        + "\(option) chooses another."))
        }
        return found.first
    }

    /// The rows that every filter allows; an unknown value is an error.
    func rows(
        passing filters: [String: [String]], option: String = "where", notices: inout [Notice]
    ) throws(ScreenError) -> [Int] {
        var kept = Array(0..<cells.count)
        for (name, values) in filters.sorted(by: { $0.key < $1.key }) {
            let labels = try named(name, option: option).values.labels
            let unknown = values.filter { value in !labels.contains(value) }
            guard unknown.isEmpty else {
                throw ScreenError(
                    code: "MISSING_ELEMENT", element: name,
                    message: "no row has \(unknown.joined(separator: ", ")) in \(name); values are "
                        + shortList(Set(labels.compactMap(\.self)).sorted()),
                    remedy: "correct the values under \(option)")
            }
            kept = kept.filter { row in labels[row].map(values.contains) ?? false }
        }
        if kept.count < cells.count {
            notices.append(
                Notice(code: "ROWS_FILTERED", message: "\(kept.count) of \(cells.count) rows pass where."))
        }
        return kept
    }
}
