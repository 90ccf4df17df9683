import Foundation
import KernelMechanisms
import Probability

/// Regressions of one simulated world.
struct MechanismLessons: Sendable {
    let lessons: [KernelLesson]

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
        let world = MechanismQuestions(domain: domain, nodes: nodes, rows: rows, most: most, stream: stream)
        lessons = world.questions.compactMap { question in
            let lesson = KernelLesson(
                parents: world.context.selectingColumns(world.graph.parents[question.node]),
                targets: world.context.column(question.node), queries: question.queries, truth: question.truth)
            return lesson.isFinite ? lesson : nil
        }
    }
}
