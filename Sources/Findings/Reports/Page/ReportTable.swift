import Foundation

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
            .tag(
                "th", ["scope": "col", "class": column.isNumber ? "n" : nil], column.title.isEmpty ? " " : column.title)
        }
        let decimals = columns.indices.map(decimals(ofColumn:))
        // Most cells are numbers, and a page holds hundreds of thousands of them: what is no number says so.
        let body = rows.map { row -> Markup in
            .tag(
                "tr", [:],
                row.enumerated().map { index, cell in
                    let content = cell.markup(decimals: decimals[index])
                    let bar = cell.bar
                    return index == 0
                        ? .tag(
                            "th", ["scope": "row", "class": columns[index].isNumber ? "n" : nil, "style": bar], content)
                        : .tag("td", ["class": columns[index].isNumber ? nil : "l", "style": bar], content)
                })
        }
        let caption = Markup.tag("caption", ["class": visibleTitle ? nil : "hidden"], title)
        return .tag(
            "div", ["class": "scroll", "tabindex": "0", "role": "group", "aria-label": "Table: \(title)"],
            [
                .tag(
                    "table", [:],
                    (title.isEmpty ? [] : [caption]) + [
                        .tag("thead", [:], [.tag("tr", [:], head)]), .tag("tbody", [:], body),
                    ])
            ])
    }
}

extension ReportTable {
    /// Decimals that show the largest number of a column with three digits (two below one), so that the column lines up.
    private func decimals(ofColumn column: Int) -> Int {
        let values = rows.flatMap { row -> [Double] in
            switch row[column] {
            case .number(let value): [value]
            case .estimate(let estimate): [estimate.value, estimate.lower ?? 0, estimate.upper ?? 0]
            default: []
            }
        }.filter(\.isFinite)
        let largest = values.map { abs($0) }.max() ?? 0
        if largest == 0 || values.allSatisfy({ $0 == $0.rounded() }) { return 0 }
        let exponent = Int(floor(log10(largest)))
        return min(6, max(0, exponent == -1 ? 2 : 2 - exponent))
    }
}

extension ReportTable.Cell {
    /// How long the bar before a share is, as a property that the stylesheet reads.
    fileprivate var bar: String? {
        guard case .share(let share) = self, share.isFinite else { return nil }
        return "--p:\(Int((min(max(share, 0), 1) * 100).rounded()))%"
    }

    /// - Parameter decimals: of the column; a number that they would show as zero is written with two digits.
    func markup(decimals: Int) -> [Markup] {
        func written(_ value: Double) -> String {
            let hidden = value != 0 && abs(value) < 0.5 * pow(10, -Double(decimals))
            let long = abs(value) >= 1e7
            return hidden || long ? value.significantText(2) : value.fixedText(decimals)
        }
        switch self {
        case .text(let text): return [.text(text)]
        case .number(let value): return [.text(written(value))]
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
                return [.text(written(estimate.value))]
            }
            return [
                .text(written(estimate.value) + " "),
                .tag("i", [:], "[\(written(lower)), \(written(upper))]"),
            ]
        case .share(let share):
            return [.text(share.isFinite ? share.fixedText(2) : share.significantText())]
        }
    }
}
