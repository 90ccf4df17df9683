import Graphs
import Interventions
import Responses

extension ResponsePosterior {
    /// What a reader may want to know of the fit.
    var diagnostics: [FitDiagnostic] {
        let score = FitDiagnostic(
            name: "score of the best graph", value: score,
            note: "nats: log marginal likelihood with prior, up to a constant of the screen")
        guard let nonlinearGain else { return [score] }
        return [
            score,
            FitDiagnostic(
                name: "gain of nonlinear mechanisms", value: nonlinearGain,
                note: isNonlinear ? "nats over linear ones; taken" : "nats over linear ones; not taken"),
        ]
    }
}

extension CausalMechanisms {
    /// From regulators to genes.
    var graph: DirectedGraph {
        DirectedGraph(
            nodeCount: mechanisms.count,
            edges: mechanisms.indices.flatMap { target in mechanisms[target].parents.map { Edge($0, target) } })
    }
}
