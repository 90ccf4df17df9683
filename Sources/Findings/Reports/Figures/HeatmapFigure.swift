import Foundation

/// A matrix as shaded cells. Shade is the strength of the value; in a diverging map the sign is the hue and a bar in the
/// cell marks negative values, so that the map reads without colour.
public struct HeatmapFigure: Codable, Sendable, Equatable, FigureDrawing {
    public enum Scale: String, Codable, Sendable { case sequential, diverging }

    public var title: String
    public var caption: String
    /// What the rows, the columns and the values are.
    public var rowName: String
    public var columnName: String
    public var valueName: String
    public var rows: [String]
    public var columns: [String]
    /// rows × columns; NaN where nothing is known.
    public var values: [[Double]]
    public var scale: Scale
    /// Cells drawn with an outline, as (row, column), and what the outline means.
    public var outlined: [[Int]]
    public var outlineName: String
    /// Whether the shade follows the logarithm of (1 + value): for counts.
    public var logarithmic: Bool
    /// The value of the deepest shade, such as 1 for probabilities; nil for the largest value there is.
    public var fullShade: Double?

    public init(
        title: String, caption: String = "", rowName: String, columnName: String, valueName: String, rows: [String],
        columns: [String], values: [[Double]], scale: Scale = .sequential, outlined: [[Int]] = [],
        outlineName: String = "", logarithmic: Bool = false, fullShade: Double? = nil
    ) {
        precondition(values.count == rows.count, "\(values.count) rows of values for \(rows.count) names")
        for row in values {
            precondition(row.count == columns.count, "\(row.count) values for \(columns.count) columns")
        }
        self.title = title
        self.caption = caption
        self.rowName = rowName
        self.columnName = columnName
        self.valueName = valueName
        self.rows = rows
        self.columns = columns
        self.values = values
        self.scale = scale
        self.outlined = outlined
        self.outlineName = outlineName
        self.logarithmic = logarithmic
        self.fullShade = fullShade
    }

    private var largest: Double { fullShade ?? values.joined().filter(\.isFinite).map { abs($0) }.max() ?? 0 }

    private func strength(_ value: Double) -> Double {
        guard largest > 0 else { return 0 }
        let share = logarithmic ? log1p(abs(value)) / log1p(largest) : abs(value) / largest
        return value == 0 ? 0 : shade(share)
    }

    /// Cells with numbers stay light enough for the numbers to be read on any of them.
    private var isNumbered: Bool { columns.count <= 14 }

    private func shade(_ share: Double) -> Double { 0.06 + (isNumbered ? 0.46 : 0.94) * share }

    var description: String {
        let known = values.joined().filter(\.isFinite)
        guard let low = known.min(), let high = known.max() else {
            return "Heatmap of \(valueName) without values."
        }
        let cell = values.indices.flatMap { row in columns.indices.map { (row, $0) } }.first {
            values[$0.0][$0.1] == high
        }
        let place = cell.map { " (\(rowName) \(rows[$0.0]), \(columnName) \(columns[$0.1]))" } ?? ""
        return "Heatmap of \(valueName), \(rows.count) rows (\(rowName)) by \(columns.count) columns (\(columnName)); "
            + "from \(low.significantText()) to \(high.significantText())\(place)."
    }

    func drawing() -> Drawing {
        guard !rows.isEmpty, !columns.isEmpty else { return emptyDrawing("No rows or no columns") }
        let numbered = isNumbered
        let texts = values.map { row in row.map { $0.isFinite ? shortText($0) : "·" } }
        let widest = numbered ? texts.joined().map { $0.width(fontSize: 10.5) }.max() ?? 0 : 0
        let named = Drawing.labelWidth(columns, fontSize: 12, limit: 64)
        let cellWidth = numbered ? max(30, widest + 10, named + 8) : max(11, min(24, 660 / Double(columns.count)))
        let cellHeight = numbered ? 22 : min(22, max(13, cellWidth))
        let fontSize = cellHeight >= 16 ? 12.0 : 10.5
        let left = 14 + Drawing.labelWidth(rows + [rowName], fontSize: fontSize, limit: 150)
        let longest = Drawing.labelWidth(columns, fontSize: fontSize, limit: 110)
        let turned = longest > cellWidth - 4
        let top = 26 + (turned ? longest + 4 : 16)
        let right = left + cellWidth * Double(columns.count)
        let bottom = top + cellHeight * Double(rows.count)
        let width = max(right + 12, 380)
        var drawing = Drawing(width: width, height: bottom + 48)
        drawing.text(columnName, x: left, y: 12, "label", limit: width - left)
        drawing.text(rowName, x: left - 8, y: top - 6, "label", anchor: .end, limit: left - 10)
        for (column, name) in columns.enumerated() {
            let x = left + cellWidth * (Double(column) + 0.5)
            drawing.text(
                name, x: turned ? x + fontSize / 3 : x, y: top - 6, anchor: turned ? .start : .middle, limit: 110,
                fontSize: fontSize, turned: turned ? -90 : nil)
        }
        for (row, name) in rows.enumerated() {
            let y = top + cellHeight * Double(row)
            drawing.text(
                name, x: left - 8, y: y + cellHeight / 2 + 4, anchor: .end, limit: left - 12, fontSize: fontSize)
            for column in columns.indices {
                drawCell(
                    row, column, x: left + cellWidth * Double(column), y: y, width: cellWidth, height: cellHeight,
                    text: numbered ? texts[row][column] : nil, into: &drawing)
            }
        }
        for cell in outlined where cell.count == 2 && rows.indices ~= cell[0] && columns.indices ~= cell[1] {
            drawing.rectangle(
                x: left + cellWidth * Double(cell[1]) + 1, y: top + cellHeight * Double(cell[0]) + 1,
                width: cellWidth - 2, height: cellHeight - 2, "outline")
        }
        drawKey(x: max(8, min(left, width - 330)), y: bottom + 18, width: width, into: &drawing)
        return drawing
    }

    private func drawCell(
        _ row: Int, _ column: Int, x: Double, y: Double, width: Double, height: Double, text: String?,
        into drawing: inout Drawing
    ) {
        let value = values[row][column]
        guard value.isFinite else {
            drawing.line(x + width / 2 - 4, y + height / 2, x + width / 2 + 4, y + height / 2, "void")
            return
        }
        guard value != 0 || text != nil else { return }
        let opacity = strength(value)
        let down = scale == .diverging && value < 0
        let isSmall = rows.count * columns.count <= 2_500
        let hint = isSmall ? "\(rows[row]) × \(columns[column]): \(value.significantText())" : nil
        drawing.rectangle(
            x: x + 0.5, y: y + 0.5, width: width - 1, height: height - 1, radius: 1.5,
            scale == .sequential ? "heat" : down ? "down" : "up", opacity: opacity, hint: hint)
        if let text {
            drawing.text(text, x: x + width / 2, y: y + height / 2 + 4, anchor: .middle, fontSize: 10.5)
        } else if down {
            drawing.line(x + width * 0.3, y + height / 2, x + width * 0.7, y + height / 2, "minus")
        }
    }

    private func drawKey(x: Double, y: Double, width: Double, into drawing: inout Drawing) {
        let steps = 8
        let low = scale == .diverging ? "−\(shortText(largest))" : "0"
        var at = x
        drawing.text(low, x: at, y: y + 10, "tick", fontSize: 11)
        at += low.width(fontSize: 11) + 6
        let range = scale == .diverging ? Array(-steps / 2...steps / 2) : Array(0...steps)
        for step in range {
            let share = Double(abs(step)) / Double(scale == .diverging ? steps / 2 : steps)
            let style = scale == .sequential ? "heat" : step < 0 ? "down" : "up"
            drawing.rectangle(x: at, y: y, width: 14, height: 12, style, opacity: shade(share))
            at += 14
        }
        let note = logarithmic ? " (shade: log)" : ""
        let end = "\(shortText(largest)) \(valueName)\(note)"
        drawing.text(end, x: at + 6, y: y + 10, "tick", limit: width - at - 10, fontSize: 11)
        guard !outlined.isEmpty else { return }
        drawing.rectangle(x: x, y: y + 17, width: 14, height: 11, "outline")
        drawing.text(outlineName, x: x + 20, y: y + 26, "tick", limit: width - x - 24, fontSize: 11)
    }

    private func shortText(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e7 ? value.fixedText(0) : value.significantText(2)
    }

    func numbers() -> ReportTable? {
        guard rows.count * columns.count <= 400, columns.count > 14 else { return nil }
        return ReportTable(
            title: title, columns: [.text(rowName)] + columns.map { .number($0) },
            rows: rows.indices.map { row in [.text(rows[row])] + values[row].map { .number($0) } })
    }
}
