/// What was read, what was dropped and why, and how many cells stand behind every perturbation.
public struct DataFindings: Codable, Sendable, Equatable {
    /// Cells and genes that one filter dropped.
    public struct Loss: Codable, Sendable, Equatable {
        public var reason: String
        public var cells: Int
        public var genes: Int

        public init(reason: String, cells: Int = 0, genes: Int = 0) {
            self.reason = reason
            self.cells = cells
            self.genes = genes
        }
    }

    public var cellsRead: Int
    public var genesRead: Int
    /// In the order in which the filters were applied.
    public var losses: [Loss]
    /// Histograms such as library size and genes per cell.
    public var histograms: [HistogramFigure]
    public var perturbations: [String]
    public var doses: [String]
    /// perturbations × doses: cells; nil where the combination was not measured.
    public var cells: [[Int?]]
    public var notices: [ReportNotice]

    public init(
        cellsRead: Int, genesRead: Int, losses: [Loss] = [], histograms: [HistogramFigure] = [],
        perturbations: [String] = [], doses: [String] = [], cells: [[Int?]] = [], notices: [ReportNotice] = []
    ) {
        self.cellsRead = cellsRead
        self.genesRead = genesRead
        self.losses = losses
        self.histograms = histograms
        self.perturbations = perturbations
        self.doses = doses
        self.cells = cells
        self.notices = notices
    }

    public var section: ReportSection {
        let cellsKept = cellsRead - losses.reduce(0) { $0 + $1.cells }
        let genesKept = genesRead - losses.reduce(0) { $0 + $1.genes }
        let table = ReportTable(
            title: "Read, dropped and kept", columns: [.text("step"), .number("cells"), .number("genes")],
            rows: [[.text("read"), .count(cellsRead), .count(genesRead)]]
                + losses.map { [.text($0.reason), .count(-$0.cells), .count(-$0.genes)] }
                + [[.text("kept"), .count(cellsKept), .count(genesKept)]])
        var blocks: [ReportBlock] = notices.map { .notice($0) } + [.table(table)]
        blocks.append(
            .gallery([
                .bars(cascade("Cells kept", "cells", read: cellsRead, lost: losses.map { ($0.reason, $0.cells) })),
                .bars(cascade("Genes kept", "genes", read: genesRead, lost: losses.map { ($0.reason, $0.genes) })),
            ]))
        if !histograms.isEmpty { blocks.append(.gallery(histograms.map { .histogram($0) })) }
        if !perturbations.isEmpty, !doses.isEmpty {
            blocks.append(
                .figure(
                    .heatmap(
                        HeatmapFigure(
                            title: "Cells per perturbation and dose",
                            caption: "A dash marks combinations that were not measured.", rowName: "perturbation",
                            columnName: "dose", valueName: "cells", rows: perturbations, columns: doses,
                            values: cells.map { $0.map { $0.map(Double.init) ?? .nan } }, logarithmic: true))))
        }
        return ReportSection(
            title: "What was read",
            lead: "Of \(cellsRead.countText) cells and \(genesRead.countText) genes, \(cellsKept.countText) cells and "
                + "\(genesKept.countText) genes were kept.", blocks: blocks)
    }

    /// Bars that hang from what was left before each filter.
    private func cascade(_ title: String, _ axis: String, read: Int, lost: [(String, Int)]) -> BarFigure {
        var left = read
        var bars = [BarFigure.Bar(label: "read", value: Double(read))]
        for (reason, count) in lost where count > 0 {
            bars.append(.init(label: reason, value: Double(left - count), start: Double(left)))
            left -= count
        }
        bars.append(.init(label: "kept", value: Double(left)))
        return BarFigure(
            title: title, axis: axis, barName: "left after it", signed: false, bars: bars, hasTableBeside: true)
    }
}
