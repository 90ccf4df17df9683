import AnnotatedData
import Foundation
import Screens
import Shifts

/// The measured mean shifts of a screen's treatments against its controls, with their errors and a plain test of each
/// (Welch's t), the false discovery rate kept over all treatments × genes (Benjamini & Hochberg 1995).
struct MeasuredShifts {
    /// One a gene each.
    struct Treatment {
        var cells: Int
        var shift: [Double]
        /// Standard error of the treatment's own mean; NaN for a single cell.
        var error: [Double]
        /// Adjusted p; NaN where fewer than two cells or controls leave nothing to test.
        var adjustedP: [Double]

        /// Genes that the test tells from the controls.
        var moved: Int { adjustedP.count { $0 <= MeasuredShifts.rate } }
    }

    /// The false discovery rate.
    static let rate = 0.05

    let genes: [String]
    let controls: Int
    /// Standard error of the controls' mean, one a gene.
    let controlError: [Double]
    private let treatments: [ShiftTable.Treatment: Treatment]

    subscript(treatment: ShiftTable.Treatment) -> Treatment? { treatments[treatment] }

    init(_ screen: PerturbationScreen) throws {
        var cells: [ShiftTable.Treatment: [Int]] = [:]
        for (context, own) in zip(screen.contexts, screen.cellsOfContext) where !context.isControl {
            cells[.init(perturbation: context.perturbation, dose: context.dose), default: []] += own
        }
        let d = screen.genes.count
        func moments(_ cells: [Int]) -> (mean: [Double], error: [Double]) {
            var (sums, squares) = ([Double](repeating: 0, count: d), [Double](repeating: 0, count: d))
            for cell in cells { for gene in 0..<d { sums[gene] += Double(screen.expression[cell, gene]) } }
            let n = Double(cells.count)
            let mean = sums.map { $0 / n }
            for cell in cells {
                for gene in 0..<d {
                    let away = Double(screen.expression[cell, gene]) - mean[gene]
                    squares[gene] += away * away
                }
            }
            return (mean, squares.map { ($0 / (n - 1) / n).squareRoot() })
        }
        let control = moments(screen.controlCells)
        let order = cells.keys.sorted { ($0.perturbation, $0.dose ?? -1) < ($1.perturbation, $1.dose ?? -1) }
        let tested = screen.controlCells.count < 2 ? [] : order.filter { (cells[$0]?.count ?? 0) >= 2 }
        var adjusted: [ShiftTable.Treatment: [Double]] = [:]
        if !tested.isEmpty {
            var labels = [String?](repeating: nil, count: screen.cellCount)
            for cell in screen.controlCells { labels[cell] = "control" }
            for (place, treatment) in tested.enumerated() {
                for cell in cells[treatment] ?? [] { labels[cell] = "\(place)" }
            }
            let ranking = try GeneRanking(
                CellMatrix.dense(screen.expression),
                groups: ComparedGroups(labels: labels, comparing: tested.indices.map { "\($0)" }, reference: "control"),
                test: .welch)
            let all = PValueAdjustment.benjaminiHochberg.adjusted(ranking.pValues.values)
            for (place, treatment) in tested.enumerated() {
                adjusted[treatment] = Array(all[place * d..<place * d + d])
            }
        }
        genes = screen.genes
        controls = screen.controlCells.count
        controlError = control.error
        treatments = Dictionary(
            uniqueKeysWithValues: order.map { treatment in
                let own = moments(cells[treatment] ?? [])
                return (
                    treatment,
                    Treatment(
                        cells: cells[treatment]?.count ?? 0, shift: zip(own.mean, control.mean).map { $0 - $1 },
                        error: own.error, adjustedP: adjusted[treatment] ?? .init(repeating: .nan, count: d))
                )
            })
    }

    /// The shifts of a treatment by gene; nil where it was not measured.
    func byGene(_ treatment: ShiftTable.Treatment) -> [String: Double]? {
        self[treatment].map { one in
            Dictionary(zip(genes, one.shift), uniquingKeysWith: { first, _ in first })
        }
    }
}
