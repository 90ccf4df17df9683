import AnnotatedData
import Foundation
import Matrices
import Screens

/// Cells of which it is known on which genes each was intervened: what structure is learned from.
public struct InterventionalCells: Sendable {
    public let genes: [String]
    /// Cells × genes, on a logarithmic or similar scale.
    public let values: Matrix<Float>
    /// Not 0 where the gene was intervened on; nil where nowhere.
    public let interventions: Matrix<Float>?
    /// Whether the values derive from counts of molecules.
    public let areCounts: Bool
    /// What one should know of how they were chosen.
    public let notices: [Notice]

    public init(
        genes: [String], values: Matrix<Float>, interventions: Matrix<Float>? = nil, areCounts: Bool = false,
        notices: [Notice] = []
    ) {
        precondition(values.columns == genes.count, "\(values.columns) columns for \(genes.count) genes")
        precondition(
            interventions == nil || (interventions!.rows == values.rows && interventions!.columns == values.columns),
            "interventions must have the shape of the values, \(values.rows) × \(values.columns)")
        self.genes = genes
        self.values = values
        self.interventions = interventions
        self.areCounts = areCounts
        self.notices = notices
    }

    /// The cells of a screen that tell of its genes: controls, and those whose perturbation has known targets among the
    /// genes; what a cell's other perturbations do to the genes is unknown, and those cells are left out.
    ///
    /// Counts and positive intensities should be brought to a logarithmic scale before; here counts are normalised to
    /// their median and go through ln(1 + x), and intensities through ln(1 + x).
    public init(screen: PerturbationScreen) {
        let d = screen.genes.count
        let places = Dictionary(screen.genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let targets = screen.contexts.map { context in
            context.isControl ? [] : (screen.knownTargets[context.perturbation] ?? []).compactMap { places[$0] }
        }
        let usable = zip(screen.contexts, targets).map { $0.isControl || !$1.isEmpty }
        let outside = Set(zip(screen.contexts, usable).filter { !$1 }.map(\.0.perturbation)).sorted()
        var notices = [Notice]()
        var cells = screen.contextOfCell.indices.filter { usable[screen.contextOfCell[$0]] }
        let left = screen.contextOfCell.count - cells.count
        if cells.isEmpty {
            cells = Array(screen.contextOfCell.indices)
            notices.append(
                Notice(
                    code: "NO_KNOWN_INTERVENTIONS",
                    message: "The screen has neither controls nor perturbations with known targets among its genes; "
                        + "structure was read from all \(cells.count) cells as if nobody had been perturbed."))
        } else if left > 0 {
            notices.append(
                Notice(
                    code: "UNKNOWN_TARGETS",
                    message: "\(left) of \(screen.contextOfCell.count) cells had a perturbation without a known target "
                        + "among the genes and were left out of structure learning: \(outside.count) perturbations "
                        + "(\(shortList(outside)))."))
        }
        var values = Matrix<Float>(rows: cells.count, columns: d)
        var interventions = Matrix<Float>(rows: cells.count, columns: d)
        for (row, cell) in cells.enumerated() {
            for gene in 0..<d { values[row, gene] = screen.expression[cell, gene] }
            if usable[screen.contextOfCell[cell]] {
                for gene in targets[screen.contextOfCell[cell]] { interventions[row, gene] = 1 }
            }
        }
        bringToLogarithms(&values, scale: screen.scale)
        self.init(
            genes: screen.genes, values: values,
            interventions: interventions.values.contains { $0 != 0 } ? interventions : nil,
            areCounts: screen.scale == .counts || screen.scale == .log1p, notices: notices)
    }
}

/// Counts to ln(1 + counts · median total/total), intensities to ln(1 + x) of what is positive; other scales stay.
private func bringToLogarithms(_ values: inout Matrix<Float>, scale: ExpressionScale) {
    let d = values.columns
    switch scale {
    case .log1p, .logIntensity, .scaled: return
    case .intensity:
        for index in values.values.indices { values.values[index] = logarithm(values.values[index]) }
    case .counts:
        let totals = (0..<values.rows).map { row in values.row(row).reduce(0) { $0 + Double(max(0, $1)) } }
        let sorted = totals.filter { $0 > 0 }.sorted()
        guard let median = sorted.isEmpty ? nil : sorted[sorted.count / 2] else { return }
        for row in 0..<values.rows where totals[row] > 0 {
            let factor = Float(median / totals[row])
            for gene in 0..<d { values[row, gene] = logarithm(values[row, gene] * factor) }
        }
    }
}

private func logarithm(_ x: Float) -> Float { Foundation.log1p(max(0, x)) }
