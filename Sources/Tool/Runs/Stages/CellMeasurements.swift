import AnnotatedData
import Foundation
import Matrices
import Preprocessing
import Screens

/// A quality metric of the cells in bins, before filtering, and what of each bin the filters kept.
struct QualityHistogram: Codable, Sendable, Equatable {
    /// Such as `genes per cell`.
    var metric: String
    /// Rising, one more than counts.
    var edges: [Double]
    var counts: [Int]
    var kept: [Int]
    /// The bounds of the filters that were set on it, by the option's name.
    var bounds: [String: Double]
}

/// Medians of the cells kept of one perturbation at one dose.
struct TreatmentQuality: Codable, Sendable, Equatable {
    var perturbation: String
    var dose: Double?
    var cells: Int
    var counts: Double
    var genes: Double
    /// nil where no gene is mitochondrial.
    var mitochondrialPercent: Double?
}

/// What was measured in every cell of a matrix of counts: its total, genes that are not 0, and the mitochondrial share
/// where any gene is mitochondrial by its name.
struct CellMeasurements {
    private struct Metric {
        var name: String
        /// One a cell; NaN for the share of an empty cell.
        var values: [Double]
        var bounds: [String: Double]
    }

    private let metrics: [Metric]
    private let isMitochondrialKnown: Bool

    /// nil where there are no values.
    init?(_ data: AnnotatedMatrix, _ options: PreprocessingOptions) {
        guard let x = data.x else { return nil }
        let prefix = options.mitochondrialPrefix.uppercased()
        let mask = data.genes.names.map { !prefix.isEmpty && $0.uppercased().hasPrefix(prefix) }
        isMitochondrialKnown = mask.contains(true)
        let quality = QualityMetrics(x, mask: isMitochondrialKnown ? mask : nil)
        func bounds(_ all: [String: Double?]) -> [String: Double] { all.compactMapValues { $0 } }
        var metrics = [
            Metric(
                name: "counts per cell", values: quality.totalPerCell,
                bounds: bounds([
                    "minCountsPerCell": options.minCountsPerCell > 0 ? options.minCountsPerCell : nil,
                    "maxCountsPerCell": options.maxCountsPerCell,
                ])),
            Metric(
                name: "genes per cell", values: quality.genesPerCell.map(Double.init),
                bounds: bounds([
                    "minGenesPerCell": options.minGenesPerCell > 1 ? Double(options.minGenesPerCell) : nil,
                    "maxGenesPerCell": options.maxGenesPerCell.map(Double.init),
                ])),
        ]
        if isMitochondrialKnown {
            metrics.append(
                Metric(
                    name: "mitochondrial percent", values: quality.maskedPercentPerCell,
                    bounds: bounds(["maxMitochondrialPercent": options.maxMitochondrialPercent])))
        }
        self.metrics = metrics
    }

    private static let bins = 30

    /// Bins of equal width over all values.
    /// - Parameter kept: places of the cells that passed the filters.
    func histograms(kept: [Int]) -> [QualityHistogram] {
        metrics.map { metric in
            let finite = metric.values.filter(\.isFinite)
            let low = finite.min() ?? 0
            // Wide enough to be divided, however large the values are.
            let high = max(finite.max() ?? 1, low + max(1, abs(low) * 1e-9))
            func counted(_ cells: some Sequence<Int>) -> [Int] {
                var counts = [Int](repeating: 0, count: Self.bins)
                for cell in cells where metric.values[cell].isFinite {
                    let share = (metric.values[cell] - low) / (high - low)
                    counts[min(Self.bins - 1, Int(share * Double(Self.bins)))] += 1
                }
                return counts
            }
            return QualityHistogram(
                metric: metric.name,
                edges: (0...Self.bins).map { low + (high - low) * Double($0) / Double(Self.bins) },
                counts: counted(metric.values.indices), kept: counted(kept), bounds: metric.bounds)
        }
    }

    /// By perturbation and dose, controls first.
    func treatments(of design: PerturbationScreen, kept: [Int]) -> [TreatmentQuality] {
        var cells: [Context: [Int]] = [:]
        for cell in kept {
            let own = design.contexts[design.contextOfCell[cell]]
            let key = Context(perturbation: own.perturbation, dose: own.dose, isControl: own.isControl)
            cells[key, default: []].append(cell)
        }
        func median(_ metric: Int, _ cells: [Int]) -> Double {
            quantiles(of: cells.map { metrics[metric].values[$0] }.filter(\.isFinite), at: [0.5])[0]
        }
        let order = cells.keys.sorted {
            ($1.isControl ? 1 : 0, $0.perturbation, $0.dose ?? -1) < (
                $0.isControl ? 1 : 0, $1.perturbation, $1.dose ?? -1
            )
        }
        return order.map { context in
            let own = cells[context] ?? []
            return TreatmentQuality(
                perturbation: context.perturbation, dose: context.dose, cells: own.count, counts: median(0, own),
                genes: median(1, own), mitochondrialPercent: isMitochondrialKnown ? median(2, own) : nil)
        }
    }
}
