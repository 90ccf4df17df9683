import AnnotatedData

extension ColumnSearch {
    /// Which cells are controls.
    ///
    /// Throws `NO_CONTROLS`, `AMBIGUOUS` or `MISSING_ELEMENT`, each with the option that settles it.
    func controls(
        labels: [String?], column: String, options: ScreenOptions, notices: inout [Notice]
    ) throws(ScreenError) -> [Bool] {
        let isControl: [Bool]
        if let wanted = options.controlLabels {
            let present = Set(labels.compactMap(\.self))
            let absent = wanted.filter { !present.contains($0) }
            guard absent.isEmpty else {
                throw ScreenError(
                    code: "NO_CONTROLS", element: column,
                    message: "no cell is labelled \(absent.joined(separator: ", ")); labels are "
                        + shortList(present.sorted()),
                    remedy: "set controlLabels to labels of the column \(column)")
            }
            isControl = labels.map { label in label.map { wanted.contains($0) } ?? false }
        } else if let flagged = try flags(options, notices: &notices) {
            isControl = flagged
        } else {
            let kinds = Set(labels.compactMap(\.self)).filter(Self.looksLikeControl).sorted()
            if kinds.count > 1 {
                throw ScreenError(
                    code: "AMBIGUOUS", element: column,
                    message: "several labels could be the control: \(kinds.joined(separator: ", "))",
                    remedy: "set controlLabels to those that are")
            }
            if let kind = kinds.first {
                notices.append(Notice(code: "CONTROL_LABEL", message: "Cells labelled \(kind) were taken as controls."))
            }
            isControl = labels.map { label in label != nil && label == kinds.first }
        }
        if !isControl.contains(true), options.requireControls {
            throw ScreenError(
                code: "NO_CONTROLS", element: column,
                message: "expected control cells, found none; labels are "
                    + shortList(Set(labels.compactMap(\.self)).sorted()),
                remedy: "set controlLabels to the labels of control cells, or controlColumn")
        }
        let treated = Set(zip(labels, isControl).lazy.filter { !$1 }.compactMap { $0.0 })
        let odd = treated.filter(Self.looksLikeControl).sorted()
        if !odd.isEmpty {
            notices.append(
                Notice(
                    code: "TREATED_LIKE_CONTROL",
                    message: "Cells labelled \(odd.joined(separator: ", ")) count as treated: they are not marked as "
                        + "controls. Set controlLabels, or leave them out with where."))
        }
        return isControl
    }

    private func flags(_ options: ScreenOptions, notices: inout [Notice]) throws(ScreenError) -> [Bool]? {
        let column: AnnotationColumn
        if let name = options.controlColumn {
            column = try named(name, option: "controlColumn")
        } else if let found = first(Self.control, option: "controlColumn", notices: &notices) {
            column = found
        } else {
            return nil
        }
        guard let truths = column.values.truths else {
            throw ScreenError(
                code: "AMBIGUOUS", element: column.name,
                message: "expected true or false for every cell, found other values",
                remedy: "set controlLabels instead of controlColumn")
        }
        return truths
    }
}

/// The first few of many names.
public func shortList(_ names: [String]) -> String {
    let shown = names.prefix(8).joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
}
