import Explanations
import Reports

extension ReportAssembly {
    private static let shownGenes = 10

    /// What control cells would have been under a treatment; nil where nobody asked.
    func counterfactual(
        _ treatment: ShiftTable.Treatment, _ observed: [String: Double]?
    ) -> PerturbationFinding.Counterfactual? {
        let found = results.explanations.counterfactuals.first {
            $0.perturbation == treatment.perturbation && $0.dose == treatment.dose
        }
        guard let found else { return nil }
        if let abstention = found.abstention { return .init(abstention: abstention) }
        let applied = found.interventions.filter { $0.probability >= 0.5 }.prefix(3).map { one in
            one.isSet
                ? "\(one.gene) = \(number(one.value))" : "\(one.gene) \(one.value > 0 ? "+" : "")\(number(one.value))"
        }
        let more = found.interventions.count - applied.count
        return .init(
            facts: [
                ReportFact(
                    "intervention applied", applied.joined(separator: ", "),
                    note: more > 0 ? "and \(more) in fewer than half of the draws, or smaller" : ""),
                ReportFact(
                    "of the predicted shift explained", found.explained.map { $0.percentText } ?? "–",
                    note: "over all genes, by squares"),
                ReportFact("control cells followed", count: found.cells, note: "on \(found.graphs) graphs"),
            ],
            genes: found.genes.prefix(Self.shownGenes).map { gene in
                .init(
                    gene: gene.gene, predicted: gene.predicted, observed: observed?[gene.gene],
                    shift: Estimate(gene.shift, lower: gene.lower, upper: gene.upper), explained: gene.explained,
                    up: gene.up, down: gene.down, low: gene.quantiles[0], high: gene.quantiles[2])
            }, reached: found.genes.count)
    }
}
