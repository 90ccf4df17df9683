import Graphs
import Interventions
import Responses

extension ResponsePosterior {
    /// What a reader may want to know of the fit.
    var diagnostics: [FitDiagnostic] {
        var found = [
            FitDiagnostic(
                name: "score of the best graph", value: score,
                note: "nats: log marginal likelihood with prior, up to a constant of the screen")
        ]
        if let nonlinearGain {
            found.append(
                FitDiagnostic(
                    name: "gain of nonlinear mechanisms", value: nonlinearGain,
                    note: isNonlinear ? "nats over linear ones; taken" : "nats over linear ones; not taken"))
        }
        if let agreement = search.agreement {
            found.append(
                FitDiagnostic(
                    name: "targets that searches share", value: agreement.targets,
                    note: "share of the targets that were found whatever order of the genes the search began from"))
            found.append(
                FitDiagnostic(
                    name: "joined pairs that searches share", value: agreement.joinedPairs,
                    note: "the same of pairs of genes joined by an edge; of edges with their direction "
                        + String(format: "%.2f", agreement.edges)))
        }
        if let targetRate {
            found.append(
                FitDiagnostic(
                    name: "rate of targets", value: targetRate,
                    note:
                        "probability that a perturbation acts on a gene before its own cells are looked at: the rarer, the "
                        + "more a claim must show"))
        }
        return found
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
