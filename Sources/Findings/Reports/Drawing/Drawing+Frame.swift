/// Axes, grids and legends.
extension Drawing {
    /// Ticks and grid of a horizontal axis whose line stands at `y`; the grid reaches up to `top`. Where labels would touch,
    /// only every second, third, … tick is labelled.
    mutating func horizontalAxis(_ scale: AxisScale, y: Double, top: Double, label: String) {
        let places = scale.ticks.map { tick -> (middle: Double, half: Double) in
            let half = tick.label.width(fontSize: 11) / 2
            // A label at the border is moved inwards rather than cut.
            return (min(max(scale.position(tick.value), half), width - 1 - half), half)
        }
        let every =
            (1...max(1, places.count)).first { every in
                let kept = stride(from: 0, to: places.count, by: every).map { places[$0] }
                return zip(kept, kept.dropFirst()).allSatisfy { $0.middle + $0.half + 6 <= $1.middle - $1.half }
            } ?? 1
        if top < y {
            let grid = scale.ticks.map { "M\(scale.position($0.value).coordinateText) \(top.coordinateText)" }
            path(grid.map { $0 + "V" + y.coordinateText }.joined(), "grid")
        }
        let shown = scale.ticks.indices.filter { $0 % every == 0 }
        texts(shown.map { (scale.ticks[$0].label, places[$0].middle, y + 15) }, "tick", anchor: .middle, fontSize: 11)
        line(scale.start, y, scale.end, y, "axis")
        text(
            label, x: (scale.start + scale.end) / 2, y: y + 32, "label", anchor: .middle,
            limit: max(
                60, min(width - 8, 2 * min((scale.start + scale.end) / 2, width - (scale.start + scale.end) / 2))))
    }

    /// Ticks and grid of a vertical axis at `x`; the grid reaches to `right`.
    mutating func verticalAxis(_ scale: AxisScale, x: Double, right: Double) {
        let grid = scale.ticks.map { "M\(x.coordinateText) \(scale.position($0.value).coordinateText)" }
        path(grid.map { $0 + "H" + right.coordinateText }.joined(), "grid")
        texts(
            scale.ticks.map { ($0.label, x - 6, scale.position($0.value) + 4) }, "tick", anchor: .end, fontSize: 11)
    }

    /// Room that the labels of a vertical axis need.
    static func labelWidth(_ labels: [String], fontSize: Double, limit: Double) -> Double {
        min(limit, labels.map { $0.width(fontSize: fontSize) }.max() ?? 0)
    }

    /// One entry of a legend: what it looks like and what it means.
    struct LegendEntry {
        enum Sample {
            case mark(MarkShape, String), swatch(String), stroke(String), series(Int)
        }
        let sample: Sample
        let text: String
    }

    /// Lines that the legend takes at this width.
    static func legendRows(_ entries: [LegendEntry], width: Double) -> Int {
        var rows = entries.isEmpty ? 0 : 1
        var x = 0.0
        for entry in entries {
            let needed = 26 + entry.text.width(fontSize: 11) + 14
            if x > 0 && x + needed > width {
                rows += 1
                x = 0
            }
            x += needed
        }
        return rows
    }

    /// Sets the legend from (x, y) within `width`; each row takes 18 pixels.
    mutating func legend(_ entries: [LegendEntry], x left: Double, y top: Double, width: Double) {
        var x = left
        var y = top
        for entry in entries {
            let needed = 26 + entry.text.width(fontSize: 11) + 14
            if x > left && x + needed > left + width {
                x = left
                y += 18
            }
            switch entry.sample {
            case .mark(let shape, let style): mark(shape, x: x + 10, y: y, radius: 4.5, style)
            case .swatch(let style): rectangle(x: x + 2, y: y - 5, width: 16, height: 10, radius: 2, style)
            case .stroke(let style): line(x, y, x + 20, y, style)
            case .series(let index):
                line(x, y, x + 20, y, Drawing.stroke(of: index))
                mark(.of(series: index), x: x + 10, y: y, radius: 3.5, Drawing.fill(of: index))
            }
            text(entry.text, x: x + 26, y: y + 4, "tick", limit: width - 30, fontSize: 11)
            x += needed
        }
    }

    /// The stylesheet's classes for the lines and the marks of a series.
    static func stroke(of series: Int) -> String { "s\(series % 6)" }
    static func fill(of series: Int) -> String { "f\(series % 6)" }
}
