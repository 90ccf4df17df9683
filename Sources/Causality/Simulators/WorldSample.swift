import AnnotatedData
import Graphs
import Matrices

/// Cells drawn from a world whose truth is known.
public struct WorldSample: Sendable {
    public let world: CausalWorld
    /// Cells × genes.
    public let values: Matrix<Float>
    /// Cells × genes: 1 where the gene was intervened on in that cell, else 0.
    public let interventions: Matrix<Float>
    /// The genes intervened on, rising.
    public let targets: [Int]
    /// For each target what was drawn once for all of its cells: the shift, or the activity; empty where interventions are hard.
    public let drawnOnce: [Double]

    public var graph: DirectedGraph { world.graph }

    /// g1, g2, … with as many digits as the last one needs.
    public var genes: [String] { WorldTruth.names(prefix: "g", count: values.columns) }

    /// As a file holds it: `interventions` is a layer, and the columns `perturbation` and `target` name each cell's target,
    /// `control` and `none` where it has none.
    public var annotated: AnnotatedMatrix {
        let names = genes
        var codes: [Int32] = []
        for row in 0..<values.rows {
            codes.append(Int32((interventions.row(row).firstIndex(of: 1).map { $0 - row * values.columns } ?? -1) + 1))
        }
        return AnnotatedMatrix(
            x: .dense(values),
            cells: AnnotationTable(
                names: WorldTruth.names(prefix: "cell", count: values.rows),
                columns: [
                    AnnotationColumn(
                        name: "perturbation",
                        values: .categories(codes: codes, levels: ["control"] + names, ordered: false)),
                    AnnotationColumn(
                        name: "target", values: .categories(codes: codes, levels: ["none"] + names, ordered: false)),
                ]),
            genes: AnnotationTable(names: names),
            layers: ["interventions": .dense(interventions)])
    }
}
