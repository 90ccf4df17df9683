import Matrices
import Networks

/// Cells of a panel of genes, as a network of either kind gets them.
struct Panel: Sendable {
    /// Cells × genes, on a logarithmic or similar scale.
    let values: Matrix<Float>
    /// Not 0 where the gene was intervened on; nil where nowhere.
    let interventions: Matrix<Float>?
    /// Whether nothing was done to the cell, on genes outside the panel neither; nil where no cell was intervened on.
    var isControl: [Bool]?
    /// Whether the values are ln(1 + x) of counts or of what is proportional to them in each cell.
    let areCounts: Bool
}

/// A trained network that says how likely each edge among a panel's genes is.
///
/// Both networks answer alike: the order of cells does not matter, and that of genes only arranges the answer.
protocol PanelReader: Sendable {
    /// Whether only counts mean anything to it.
    var needsCounts: Bool { get }
    /// Cells read where options do not say how many.
    func usualCells(genes: Int) -> Int
    /// The largest panel read whole where options do not say, given the largest of the training.
    func usualGenes(trained: Int) -> Int
    /// Of each of `count` panels of `genes` genes at most, which are made when it is their turn: few are in memory at once.
    func read(_ count: Int, genes: Int, workers: Workers, panel: @Sendable (Int) -> Panel) -> [PanelReading]
}

/// What a network says of a panel.
struct PanelReading: Sendable {
    /// Of i → j, d × d.
    let logits: [Float]
    /// From the worlds of its training; nil where the weights do not tell where they lie.
    var distance: TrainingDistance?
}

extension InterventionalCells {
    /// Some cells and genes of them.
    func panel(cells: [Int], genes: [Int]) -> Panel {
        Panel(
            values: selected(values, cells, genes), interventions: labels?.matrix(cells: cells, genes: genes),
            isControl: labels?.areControls(cells), areCounts: areCounts)
    }
}

/// Some rows and columns of a matrix.
private func selected(_ matrix: Matrix<Float>, _ rows: [Int], _ columns: [Int]) -> Matrix<Float> {
    let width = columns.count
    let values = [Float](unsafeUninitializedCapacity: rows.count * width) { values, count in
        matrix.values.withUnsafeBufferPointer { source in
            for (place, row) in rows.enumerated() {
                let first = row * matrix.columns
                for column in 0..<width { values[place * width + column] = source[first + columns[column]] }
            }
        }
        count = rows.count * width
    }
    return Matrix(rows: rows.count, columns: columns.count, values: values)
}
