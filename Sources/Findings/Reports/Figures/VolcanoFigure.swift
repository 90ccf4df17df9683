import Foundation

/// Genes by their shift and by how sure it is: the shift across, −log₁₀ of the adjusted p upwards, both thresholds as
/// lines. What passes both is a triangle that points where the gene went, so that the figure reads without colour; the
/// surest of these are named.
public struct VolcanoFigure: Codable, Sendable, Equatable, FigureDrawing {
    public struct Gene: Codable, Sendable, Equatable {
        public var name: String
        /// Against the controls, in the units of the axis.
        public var shift: Double
        /// Adjusted for the number of genes, 0 to 1.
        public var adjustedP: Double

        public init(name: String, shift: Double, adjustedP: Double) {
            self.name = name
            self.shift = shift
            self.adjustedP = adjustedP
        }
    }

    public var title: String
    public var caption: String
    /// What the shift is, with its unit.
    public var axis: String
    /// Genes whose shift or p is no number are not drawn.
    public var genes: [Gene]
    /// What a gene must pass to count as shifted: at most this adjusted p, and at least this shift up or down.
    public var greatestP: Double
    public var leastShift: Double
    /// Most genes that are named.
    public var named: Int
    /// Whether a table beside the figure gives its numbers, so that it needs none of its own.
    public var hasTableBeside: Bool

    public init(
        title: String, caption: String = "", axis: String, genes: [Gene], greatestP: Double = 0.05,
        leastShift: Double = 0, named: Int = 12, hasTableBeside: Bool = false
    ) {
        precondition(greatestP > 0 && leastShift >= 0, "thresholds of \(greatestP) and \(leastShift)")
        self.title = title
        self.caption = caption
        self.axis = axis
        self.genes = genes
        self.greatestP = greatestP
        self.leastShift = leastShift
        self.named = named
        self.hasTableBeside = hasTableBeside
    }

    private var drawable: [Gene] { genes.filter { $0.shift.isFinite && $0.adjustedP.isFinite && $0.adjustedP >= 0 } }

    /// 1, −1, or 0 where the gene does not pass both thresholds.
    private func direction(_ gene: Gene) -> Int {
        guard gene.adjustedP <= greatestP, abs(gene.shift) >= leastShift, gene.shift != 0 else { return 0 }
        return gene.shift > 0 ? 1 : -1
    }

    /// Surest first; among equals the largest shift.
    private var shifted: [Gene] {
        drawable.filter { direction($0) != 0 }.sorted {
            ($0.adjustedP, -abs($0.shift), $0.name) < ($1.adjustedP, -abs($1.shift), $1.name)
        }
    }

    private var thresholds: String {
        "an adjusted p of at most \(greatestP.shortText(2))"
            + (leastShift > 0 ? " and a shift of at least \(leastShift.shortText(2))" : "")
    }

    var description: String {
        guard !drawable.isEmpty else { return "Volcano plot of \(axis) without values." }
        let passing = shifted
        let up = passing.filter { $0.shift > 0 }.count
        let first = passing.first.map { "; the surest is \($0.name) (\($0.shift.significantText()))" } ?? ""
        return "Volcano plot of \(axis) against minus the decadic logarithm of the adjusted p for "
            + "\(drawable.count.countText("gene", "genes")): \(up.countText) up and \((passing.count - up).countText) "
            + "down with \(thresholds)\(first)."
    }

    func drawing() -> Drawing {
        let genes = drawable
        guard !genes.isEmpty else { return emptyDrawing("No values to draw") }
        let passing = shifted
        let up = passing.filter { $0.shift > 0 }
        let down = passing.filter { $0.shift < 0 }
        let hasNone = genes.contains { $0.adjustedP == 0 }
        var legend: [Drawing.LegendEntry] = [
            .init(sample: .mark(.triangle, "up"), text: "up (\(up.count.countText))"),
            .init(sample: .mark(.wedge, "down"), text: "down (\(down.count.countText))"),
            .init(
                sample: .mark(.circle, "f5"), text: "within the thresholds (\((genes.count - passing.count).countText))"
            ),
            .init(sample: .stroke("cut"), text: "threshold"),
        ]
        if hasNone {
            legend.append(.init(sample: .stroke("axis"), text: "at the upper edge: p too small for a number"))
        }
        let width = 420.0
        let top = 28 + 18 * Double(Drawing.legendRows(legend, width: width - 16))
        let bottom = top + 230
        var drawing = Drawing(width: width, height: bottom + 42)
        drawing.legend(legend, x: 8, y: 10, width: width - 16)
        // A p of zero has no logarithm: such genes stand a twentieth above all others.
        let logarithms = genes.filter { $0.adjustedP > 0 }.map { -log10($0.adjustedP) }
        let ceiling = 1.05 * max(logarithms.max() ?? 0, -log10(greatestP), 1)
        func height(_ gene: Gene) -> Double { gene.adjustedP > 0 ? max(0, -log10(gene.adjustedP)) : ceiling }
        let vertical = AxisScale(
            genes.map(height) + [0, -log10(greatestP)], from: bottom, to: top, target: 4, rounded: !hasNone)
        let left = 14 + Drawing.labelWidth(vertical.ticks.map(\.label), fontSize: 11, limit: 90)
        let horizontal = AxisScale(
            genes.map(\.shift) + [0, -leastShift, leastShift], from: left + 6, to: width - 12)
        drawing.verticalAxis(vertical, x: left, right: width - 8)
        drawing.text("−log₁₀ of the adjusted p", x: 8, y: top - 12, "tick", limit: width - 16, fontSize: 11)
        drawing.horizontalAxis(horizontal, y: bottom, top: bottom, label: axis)
        drawing.line(horizontal.position(0), top, horizontal.position(0), bottom, "zero")
        let limit = vertical.position(-log10(greatestP))
        drawing.line(left, limit, width - 8, limit, "cut")
        for shift in leastShift > 0 ? [-leastShift, leastShift] : [] {
            drawing.line(horizontal.position(shift), top, horizontal.position(shift), bottom, "cut")
        }
        func place(_ gene: Gene) -> (x: Double, y: Double) {
            (horizontal.position(gene.shift), vertical.position(height(gene)))
        }
        drawing.dots(genes.filter { direction($0) == 0 }.map(place), "rest")
        drawing.marks(.triangle, at: up.map(place), radius: 4, "up")
        drawing.marks(.wedge, at: down.map(place), radius: 4, "down")
        name(
            passing, at: place, within: .init(x: left, y: top, width: width - 4 - left, height: bottom - top), &drawing)
        return drawing
    }

    /// Names the surest genes where there is room.
    private func name(
        _ passing: [Gene], at place: (Gene) -> (x: Double, y: Double), within bounds: LabelPlacement.Box,
        _ drawing: inout Drawing
    ) {
        var labels = LabelPlacement(
            bounds: bounds,
            keptFree: passing.map {
                let point = place($0)
                return .around(x: point.x, y: point.y, radius: 4)
            })
        for gene in passing.prefix(named) {
            let point = place(gene)
            let text = gene.name.fitted(to: 110, fontSize: 11)
            guard
                let found = labels.place(
                    width: text.width(fontSize: 11), height: 12, x: point.x, y: point.y, radius: 4)
            else { continue }
            let middle = found.box.x + found.box.width / 2
            let baseline = found.box.y + 10
            if found.isFar {
                let side = middle > point.x ? found.box.x - 1 : found.box.x + found.box.width + 1
                let isBeside = abs(middle - point.x) > found.box.width / 2
                let end = isBeside ? side : middle
                let level = isBeside || found.box.y > point.y ? found.box.y + 6 : found.box.y + 12
                drawing.line(point.x, point.y, end, level, "leader")
            }
            drawing.text(gene.name, x: middle, y: baseline, "name", anchor: .middle, limit: 110, fontSize: 11)
        }
    }

    func numbers() -> ReportTable? {
        guard !hasTableBeside else { return nil }
        let listed = Array(shifted.prefix(100))
        return ReportTable(
            title: listed.count < shifted.count ? "\(title): the surest \(listed.count) genes" : title,
            columns: [.text("gene"), .number(axis), .number("adjusted p")],
            rows: listed.map { [.text($0.name), .number($0.shift), .number($0.adjustedP)] })
    }
}
