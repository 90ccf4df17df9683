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
    /// Logits of i → j, d × d, of each panel.
    func logits(of panels: [Panel], workers: Workers) -> [[Float]]
}
