/// A table of the report; the first cell of every row names the row.
public struct ReportTable: Codable, Sendable, Equatable {
    public struct Column: Codable, Sendable, Equatable {
        public var title: String
        public var isNumber: Bool

        public init(title: String, isNumber: Bool) {
            self.title = title
            self.isNumber = isNumber
        }

        public static func text(_ title: String) -> Column { Column(title: title, isNumber: false) }
        public static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
    }

    public enum Cell: Codable, Sendable, Equatable {
        case text(String)
        case number(Double)
        case count(Int)
        case estimate(Estimate)
        /// A number from 0 to 1 with a small bar beside it.
        case share(Double)
        case verdict(Verdict)
        /// A word in a frame, such as `recovered`.
        case tag(String)
    }

    public var title: String
    public var columns: [Column]
    public var rows: [[Cell]]

    public init(title: String, columns: [Column], rows: [[Cell]]) {
        for row in rows {
            precondition(row.count == columns.count, "\(row.count) cells for \(columns.count) columns")
        }
        self.title = title
        self.columns = columns
        self.rows = rows
    }
}

/// How the model stands to a baseline, or to the best of them.
public enum Verdict: String, Codable, Sendable {
    case beats, ties, loses

    /// A sign that tells the three apart without colour.
    var sign: String {
        switch self {
        case .beats: "▲"
        case .ties: "="
        case .loses: "▼"
        }
    }
}

extension ReportTable {
    /// The table in a box that scrolls sideways by itself; the box can be reached by keyboard.
    func markup(visibleTitle: Bool = true) -> Markup {
        guard !rows.isEmpty else {
            return .tag("p", ["class": "empty"], title.isEmpty ? "No rows." : "\(title): no rows.")
        }
        let head = columns.map { column -> Markup in
            .tag("th", ["scope": "col", "class": column.isNumber ? "n" : nil], column.title.isEmpty ? " " : column.title)
        }
        let body = rows.map { row -> Markup in
            .tag(
                "tr", [:],
                row.enumerated().map { index, cell in
                    let style = columns[index].isNumber ? "n" : nil
                    return index == 0
                        ? .tag("th", ["scope": "row", "class": style], cell.markup)
                        : .tag("td", ["class": style], cell.markup)
                })
        }
        let caption = Markup.tag("caption", ["class": visibleTitle ? nil : "hidden"], title)
        return .tag(
            "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Table: \(title)"],
            [
                .tag(
                    "table", [:],
                    (title.isEmpty ? [] : [caption]) + [
                        .tag("thead", [:], [.tag("tr", [:], head)]), .tag("tbody", [:], body),
                    ])
            ])
    }
}

extension ReportTable.Cell {
    var markup: [Markup] {
        switch self {
        case .text(let text): return [.text(text)]
        case .number(let value): return [.text(value.significantText())]
        case .count(let count): return [.text(count.countText)]
        case .tag(let word): return [.tag("span", ["class": "tag"], word)]
        case .verdict(let verdict):
            return [
                .tag(
                    "span", ["class": "verdict \(verdict.rawValue)"],
                    [.tag("span", ["aria-hidden": "true"], verdict.sign), .text(" \(verdict.rawValue)")])
            ]
        case .estimate(let estimate):
            guard let lower = estimate.lower, let upper = estimate.upper else {
                return [.text(estimate.value.significantText())]
            }
            return [
                .text(estimate.value.significantText() + " "),
                .tag("span", ["class": "interval"], "[\(lower.significantText()), \(upper.significantText())]"),
            ]
        case .share(let share):
            guard share.isFinite else { return [.text(share.significantText())] }
            let percent = Int((min(max(share, 0), 1) * 100).rounded())
            return [
                .tag(
                    "span", ["class": "share", "aria-hidden": "true"],
                    [.tag("span", ["style": "width:\(percent)%"], [.text("")])]),
                .text(share.fixedText(2)),
            ]
        }
    }
}
