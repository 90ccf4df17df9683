/// A matrix as shaded cells. Shade is the strength of the value; in a diverging map the sign is the hue and a bar in the
/// cell marks negative values, so that the map reads without colour. Rows and columns that are alike can stand together,
/// with the tree of their clusters at the edge.
public struct HeatmapFigure: Codable, Sendable, Equatable, FigureDrawing {
    public enum Scale: String, Codable, Sendable { case sequential, diverging }
    /// What is put in the order of its clusters.
    public enum Clustering: String, Codable, Sendable { case none, rows, columns, both }

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
    /// Average linkage of Euclidean distances between rows, between columns, or both.
    public var clustering: Clustering

    public init(
        title: String, caption: String = "", rowName: String, columnName: String, valueName: String, rows: [String],
        columns: [String], values: [[Double]], scale: Scale = .sequential, outlined: [[Int]] = [],
        outlineName: String = "", logarithmic: Bool = false, fullShade: Double? = nil, clustering: Clustering = .none
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
        self.clustering = clustering
    }

    var description: String {
        let known = values.joined().filter(\.isFinite)
        guard let low = known.min(), let high = known.max() else {
            return "Heatmap of \(valueName) without values."
        }
        let cell = values.indices.flatMap { row in columns.indices.map { (row, $0) } }.first {
            values[$0.0][$0.1] == high
        }
        let place = cell.map { " (\(rowName) \(rows[$0.0]), \(columnName) \(columns[$0.1]))" } ?? ""
        let ordered =
            switch clustering {
            case .none: ""
            case .rows: ", rows in the order of their clusters"
            case .columns: ", columns in the order of their clusters"
            case .both: ", both in the order of their clusters"
            }
        return
            "Heatmap of \(valueName), \(rows.count) rows (\(rowName)) by \(columns.count) columns (\(columnName))\(ordered); "
            + "from \(low.significantText()) to \(high.significantText())\(place)."
    }

    func numbers() -> ReportTable? {
        guard rows.count * columns.count <= 400, columns.count > 14 else { return nil }
        return ReportTable(
            title: title, columns: [.text(rowName)] + columns.map { .number($0) },
            rows: rows.indices.map { row in [.text(rows[row])] + values[row].map { .number($0) } })
    }
}
