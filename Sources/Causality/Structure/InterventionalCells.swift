import AnnotatedData
import Foundation
import Matrices
import Screens

/// Cells of which it is known on which genes each was intervened: what structure is learned from.
public struct InterventionalCells: Sendable {
    public let genes: [String]
    /// Cells × genes, on a logarithmic or similar scale.
    public let values: Matrix<Float>
    /// nil where nowhere was intervened.
    public let labels: CellInterventions?
    /// Whether the values derive from counts.
    public let areCounts: Bool
    /// What one should know of how they were chosen.
    public let notices: [Notice]

    public init(
        genes: [String], values: Matrix<Float>, labels: CellInterventions?, areCounts: Bool = false,
        notices: [Notice] = []
    ) {
        precondition(values.columns == genes.count, "\(values.columns) columns for \(genes.count) genes")
        precondition(
            labels == nil || labels!.cellCount == values.rows,
            "interventions of other cells than the \(values.rows) of the values")
        self.genes = genes
        self.values = values
        self.labels = labels.flatMap { $0.hasAny ? $0 : nil }
        self.areCounts = areCounts
        self.notices = notices
    }

    /// - Parameter interventions: Cells × genes, not 0 where the gene was intervened on; nil where nowhere.
    public init(
        genes: [String], values: Matrix<Float>, interventions: Matrix<Float>? = nil, areCounts: Bool = false,
        notices: [Notice] = []
    ) {
        precondition(
            interventions == nil || (interventions!.rows == values.rows && interventions!.columns == values.columns),
            "interventions must have the shape of the values, \(values.rows) × \(values.columns)")
        self.init(
            genes: genes, values: values, labels: interventions.map { CellInterventions($0) }, areCounts: areCounts,
            notices: notices)
    }

    /// Cells × genes, 1 where the gene was intervened on; nil where nowhere.
    public var interventions: Matrix<Float>? {
        labels?.matrix(cells: Array(0..<values.rows), genes: Array(genes.indices))
    }

    /// The cells of a design, of a matrix that is walked through once; no other values are held.
    /// - Parameter blocks: Cells × genes on a logarithmic or similar scale, of all cells that the design chose among.
    public init(_ design: InterventionDesign, of blocks: any MatrixBlocks, areCounts: Bool) throws {
        precondition(blocks.columns == design.genes.count, "\(blocks.columns) columns for \(design.genes.count) genes")
        let d = blocks.columns
        var values = Matrix<Float>(rows: design.cells.count, columns: d)
        var next = 0
        try blocks.forEachBlock { block in
            let first = next
            while next < design.cells.count, design.cells[next] < block.rows.upperBound { next += 1 }
            for place in first..<next {
                let row = design.cells[place] - block.firstRow
                switch block.matrix {
                case .dense(let matrix):
                    values.values.replaceSubrange(place * d..<(place + 1) * d, with: matrix.row(row))
                case .sparse(let matrix):
                    for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                        values.values[place * d + Int(matrix.columnIndices[entry])] += matrix.values[entry]
                    }
                }
            }
        }
        self.init(
            genes: design.genes, values: values, labels: design.interventions, areCounts: areCounts,
            notices: design.notices)
    }

    /// The cells of a screen that `InterventionDesign` takes.
    ///
    /// Counts and positive intensities should be brought to a logarithmic scale before; here counts go through ln(1 + x),
    /// normalised to their median where there are `ExpressionScale.genesForTotals` genes or more, and intensities through
    /// ln(1 + x).
    public init(screen: PerturbationScreen) {
        let design = InterventionDesign(
            genes: screen.genes, contexts: screen.contexts, contextOfCell: screen.contextOfCell,
            knownTargets: screen.knownTargets)
        var values = screen.expression.selectingRows(design.cells)
        var notices = design.notices
        bringToLogarithms(&values, scale: screen.scale, notices: &notices)
        self.init(
            genes: screen.genes, values: values, labels: design.interventions,
            areCounts: screen.scale == .counts || screen.scale == .log1p, notices: notices)
    }
}

/// Counts to ln(1 + counts), of many genes ln(1 + counts · median total/total); intensities to ln(1 + x) of what is
/// positive; other scales stay.
private func bringToLogarithms(_ values: inout Matrix<Float>, scale: ExpressionScale, notices: inout [Notice]) {
    let d = values.columns
    switch scale {
    case .log1p, .logIntensity, .scaled: return
    case .counts where d >= ExpressionScale.genesForTotals:
        let totals = (0..<values.rows).map { row in values.row(row).reduce(0) { $0 + Double(max(0, $1)) } }
        let sorted = totals.filter { $0 > 0 }.sorted()
        guard let median = sorted.isEmpty ? nil : sorted[sorted.count / 2] else { return }
        for row in 0..<values.rows where totals[row] > 0 {
            let factor = Float(median / totals[row])
            for gene in 0..<d { values[row, gene] = logarithm(values[row, gene] * factor) }
        }
    case .counts, .intensity:
        for index in values.values.indices { values.values[index] = logarithm(values.values[index]) }
        if scale == .counts { notices.append(.totalsLeft(genes: d, atLeast: ExpressionScale.genesForTotals)) }
    }
}

private func logarithm(_ x: Float) -> Float { Foundation.log1p(max(0, x)) }
