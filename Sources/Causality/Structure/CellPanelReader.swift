import Networks
import Tensors

/// Reads panels cell by cell, with the network of AVICI.
struct CellPanelReader: PanelReader {
    private let network: EdgePredictor
    private let weights: Weights

    init(_ options: EdgePredictorOptions, tensors: SafeTensors, file: String?) throws {
        (network, weights) = try Weights.loaded(
            tensors, file: file, expected: EdgePredictor.parameterCount(options)
        ) { EdgePredictor(options, weights: &$0, stream: nil) }
    }

    /// Time grows with the square of the cells, memory with cells × genes.
    func usualCells(genes: Int) -> Int { min(20_000, 2_000_000 / max(1, genes)) }

    var needsCounts: Bool { network.options.input == .counts }

    func usualGenes(trained: Int) -> Int { trained }

    /// Panels one after another: all cores share the work of each.
    func read(_ count: Int, genes: Int, workers: Workers, panel: @Sendable (Int) -> Panel) -> [PanelReading] {
        (0..<count).map { item in
            let panel = panel(item)
            return PanelReading(
                logits: network.logits(
                    of: network.options.input.encoded(logarithms: panel.values, interventions: panel.interventions),
                    cells: panel.values.rows, genes: panel.values.columns, weights: weights, workers: workers.count))
        }
    }
}
