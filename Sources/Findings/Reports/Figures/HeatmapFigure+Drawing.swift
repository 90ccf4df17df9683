import Foundation

extension HeatmapFigure {
    /// Few columns show their numbers; cells then stay light enough for the numbers to be read on any of them.
    private var isNumbered: Bool { columns.count <= 14 }

    /// What the deepest shade stands for: asked for once a drawing, not once a cell.
    private var largest: Double { fullShade ?? values.joined().filter(\.isFinite).map { abs($0) }.max() ?? 0 }

    /// Opacity of a share of the deepest shade.
    private func shade(_ share: Double) -> Double { 0.06 + (isNumbered ? 0.46 : 0.94) * share }

    private func share(_ value: Double, of largest: Double) -> Double {
        guard largest > 0 else { return 0 }
        return min(1, logarithmic ? log1p(abs(value)) / log1p(largest) : abs(value) / largest)
    }

    private func style(_ value: Double) -> String {
        scale == .sequential ? "heat" : value < 0 ? "down" : "up"
    }

    /// Where cells stand: their size, and the edges of the map.
    private struct Frame {
        var left: Double
        var top: Double
        var cellWidth: Double
        var cellHeight: Double
        /// Which row and which column stand at each place.
        var rowOrder: [Int]
        var columnOrder: [Int]

        var right: Double { left + cellWidth * Double(columnOrder.count) }
        var bottom: Double { top + cellHeight * Double(rowOrder.count) }
    }

    func drawing() -> Drawing {
        guard !rows.isEmpty, !columns.isEmpty else { return emptyDrawing("No rows or no columns") }
        let rowClusters = [.rows, .both].contains(clustering) && rows.count > 2 ? RowClustering(rows: values) : nil
        let columnClusters =
            [.columns, .both].contains(clustering) && columns.count > 2
            ? RowClustering(rows: columns.indices.map { column in values.map { $0[column] } }) : nil
        let texts = values.map { row in row.map { $0.isFinite ? shortText($0) : "·" } }
        let widest = isNumbered ? texts.joined().map { $0.width(fontSize: 10.5) }.max() ?? 0 : 0
        let named = Drawing.labelWidth(columns, fontSize: 12, limit: 64)
        // More than eighty names can't all be read: the cells shrink instead, and every second, third, … name is written.
        // Whole tenths, as coordinates are written.
        let cellWidth = Self.tenths(
            isNumbered
                ? max(30, widest + 10, named + 8)
                : columns.count > 80
                    ? max(4, 800 / Double(columns.count)) : max(11, min(24, 660 / Double(columns.count))))
        let cellHeight = Self.tenths(
            rows.count > 80 ? max(4, 900 / Double(rows.count)) : isNumbered ? 22 : min(22, max(13, cellWidth)))
        let fontSize = cellHeight >= 16 ? 12.0 : 10.5
        let longest = Drawing.labelWidth(columns, fontSize: fontSize, limit: 110)
        let turned = longest > cellWidth - 4
        let frame = Frame(
            left: 14 + Drawing.labelWidth(rows + [rowName], fontSize: fontSize, limit: 150),
            top: 26 + (turned ? longest + 4 : 16), cellWidth: cellWidth, cellHeight: cellHeight,
            rowOrder: rowClusters?.order ?? Array(rows.indices),
            columnOrder: columnClusters?.order ?? Array(columns.indices))
        let treeWidth = rowClusters == nil ? 0.0 : 40
        let treeHeight = columnClusters == nil ? 0.0 : 40
        let width = max(frame.right + treeWidth + 12, 380)
        var drawing = Drawing(width: width, height: frame.bottom + treeHeight + 48)
        drawing.text(columnName, x: frame.left, y: 12, "label", limit: width - frame.left)
        drawing.text(rowName, x: frame.left - 8, y: frame.top - 6, "label", anchor: .end, limit: frame.left - 10)
        drawNames(frame, fontSize: fontSize, turned: turned, into: &drawing)
        if isNumbered {
            drawNumbers(frame, texts, into: &drawing)
        } else {
            drawCells(frame, into: &drawing)
        }
        drawMissing(frame, into: &drawing)
        drawOutlines(frame, into: &drawing)
        if let rowClusters {
            drawing.path(
                rowClusters.tree { across, up in (frame.right + 4 + 34 * up, frame.top + cellHeight * (across + 0.5)) },
                "tree")
        }
        if let columnClusters {
            drawing.path(
                columnClusters.tree { across, up in
                    (frame.left + cellWidth * (across + 0.5), frame.bottom + 4 + 34 * up)
                }, "tree")
        }
        drawKey(
            x: max(8, min(frame.left, width - 330)), y: frame.bottom + treeHeight + 18, width: width, into: &drawing)
        return drawing
    }

    private static func tenths(_ size: Double) -> Double { (size * 10).rounded() / 10 }

    private func drawNames(_ frame: Frame, fontSize: Double, turned: Bool, into drawing: inout Drawing) {
        let everyColumn = Int((10.5 / frame.cellWidth).rounded(.up))
        for (place, column) in frame.columnOrder.enumerated() where !turned || place % everyColumn == 0 {
            let x = frame.left + frame.cellWidth * (Double(place) + 0.5)
            drawing.text(
                columns[column], x: turned ? x + fontSize / 3 : x, y: frame.top - 6, anchor: turned ? .start : .middle,
                limit: 110, fontSize: fontSize, turned: turned ? -90 : nil)
        }
        let everyRow = Int((11 / frame.cellHeight).rounded(.up))
        for (place, row) in frame.rowOrder.enumerated() where place % everyRow == 0 {
            let y = frame.top + frame.cellHeight * (Double(place) + 0.5)
            drawing.text(
                rows[row], x: frame.left - 8, y: y + 4, anchor: .end, limit: frame.left - 12, fontSize: fontSize)
        }
    }

    /// A cell each, with its number.
    private func drawNumbers(_ frame: Frame, _ texts: [[String]], into drawing: inout Drawing) {
        let largest = largest
        for (y, row) in frame.rowOrder.enumerated() {
            for (x, column) in frame.columnOrder.enumerated() {
                let value = values[row][column]
                guard value.isFinite else { continue }
                let left = frame.left + frame.cellWidth * Double(x)
                let top = frame.top + frame.cellHeight * Double(y)
                drawing.rectangle(
                    x: left + 0.5, y: top + 0.5, width: frame.cellWidth - 1, height: frame.cellHeight - 1, radius: 1.5,
                    style(value), opacity: value == 0 ? 0 : shade(share(value, of: largest)))
                drawing.text(
                    texts[row][column], x: left + frame.cellWidth / 2, y: top + frame.cellHeight / 2 + 4,
                    anchor: .middle, fontSize: 10.5)
            }
        }
    }

    /// Cells of one shade as one path in units of cells: a page may hold maps of tens of thousands of cells.
    private func drawCells(_ frame: Frame, into drawing: inout Drawing) {
        let largest = largest
        var runs: [Shade: String] = [:]
        var negative = ""
        for (y, row) in frame.rowOrder.enumerated() {
            let shades = frame.columnOrder.map { column -> Shade? in
                let value = values[row][column]
                guard value.isFinite, value != 0 else { return nil }
                return Shade(
                    style: style(value), step: Int((share(value, of: largest) * Double(Shade.steps)).rounded()))
            }
            var x = 0
            while x < shades.count {
                let start = x
                while x < shades.count, shades[x] == shades[start] { x += 1 }
                if let shade = shades[start] { runs[shade, default: ""] += "M\(start) \(y)h\(x - start)" }
            }
            guard scale == .diverging, frame.cellWidth >= 8, frame.cellHeight >= 8 else { continue }
            let middle = frame.top + frame.cellHeight * (Double(y) + 0.5)
            for (x, column) in frame.columnOrder.enumerated() where values[row][column] < 0 {
                let left = frame.left + frame.cellWidth * (Double(x) + 0.3)
                negative += "M\(left.coordinateText) \(middle.coordinateText)h\((frame.cellWidth * 0.4).coordinateText)"
            }
        }
        let paths = runs.sorted { ($0.key.style, $0.key.step) < ($1.key.style, $1.key.step) }.map { shade, data in
            Markup.tag(
                "path",
                [
                    "class": shade.style, "d": data,
                    "stroke-opacity": Drawing.opacityText(self.shade(Double(shade.step) / Double(Shade.steps))),
                ])
        }
        drawing.add(
            .tag(
                "g",
                [
                    "class": "cells",
                    "transform": "translate(\(frame.left.coordinateText) "
                        + "\((frame.top + frame.cellHeight / 2).coordinateText)) "
                        + "scale(\(frame.cellWidth.coordinateText) \(frame.cellHeight.coordinateText))",
                ], paths))
        if frame.cellWidth >= 8, frame.cellHeight >= 8 {
            let upright = (1..<max(1, columns.count)).map { place in
                "M\((frame.left + frame.cellWidth * Double(place)).coordinateText) \(frame.top.coordinateText)"
                    + "V\(frame.bottom.coordinateText)"
            }
            let level = (1..<max(1, rows.count)).map { place in
                "M\(frame.left.coordinateText) \((frame.top + frame.cellHeight * Double(place)).coordinateText)"
                    + "H\(frame.right.coordinateText)"
            }
            drawing.path((upright + level).joined(), "gaps")
        }
        if !negative.isEmpty { drawing.path(negative, "minus") }
    }

    private struct Shade: Hashable {
        /// Between none and the deepest.
        static let steps = 20
        var style: String
        var step: Int
    }

    /// A dash where nothing is known.
    private func drawMissing(_ frame: Frame, into drawing: inout Drawing) {
        var data = ""
        let length = min(8, frame.cellWidth * 0.6)
        for (y, row) in frame.rowOrder.enumerated() {
            for (x, column) in frame.columnOrder.enumerated() where !values[row][column].isFinite {
                let left = frame.left + frame.cellWidth * (Double(x) + 0.5) - length / 2
                let middle = frame.top + frame.cellHeight * (Double(y) + 0.5)
                data += "M\(left.coordinateText) \(middle.coordinateText)h\(length.coordinateText)"
            }
        }
        if !data.isEmpty { drawing.path(data, "void") }
    }

    private func drawOutlines(_ frame: Frame, into drawing: inout Drawing) {
        var data = ""
        for cell in outlined where cell.count == 2 {
            guard let y = frame.rowOrder.firstIndex(of: cell[0]), let x = frame.columnOrder.firstIndex(of: cell[1])
            else {
                continue
            }
            let left = frame.left + frame.cellWidth * Double(x) + 1
            let top = frame.top + frame.cellHeight * Double(y) + 1
            data +=
                "M\(left.coordinateText) \(top.coordinateText)h\((frame.cellWidth - 2).coordinateText)"
                + "v\((frame.cellHeight - 2).coordinateText)h\((2 - frame.cellWidth).coordinateText)z"
        }
        if !data.isEmpty { drawing.path(data, "outline") }
    }

    private func drawKey(x: Double, y: Double, width: Double, into drawing: inout Drawing) {
        let largest = largest
        let steps = 8
        let low = scale == .diverging ? "−\(shortText(largest))" : "0"
        var at = x
        drawing.text(low, x: at, y: y + 10, "tick", fontSize: 11)
        at += low.width(fontSize: 11) + 6
        let range = scale == .diverging ? Array(-steps / 2...steps / 2) : Array(0...steps)
        for step in range {
            let share = Double(abs(step)) / Double(scale == .diverging ? steps / 2 : steps)
            drawing.rectangle(x: at, y: y, width: 14, height: 12, style(Double(step)), opacity: shade(share))
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
}

extension RowClustering {
    /// The tree as the data of a path.
    /// - Parameter point: the pixel of a place along the order (0, 1, …) and a height as a share of the whole tree's.
    func tree(_ point: (_ across: Double, _ up: Double) -> (x: Double, y: Double)) -> String {
        let highest = max(merges.last?.height ?? 0, .leastNonzeroMagnitude)
        var places = [(across: Double, up: Double)](repeating: (0, 0), count: order.count)
        for (place, row) in order.enumerated() { places[row].across = Double(place) }
        func text(_ across: Double, _ up: Double) -> String {
            let pixel = point(across, up)
            return "\(pixel.x.coordinateText) \(pixel.y.coordinateText)"
        }
        var data = ""
        for merge in merges {
            let (a, b) = (places[merge.first], places[merge.second])
            let up = merge.height / highest
            data += "M\(text(a.across, a.up))L\(text(a.across, up))L\(text(b.across, up))L\(text(b.across, b.up))"
            places.append(((a.across + b.across) / 2, up))
        }
        return data
    }
}
