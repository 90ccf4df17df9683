import AnnotatedData
import Graphs
import Matrices
import Mechanisms
import Probability
import Responses
import Screens

/// Prior means of mechanisms, read off control cells.
///
/// Control cells are in the likelihood of the fit: a prior mean from the same cells would count them twice, and every edge
/// that they suggest would look surer than it is. So the cells of the prior are taken out of the fit, and each cell speaks
/// once.
extension ScreenModelFit {
    /// Of the control cells, at most this share and so many are set apart, but none where they would be fewer than can tell.
    private static let shareApart = 0.5
    private static let mostApart = 400
    private static let fewestApart = 50

    /// Of one kind of control cells, the one that most belong to: kinds differ in their means, which no regulator explains.
    func cellsApart(_ stream: RandomStream) -> Set<Int> {
        let kinds = Dictionary(grouping: screen.controlCells) {
            plan.levelColumns.row(screen.contextOfCell[$0]).map { $0 }
        }
        guard let cells = kinds.values.max(by: { ($0.count, $1[0]) < ($1.count, $0[0]) }) else { return [] }
        let count = min(Self.mostApart, Int(Double(cells.count) * Self.shareApart))
        guard count >= Self.fewestApart else { return [] }
        var own = stream.stream("cells apart")
        return Set(own.choice(count, of: cells.count).map { cells[$0] })
    }

    func priorNotice(_ count: Int) -> Notice {
        count > 0
            ? Notice(
                code: "PRIOR_MECHANISMS",
                message: "prior means of mechanisms were read off \(count) control cells, which the fit did not see")
            : Notice(
                code: "PRIOR_MECHANISMS",
                message: "too few control cells to read prior means of mechanisms off a part of them: these are 0")
    }

    /// - Parameter cells: Those set apart × genes, in control standard deviations from the control mean.
    func priorMechanisms(_ cells: Matrix<Float>) -> PriorMechanisms? {
        guard let reader, let one = apart.first else { return nil }
        let levels = plan.levelColumns.row(screen.contextOfCell[one]).map { $0 }
        let names = screen.genes
        return PriorMechanisms(cells: cells, covariates: levels) { gene, parents in
            let columns = parents + [gene]
            let graph = DirectedGraph(
                nodeCount: columns.count, edges: parents.indices.map { Edge($0, parents.count) })
            let context = try? MechanismContext(
                values: cells.selectingColumns(columns), names: columns.map { names[$0] }, graph: graph)
            guard let context, let mechanisms = try? reader.mechanisms(of: context, workers: 1) else { return nil }
            let inputs = context.values.selectingColumns(Array(parents.indices))
            let (mean, deviation) = (context.means[parents.count], context.deviations[parents.count])
            return mechanisms.means(of: parents.count, parents: inputs).map { Float(mean + deviation * Double($0)) }
        }
    }
}
