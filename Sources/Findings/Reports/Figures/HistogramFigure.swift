/// Counts in bins, with marked values such as thresholds.
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
    public var marks: [Mark]

    public init(
        title: String, caption: String = "", axis: String, counted: String = "cells", edges: [Double], counts: [Int],
        marks: [Mark] = []
    ) {
        precondition(counts.isEmpty || edges.count == counts.count + 1, "\(edges.count) edges for \(counts.count) bins")
        self.title = title
        self.caption = caption
        self.axis = axis
        self.counted = counted
        self.edges = edges
        self.counts = counts
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
    }

    func drawing() -> Drawing {
        guard counts.contains(where: { $0 > 0 }), edges.allSatisfy(\.isFinite) else {
            return emptyDrawing("Nothing was counted")
        }
        var drawing = Drawing(width: 420, height: 250)
        let top = 26.0 + 16 * Double(marks.count)
        let vertical = AxisScale([0] + counts.map(Double.init), from: 200, to: top, target: 4)
        let left = 14 + Drawing.labelWidth(vertical.ticks.map(\.label), fontSize: 11, limit: 90)
        let horizontal = AxisScale(edges + marks.map(\.value), from: left, to: 408, rounded: false)
        drawing.verticalAxis(vertical, x: left, right: 408)
        for (bin, count) in counts.enumerated() {
            let start = horizontal.position(edges[bin])
            let end = horizontal.position(edges[bin + 1])
            let height = vertical.position(Double(count))
            drawing.rectangle(
                x: start + 0.5, y: height, width: max(0.5, end - start - 1), height: 200 - height, "f0",
                hint:
                    "\(edges[bin].significantText()) to \(edges[bin + 1].significantText()): \(count.countText) \(counted)"
            )
        }
        for (index, mark) in marks.enumerated() where mark.value.isFinite {
            let x = horizontal.position(mark.value)
            let y = 12 + 16 * Double(index)
            drawing.line(x, y + 4, x, 200, "cut")
            let label = "\(mark.label) \(mark.value.significantText())"
            let before = x > (left + 408) / 2
            drawing.text(
                label, x: before ? x - 5 : x + 5, y: y + 8, "tick", anchor: before ? .end : .start,
                limit: before ? x - 10 : 418 - x, fontSize: 11)
        }
        drawing.horizontalAxis(horizontal, y: 200, top: 200, label: axis)
        drawing.text("\(counted)", x: left, y: 9, "tick", anchor: .end, limit: left, fontSize: 11)
        return drawing
    }

    func numbers() -> ReportTable? {
        ReportTable(
            title: title, columns: [.number("from"), .number("to"), .number(counted)],
            rows: counts.indices.map {
                [.number(edges[$0]), .number(edges[$0 + 1]), .count(counts[$0])]
            })
    }
}
