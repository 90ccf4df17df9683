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

    public var graph: DirectedGraph { world.graph }

    /// g1, g2, … with as many digits as the last one needs.
    public var genes: [String] { WorldTruth.names(prefix: "g", count: values.columns) }

    public var truth: WorldTruth {
        WorldTruth(
            genes: genes,
            edges: graph.edges.map {
                .init(source: genes[$0.source], target: genes[$0.target], weight: world.weight(of: $0))
            })
    }

    /// As a file holds it: `interventions` is a layer, and the column `perturbation` names each cell's target or `control`.
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
                        values: .categories(codes: codes, levels: ["control"] + names, ordered: false))
                ]),
            genes: AnnotationTable(names: names),
            layers: ["interventions": .dense(interventions)])
    }
}

/// The edges of a simulated world, by gene names.
public struct WorldTruth: Codable, Sendable, Equatable {
    public struct Edge: Codable, Sendable, Equatable {
        public var source: String
        public var target: String
        /// The linear weight; absent where the mechanism is not linear.
        public var weight: Double?
    }

    public var genes: [String]
    public var edges: [Edge]

    static func names(prefix: String, count: Int) -> [String] {
        let digits = String(count).count
        return (1...max(1, count)).prefix(count).map { number in
            prefix + String(repeating: "0", count: digits - String(number).count) + String(number)
        }
    }
}
