import Foundation
import KernelMechanisms
import Matrices
import Probability
import Simulators

/// Regressions of one simulated world.
struct MechanismLessons: Sendable {
    let lessons: [KernelLesson]

    /// Queries of a lesson: rows of the world that are not in the context, and as many again in which the parents' values
    /// come from different rows, as under interventions.
    private static let queries = 40

    /// World number `number` of a training.
    static func training(_ number: Int, _ options: MechanismPretrainingOptions, stream: RandomStream)
        -> MechanismLessons
    {
        let own = stream.stream("worlds").stream(number)
        var sizes = own.stream("sizes")
        let domain = options.domains[sizes.index(weights: options.domains.map(\.share))]
        let (few, many) = (Double(options.nodes.lowerBound), Double(options.nodes.upperBound))
        let nodes = Int((few * pow(many / few, sizes.uniform())).rounded())
        // 1/n is uniform where the density is proportional to n⁻².
        let rows = Int(
            (1 / sizes.uniform(1 / Double(options.rows.upperBound), 1 / Double(options.rows.lowerBound))).rounded())
        return MechanismLessons(
            domain: domain, nodes: nodes, rows: rows, most: options.regressionsPerWorld, stream: own)
    }

    /// - Parameter most: Lessons at most; nodes with parents are chosen at random.
    init(domain: MechanismDomain, nodes: Int, rows: Int, most: Int, stream: RandomStream) {
        let world = CausalWorld(options: domain.options(nodes: nodes, rows: rows + Self.queries), stream: stream)
        let values = world.sample(stream: stream.stream("sample")).values
        let context = values.selectingRows(Array(0..<rows))
        let moments = context.columnMoments()
        let deviations = moments.standardDeviations.map { $0 > 0 ? $0 : 1 }
        var choice = stream.stream("choice")
        let effects = world.graph.parents.indices.filter { !world.graph.parents[$0].isEmpty }
        lessons = choice.choice(min(most, effects.count), of: effects.count).compactMap { place in
            let node = effects[place]
            let parents = world.graph.parents[node]
            var queries = values.selectingRows(Array(rows..<rows + Self.queries)).selectingColumns(parents)
            let apart = parents.indices.map { column -> [Float] in
                let order = choice.permutation(Self.queries)
                return order.map { queries[$0, column] }
            }
            let mixed = (0..<Self.queries).flatMap { row in apart.map { $0[row] } }
            queries = Matrix(rows: 2 * Self.queries, columns: parents.count, values: queries.values + mixed)
            func standardised(_ rows: Matrix<Float>) -> Matrix<Float> {
                var result = rows
                for place in result.values.indices {
                    let parent = parents[place % parents.count]
                    result.values[place] = Float(
                        (Double(result.values[place]) - moments.means[parent]) / deviations[parent])
                }
                return result
            }
            func standardised(_ values: [Float]) -> [Float] {
                values.map { Float((Double($0) - moments.means[node]) / deviations[node]) }
            }
            let lesson = KernelLesson(
                parents: standardised(context.selectingColumns(parents)), targets: standardised(context.column(node)),
                queries: standardised(queries), truth: standardised(world.means(of: node, parents: queries)))
            return lesson.isFinite ? lesson : nil
        }
    }
}
