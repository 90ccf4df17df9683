/// Counts in bins, with marked values such as thresholds, and what was left of each bin after a filter.
public struct HistogramFigure: Codable, Sendable, Equatable, FigureDrawing {
    /// A value marked by a vertical line.
    public struct Mark: Codable, Sendable, Equatable {
        public var label: String
        public var value: Double

        public init(label: String, value: Double) {
            self.label = label
            self.value = value
        }
    }

    public var title: String
    public var caption: String
    /// What is counted along x, with its unit.
    public var axis: String
    /// What a count is, such as `cells`.
    public var counted: String
    /// Rising edges of the bins, one more than counts.
    public var edges: [Double]
    public var counts: [Int]
    /// What was kept of each count, such as after quality control; nil where nothing was filtered.
    public var kept: [Int]?
    public var marks: [Mark]

    public init(
        title: String, caption: String = "", axis: String, counted: String = "cells", edges: [Double], counts: [Int],
        kept: [Int]? = nil, marks: [Mark] = []
    ) {
        precondition(counts.isEmpty || edges.count == counts.count + 1, "\(edges.count) edges for \(counts.count) bins")
        precondition(kept.map { $0.count == counts.count } ?? true, "\(kept?.count ?? 0) kept for \(counts.count) bins")
        self.title = title
        self.caption = caption
        self.axis = axis
        self.counted = counted
        self.edges = edges
        self.counts = counts
        self.kept = kept
        self.marks = marks
    }

    var description: String {
        let total = counts.reduce(0, +)
        guard total > 0, let peak = counts.indices.max(by: { counts[$0] < counts[$1] }) else {
            return "Histogram of \(axis) without any \(counted)."
        }
        return "Histogram of \(axis) over \(total.countText) \(counted) in \(counts.count) bins from "
            + "\(edges[0].significantText()) to \(edges[counts.count].significantText()); most \(counted) lie between "
            + "\(edges[peak].significantText()) and \(edges[peak + 1].significantText())."
            + (kept.map { " Of them \($0.reduce(0, +).countText) were kept." } ?? "")
    }

    func drawing() -> Drawing {
        guard counts.contains(where: { $0 > 0 }), edges.allSatisfy(\.isFinite) else {
            return emptyDrawing("Nothing was counted")
        }
        let legend: [Drawing.LegendEntry] =
            kept == nil
            ? [] : [.init(sample: .swatch("before"), text: "before"), .init(sample: .swatch("f0"), text: "kept")]
        let head = 22 * Double(Drawing.legendRows(legend, width: 404))
        let bottom = 200 + head
        var drawing = Drawing(width: 420, height: bottom + 50)
        drawing.legend(legend, x: 8, y: 10, width: 404)
        let top = head + 26.0 + 16 * Double(marks.count)
        let vertical = AxisScale([0] + counts.map(Double.init), from: bottom, to: top, target: 4)
        let left = 14 + Drawing.labelWidth(vertical.ticks.map(\.label), fontSize: 11, limit: 90)
        let horizontal = AxisScale(edges + marks.map(\.value), from: left, to: 408, rounded: false)
        drawing.verticalAxis(vertical, x: left, right: 408)
        for (bin, count) in counts.enumerated() {
            let start = horizontal.position(edges[bin])
            let width = max(0.5, horizontal.position(edges[bin + 1]) - start - 1)
            let range = "\(edges[bin].significantText()) to \(edges[bin + 1].significantText())"
            func bar(_ counted: Int, _ style: String, _ hint: String) {
                let level = vertical.position(Double(counted))
                drawing.rectangle(x: start + 0.5, y: level, width: width, height: bottom - level, style, hint: hint)
            }
            if let kept {
                bar(count, "before", "\(range): \(count.countText) \(counted) before, \(kept[bin].countText) kept")
                if kept[bin] > 0 { bar(kept[bin], "f0", "\(range): \(kept[bin].countText) \(counted) kept") }
            } else {
                bar(count, "f0", "\(range): \(count.countText) \(counted)")
            }
        }
        for (index, mark) in marks.enumerated() where mark.value.isFinite {
            let x = horizontal.position(mark.value)
            let y = head + 12 + 16 * Double(index)
            drawing.line(x, y + 4, x, bottom, "cut")
            let label = "\(mark.label) \(mark.value.significantText())"
            let before = x > (left + 408) / 2
            drawing.text(
                label, x: before ? x - 5 : x + 5, y: y + 8, "tick", anchor: before ? .end : .start,
                limit: before ? x - 10 : 418 - x, fontSize: 11)
        }
        drawing.horizontalAxis(horizontal, y: bottom, top: bottom, label: axis)
        drawing.text("\(counted)", x: left, y: head + 9, "tick", anchor: .end, limit: left, fontSize: 11)
        return drawing
    }

    func numbers() -> ReportTable? {
        ReportTable(
            title: title,
            columns: [.number("from"), .number("to"), .number(counted)] + (kept == nil ? [] : [.number("kept")]),
            rows: counts.indices.map { bin in
                [.number(edges[bin]), .number(edges[bin + 1]), .count(counts[bin])]
                    + (kept.map { [.count($0[bin])] } ?? [])
            })
    }
}
