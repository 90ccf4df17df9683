/// What every figure can do: say what it shows, be drawn, and give its numbers as a table.
protocol FigureDrawing {
    var title: String { get }
    var caption: String { get }
    /// What the figure shows in words, for those who don't see it.
    var description: String { get }
    func drawing() -> Drawing
    /// The numbers behind the drawing; nil where a table beside it already gives them.
    func numbers() -> ReportTable?
}

/// A figure of the report.
public enum ReportFigure: Codable, Sendable, Equatable {
    case histogram(HistogramFigure)
    case bars(BarFigure)
    case waterfall(WaterfallFigure)
    case dots(DotFigure)
    case lines(LineFigure)
    case heatmap(HeatmapFigure)
    case network(NetworkFigure)
    case volcano(VolcanoFigure)
    case ranked(RankedFigure)

    var drawn: any FigureDrawing {
        switch self {
        case .histogram(let figure): figure
        case .bars(let figure): figure
        case .waterfall(let figure): figure
        case .dots(let figure): figure
        case .lines(let figure): figure
        case .heatmap(let figure): figure
        case .network(let figure): figure
        case .volcano(let figure): figure
        case .ranked(let figure): figure
        }
    }
}

extension FigureDrawing {
    /// A drawing that says that there is nothing to draw.
    func emptyDrawing(_ reason: String) -> Drawing {
        var drawing = Drawing(width: 360, height: 64)
        drawing.rectangle(x: 0.5, y: 0.5, width: 359, height: 63, radius: 6, "frame")
        drawing.text(reason, x: 180, y: 36, "label", anchor: .middle, limit: 340)
        return drawing
    }
}
