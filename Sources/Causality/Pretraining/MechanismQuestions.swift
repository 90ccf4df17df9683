import Foundation
import Graphs
import Matrices
import Probability
import Simulators

/// Context rows of a simulated world, and what is asked of the mechanisms of some of its nodes.
struct MechanismQuestions: Sendable {
    struct Question: Sendable {
        let node: Int
        /// Standardised rows × parents: rows of the world that are not in the context, and as many again in which the
        /// parents' values come from different rows, as under interventions.
        let queries: Matrix<Float>
        /// The mechanism at the queries and at the context rows, standardised.
        let truth: [Float]
        let contextTruth: [Float]
    }

    let graph: DirectedGraph
    /// n × d, standardised.
    let context: Matrix<Float>
    let questions: [Question]

    private static let queries = 40

    /// - Parameter most: Questions at most; nodes with parents are chosen at random.
    init(domain: MechanismDomain, nodes: Int, rows: Int, most: Int, stream: RandomStream) {
        let world = CausalWorld(options: domain.options(nodes: nodes, rows: rows + Self.queries), stream: stream)
        let values = world.sample(stream: stream.stream("sample")).values
        let raw = values.selectingRows(Array(0..<rows))
        let units = NodeUnits(raw)
        var choice = stream.stream("choice")
        let effects = world.graph.parents.indices.filter { !world.graph.parents[$0].isEmpty }
        graph = world.graph
        context = units.standardised(raw, of: Array(0..<nodes))
        questions = choice.choice(min(most, effects.count), of: effects.count).map { place in
            let node = effects[place]
            let parents = world.graph.parents[node]
            var queries = values.selectingRows(Array(rows..<rows + Self.queries)).selectingColumns(parents)
            let apart = parents.indices.map { column -> [Float] in
                let order = choice.permutation(Self.queries)
                return order.map { queries[$0, column] }
            }
            let mixed = (0..<Self.queries).flatMap { row in apart.map { $0[row] } }
            queries = Matrix(rows: 2 * Self.queries, columns: parents.count, values: queries.values + mixed)
            return Question(
                node: node, queries: units.standardised(queries, of: parents),
                truth: units.standardised(world.means(of: node, parents: queries), of: node),
                contextTruth: units.standardised(
                    world.means(of: node, parents: raw.selectingColumns(parents)), of: node))
        }
    }
}

/// Means and standard deviations of the nodes of some rows, by which values become standardised.
struct NodeUnits {
    private let means: [Double]
    private let deviations: [Double]

    init(_ rows: Matrix<Float>) {
        let moments = rows.columnMoments()
        means = moments.means
        deviations = moments.standardDeviations.map { $0 > 0 ? $0 : 1 }
    }

    func standardised(_ values: [Float], of node: Int) -> [Float] {
        values.map { Float((Double($0) - means[node]) / deviations[node]) }
    }

    /// Rows whose columns are these nodes.
    func standardised(_ rows: Matrix<Float>, of nodes: [Int]) -> Matrix<Float> {
        var result = rows
        for place in result.values.indices {
            let node = nodes[place % nodes.count]
            result.values[place] = Float((Double(result.values[place]) - means[node]) / deviations[node])
        }
        return result
    }
}
