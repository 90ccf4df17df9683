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

    /// Medians over the cells kept of one perturbation at one dose.
    public struct Treatment: Codable, Sendable, Equatable {
        public var perturbation: String
        public var dose: String
        public var cells: Int
        public var counts: Double
        public var genes: Double
        /// nil where no gene is mitochondrial.
        public var mitochondrialPercent: Double?

        public init(
            perturbation: String, dose: String, cells: Int, counts: Double, genes: Double,
            mitochondrialPercent: Double? = nil
        ) {
            self.perturbation = perturbation
            self.dose = dose
            self.cells = cells
            self.counts = counts
            self.genes = genes
            self.mitochondrialPercent = mitochondrialPercent
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
    /// Controls among them; empty where values are no counts.
    public var treatments: [Treatment]
    public var notices: [ReportNotice]

    public init(
        cellsRead: Int, genesRead: Int, losses: [Loss] = [], histograms: [HistogramFigure] = [],
        perturbations: [String] = [], doses: [String] = [], cells: [[Int?]] = [], treatments: [Treatment] = [],
        notices: [ReportNotice] = []
    ) {
        self.cellsRead = cellsRead
        self.genesRead = genesRead
        self.losses = losses
        self.histograms = histograms
        self.perturbations = perturbations
        self.doses = doses
        self.cells = cells
        self.treatments = treatments
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
            .gallery(
                [
                    .bars(cascade("Cells kept", "cells", read: cellsRead, lost: losses.map { ($0.reason, $0.cells) })),
                    .bars(cascade("Genes kept", "genes", read: genesRead, lost: losses.map { ($0.reason, $0.genes) })),
                ], table: "filters"))
        if !histograms.isEmpty {
            blocks.append(.gallery(histograms.map { .histogram($0) }, table: "quality"))
        }
        if !perturbations.isEmpty, !doses.isEmpty {
            blocks.append(
                .figure(
                    .heatmap(
                        HeatmapFigure(
                            title: "Cells per perturbation and dose",
                            caption: "A dash marks combinations that were not measured.", rowName: "perturbation",
                            columnName: "dose", valueName: "cells", rows: perturbations, columns: doses,
                            values: cells.map { $0.map { $0.map(Double.init) ?? .nan } }, logarithmic: true)),
                    table: "cells"))
        }
        if perturbations.count > 1 { blocks.append(.figure(.ranked(ranks), table: "cells")) }
        if !treatments.isEmpty { blocks.append(.table(poorest)) }
        return ReportSection(
            title: "What was read",
            lead: "Of \(cellsRead.countText) cells and \(genesRead.countText) genes, \(cellsKept.countText) cells and "
                + "\(genesKept.countText) genes were kept.", blocks: blocks, tables: tables)
    }

    /// Cells of each perturbation at all doses together.
    private var ranks: RankedFigure {
        RankedFigure(
            title: "Cells per perturbation", axis: "cells", itemName: "perturbations",
            items: zip(perturbations, cells).map { name, row in
                .init(name: name, value: Double(row.compactMap { $0 }.reduce(0, +)))
            })
    }

    private static let listedTreatments = 15

    /// Treatments whose cells show least, which explain a shift of everything better than any drug.
    private var poorest: ReportTable {
        let isKnown = treatments.contains { $0.mitochondrialPercent != nil }
        let sorted = treatments.sorted { ($0.genes, $0.perturbation, $0.dose) < ($1.genes, $1.perturbation, $1.dose) }
        let shown = sorted.prefix(Self.listedTreatments)
        return ReportTable(
            title: "Quality by treatment, fewest genes first"
                + (shown.count < sorted.count ? " (first \(shown.count) of \(sorted.count.countText))" : ""),
            columns: [
                .text("perturbation"), .text("dose"), .number("cells kept"), .number("genes per cell, median"),
                .number("counts per cell, median"),
            ] + (isKnown ? [.number("mitochondrial percent, median")] : []),
            rows: shown.map {
                [.text($0.perturbation), .text($0.dose), .count($0.cells), .number($0.genes), .number($0.counts)]
                    + (isKnown ? [.number($0.mitochondrialPercent ?? .nan)] : [])
            })
    }

    private var tables: [FigureTable] {
        [
            FigureTable(
                name: "treatment_quality", title: "Medians over the cells kept of every perturbation and dose",
                columns: ["perturbation", "dose", "cells", "counts", "genes", "mitochondrial_percent"],
                rows: treatments.map {
                    [
                        .text($0.perturbation), .text($0.dose), .count($0.cells), .optional($0.counts),
                        .optional($0.genes), .optional($0.mitochondrialPercent),
                    ]
                }),
            FigureTable(
                name: "filters", title: "Cells and genes that were read and that each filter dropped",
                columns: ["step", "cells", "genes"],
                rows: [[.text("read"), .count(cellsRead), .count(genesRead)]]
                    + losses.map { [.text($0.reason), .count(-$0.cells), .count(-$0.genes)] }),
            FigureTable(
                name: "quality", title: "Cells by quality, before filtering and kept",
                columns: ["metric", "from", "to", "cells", "kept"],
                rows: histograms.flatMap { histogram in
                    histogram.counts.indices.map { bin in
                        let kept = histogram.kept.map { FigureTable.Value.count($0[bin]) }
                        return [
                            .text(histogram.axis), .number(histogram.edges[bin]), .number(histogram.edges[bin + 1]),
                            .count(histogram.counts[bin]), kept ?? .missing,
                        ]
                    }
                }),
            FigureTable(
                name: "cells", title: "Cells of every perturbation and dose",
                columns: ["perturbation", "dose", "cells"],
                rows: zip(perturbations, cells).flatMap { name, row in
                    zip(doses, row).compactMap { dose, count in count.map { [.text(name), .text(dose), .count($0)] } }
                }),
        ]
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
