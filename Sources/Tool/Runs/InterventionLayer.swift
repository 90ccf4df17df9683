import AnnotatedData
import Screens
import Structure

/// The layer `interventions`, which says of each cell on which genes it was intervened: 1 there, 0 elsewhere.
enum InterventionLayer {
    static let name = "interventions"

    /// The interventions on all cells, of a layer that is walked through once; nil where there is none.
    /// - Parameter annotation: Names the cells and genes of the layer.
    /// - Throws: `BAD_VALUE`, which names the first cell and gene with another value than 0 or 1; what the layer throws.
    static func read(_ layer: (any MatrixBlocks)?, of annotation: AnnotatedMatrix) throws -> CellInterventions? {
        guard let layer else { return nil }
        var sets = CellInterventions.Numbering()
        var setOfCell: [Int32] = []
        setOfCell.reserveCapacity(layer.rows)
        try layer.forEachBlock { block in
            for row in 0..<block.matrix.rows {
                let entries = block.matrix.notZero(row: row)
                if let odd = entries.first(where: { $0.value != 1 }) {
                    let (cell, gene) = (
                        annotation.cells.names[block.firstRow + row], annotation.genes.names[odd.column]
                    )
                    throw ScreenError(
                        code: "BAD_VALUE", element: "layers/\(name)",
                        message: "expected 0 or 1 for every cell and gene, found \(odd.value) in cell \(cell), gene "
                            + gene,
                        remedy: "write 1 where a gene was intervened on and 0 elsewhere")
                }
                setOfCell.append(sets.number(of: entries.map(\.column)))
            }
        }
        return CellInterventions(sets: sets.sets, setOfCell: setOfCell)
    }

    /// The genes on which some cell was intervened.
    static func genes(of interventions: CellInterventions, _ names: [String]) -> [String] {
        Set(interventions.sets.joined()).sorted().map { names[$0] }
    }
}

extension CellMatrix {
    /// Entries of a row other than 0, columns rising.
    fileprivate func notZero(row: Int) -> [(column: Int, value: Float)] {
        switch self {
        case .dense(let matrix):
            return matrix.row(row).enumerated().filter { $0.element != 0 }.map { ($0.offset, $0.element) }
        case .sparse(let matrix):
            return (matrix.rowStarts[row]..<matrix.rowStarts[row + 1])
                .map { (Int(matrix.columnIndices[$0]), matrix.values[$0]) }
                .filter { $0.1 != 0 }.sorted { $0.0 < $1.0 }
        }
    }
}
