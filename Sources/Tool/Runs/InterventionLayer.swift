import AnnotatedData
import Matrices

/// The layer `interventions`, which says of each cell on which genes it was intervened: 1 there, 0 elsewhere.
enum InterventionLayer {
    static let name = "interventions"

    /// The layer of the data, cells × genes; nil where there is none.
    /// - Throws: `BAD_VALUE`, which names the first cell and gene with another value than 0 or 1.
    static func read(_ data: AnnotatedMatrix) throws(Failure) -> Matrix<Float>? {
        guard let layer = data.layers[name]?.dense else { return nil }
        guard let place = layer.values.firstIndex(where: { $0 != 0 && $0 != 1 }) else { return layer }
        let (cell, gene) = (data.cells.names[place / layer.columns], data.genes.names[place % layer.columns])
        throw Failure(
            code: "BAD_VALUE", element: "layers/\(name)",
            message:
                "expected 0 or 1 for every cell and gene, found \(layer.values[place]) in cell \(cell), gene \(gene)",
            remedy: "write 1 where a gene was intervened on and 0 elsewhere", exit: .badData)
    }

    /// The genes on which some cell was intervened.
    static func genes(of layer: Matrix<Float>, _ names: [String]) -> [String] {
        let places = Set(layer.values.indices.filter { layer.values[$0] != 0 }.map { $0 % layer.columns })
        return places.sorted().map { names[$0] }
    }
}
