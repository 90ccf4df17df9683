import AnnotatedData

/// Treatments that a table asks for, in the terms of a screen: its unit of doses, its covariates.
///
/// Columns: `perturbation` (else the rows' names), a dose with or without `dose_unit`, `level`, covariates by their names,
/// and `group`: rows that share one are perturbations given together. A row that leaves a covariate open asks for all
/// kinds of cells of the screen that it fits.
public struct TreatmentRequests: Sendable, Equatable {
    public struct Request: Sendable, Hashable {
        /// A combination is named as in the screen where it was measured, else by its group.
        public var context: Context
        /// The perturbations given together; nil for a single one.
        public var parts: [String]?

        /// As screens name the parts of combinations.
        public var combinations: [String: [String]] { parts.map { [context.perturbation: $0] } ?? [:] }
    }

    /// In the order of the rows, repeated ones once.
    public private(set) var requests: [Request] = []
    public private(set) var notices: [Notice] = []

    /// - Parameters:
    ///   - contexts: The treatments of the screen.
    ///   - combinations: The parts of its combinations.
    /// - Throws: `MISSING_ELEMENT` for a row without a perturbation, `DOSE_VALUE` for doses that are none or can't be
    ///   brought to the screen's unit, `BAD_GROUP` for a group of different doses or covariates.
    public init(
        _ table: AnnotationTable, of contexts: [Context], combinations: [String: [String]]
    ) throws(ScreenError) {
        let rows = try Self.contexts(table, of: contexts, notices: &notices)
        let names = Dictionary(combinations.map { ($1.sorted(), $0) }, uniquingKeysWith: min)
        let groups = table["group"]?.labels
        let kinds = Set(contexts.map { Context(perturbation: "", covariates: $0.covariates) })
            .sorted(by: Context.precedes).map(\.covariates)
        var asked: [Request] = []
        var opened: Set<String> = []
        for (row, context) in rows.enumerated() {
            var request = Request(context: context)
            if let group = groups?[row], !group.isEmpty {
                guard opened.insert(group).inserted else { continue }
                let members = rows.indices.filter { groups?[$0] == group }.map { rows[$0] }
                request = try Self.combined(members, group: group, names: names)
            }
            asked.append(request)
        }
        var seen: Set<Request> = []
        requests = asked.flatMap { Self.inAllKinds($0, kinds) }.filter { seen.insert($0).inserted }
        noteCovariates(asked, contexts)
    }

    /// One for each kind of cells that the request leaves open.
    private static func inAllKinds(_ request: Request, _ kinds: [[String: String]]) -> [Request] {
        let given = request.context.covariates
        let fitting = kinds.filter { kind in given.allSatisfy { kind[$0.key] == $0.value } }
        guard !fitting.isEmpty else { return [request] }
        return fitting.map { kind in
            var one = request
            one.context.covariates = kind
            return one
        }
    }

    private static func contexts(
        _ table: AnnotationTable, of contexts: [Context], notices: inout [Notice]
    ) throws(ScreenError) -> [Context] {
        let search = ColumnSearch(cells: table)
        let labels = search.present(["perturbation"]).first?.values.labels ?? table.names
        let doses = search.first(ColumnSearch.dose, option: "its name", notices: &notices)
        let units = search.present(ColumnSearch.doseUnit).first?.values.labels
        let levels = table["level"]?.labels
        let columns = Set(contexts.flatMap(\.covariates.keys)).sorted().compactMap { name in
            table[name].map { (name: name, labels: $0.labels) }
        }
        let unit = contexts.lazy.compactMap(\.doseUnit).first
        let texts = doses?.values.labels
        var converted: Set<String> = []
        var read: [Context] = []
        for row in 0..<table.count {
            guard let name = labels[row], !name.isEmpty else {
                throw ScreenError(
                    code: "MISSING_ELEMENT", element: "perturbation, row \(row + 1)",
                    message: "expected the name of a perturbation, found nothing",
                    remedy: "fill it in, or leave the row out")
            }
            var context = Context(perturbation: name)
            if let text = texts?[row], !text.isEmpty {
                let own = units.flatMap { $0[row] }
                context.dose = try dose(text, unit: own, in: unit, row: row, converted: &converted)
                context.doseUnit = unit ?? own
            }
            context.level = levels?[row]
            for column in columns {
                if let value = column.labels[row], !value.isEmpty { context.covariates[column.name] = value }
            }
            read.append(context)
        }
        if let unit, !converted.isEmpty {
            notices.append(
                Notice(
                    code: "DOSES_CONVERTED",
                    message: "Doses in \(converted.sorted().joined(separator: ", ")) were converted to \(unit)."))
        }
        let unknown = Set(read.compactMap(\.doseUnit)).sorted()
        guard unit != nil || unknown.count < 2 else {
            throw ScreenError(
                code: "DOSE_VALUE", element: "dose_unit",
                message:
                    "doses of one unit expected, as the screen names none, found \(unknown.joined(separator: ", "))",
                remedy: "write all doses in the unit of the screen")
        }
        return read
    }

    private static func dose(
        _ text: String, unit own: String?, in unit: String?, row: Int, converted: inout Set<String>
    ) throws(ScreenError) -> Double {
        func refused(_ message: String, _ remedy: String) -> ScreenError {
            ScreenError(code: "DOSE_VALUE", element: "dose, row \(row + 1)", message: message, remedy: remedy)
        }
        let written: DoseText
        do throws(ScreenError) {
            // A number with the unit beside it is read as one text, so that its digits are kept.
            let isBare = Double(text) != nil
            written = try DoseText(isBare && own != unit ? "\(text) \(own ?? "")" : text)
        } catch {
            throw refused(error.message, error.remedy)
        }
        guard written.doses.count == 1 else {
            throw refused(
                "one dose expected, found \(written.doses.count)",
                "write the perturbations of a combination in rows of their own with a shared group")
        }
        let dose = written.doses[0]
        guard let found = dose.unit, let unit else { return dose.value }
        guard let wanted = try? DoseUnit(unit), let value = dose.value(in: wanted) else {
            throw refused("a dose in \(unit) expected, found \(written.text)", "write it in the unit of the screen")
        }
        if found.symbol != wanted.symbol { converted.insert(found.symbol) }
        return value
    }

    private static func combined(
        _ members: [Context], group: String, names: [[String]: String]
    ) throws(ScreenError) -> Request {
        var context = members[0]
        var parts: [String] = []
        for member in members {
            guard member.dose == context.dose, member.level == context.level, member.covariates == context.covariates
            else {
                throw ScreenError(
                    code: "BAD_GROUP", element: group,
                    message: "one dose and kind of cell expected for perturbations given together, found several",
                    remedy: "give the rows of the group the same dose and covariates")
            }
            guard !parts.contains(member.perturbation) else {
                throw ScreenError(
                    code: "BAD_GROUP", element: group,
                    message: "different perturbations expected, found \(member.perturbation) twice",
                    remedy: "write each perturbation of the group once")
            }
            parts.append(member.perturbation)
        }
        guard parts.count > 1 else { return Request(context: context) }
        context.perturbation = names[parts.sorted()] ?? group
        return Request(context: context, parts: parts)
    }

    /// Says where kinds of cells are asked for that the screen has not, or where all of them are meant.
    private mutating func noteCovariates(_ asked: [Request], _ contexts: [Context]) {
        for name in Set(contexts.flatMap(\.covariates.keys)).sorted() {
            let known = Set(contexts.compactMap { $0.covariates[name] })
            let values = asked.map { $0.context.covariates[name] }
            let unknown = Set(values.compactMap(\.self)).subtracting(known)
            if !unknown.isEmpty {
                notices.append(
                    Notice(
                        code: "UNKNOWN_COVARIATE",
                        message: "The screen has no \(name) \(shortList(unknown.sorted())): what is predicted rests on "
                            + "what \(shortList(known.sorted())) have in common."))
            }
            if values.contains(nil), known.count > 1 {
                notices.append(
                    Notice(
                        code: "ALL_KINDS",
                        message: "\(name) is left open: predicted in each of \(shortList(known.sorted()))."))
            }
        }
    }
}
