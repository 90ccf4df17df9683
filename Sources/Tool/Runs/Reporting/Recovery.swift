import Foundation
import Graphs
import Interventions
import Matrices
import Simulators

/// What a run found again of a known truth: its last lines, and a part of its report.
struct Recovery: Codable, Sendable, Equatable {
    static let currentSchema = 1
    var schema = Recovery.currentSchema
    var truth: String
    /// How the edge probabilities rank the true edges, and what a random ranking reaches.
    var trueEdges: Int
    var amortised: EdgeRankingScores
    var fitted: EdgeRankingScores
    /// Edges of the fitted network with a probability of one half or more.
    var edgesFound: Int
    var edgesRight: Int
    /// Of a planted truth only.
    var targets: Targets?
    /// Half-effective doses found beside planted ones: rank correlation over the drugs seen in training.
    var doseRankCorrelation: Double?

    struct Targets: Codable, Sendable, Equatable {
        /// Drugs whose most probable target is a planted one, of all drugs of the kind.
        var seenRight: Int
        var seen: Int
        var unseenRight: Int
        var unseen: Int
        /// How target probabilities rank planted targets over all drugs × genes, and what a random ranking reaches.
        var averagePrecision: Double
        var prevalence: Double
    }

    /// Whether most of what was planted was found: two thirds of the drugs hit, and edges ranked three times better than
    /// at random.
    var isFound: Bool {
        guard let targets else { return fitted.averagePrecision >= 1.5 * fitted.prevalence }
        return 3 * (targets.seenRight + targets.unseenRight) >= 2 * (targets.seen + targets.unseen)
            && max(amortised.averagePrecision, fitted.averagePrecision) >= 3 * fitted.prevalence
    }

    init(
        _ known: KnownTruth, amortised beliefs: EdgeBeliefs, model: any PerturbationModel, queries: [PerturbationQuery]
    ) throws {
        truth = known.name
        let graph = known.graph(over: model.genes)
        let fitted = model.edgeBeliefs
        trueEdges = graph.edgeCount
        amortised = EdgeRankingScores(beliefs, truth: graph)
        self.fitted = EdgeRankingScores(fitted, truth: graph)
        let found = fitted.ranked.filter { $0.probability >= 0.5 }
        edgesFound = found.count
        edgesRight = found.count { graph[$0.source, $0.target] }
        guard case .planted(let planted) = known else { return }
        var right = (seen: 0, unseen: 0)
        var total = (seen: 0, unseen: 0)
        var ranked: [(probability: Double, isEdge: Bool)] = []
        var doses: [(planted: Double, found: Double)] = []
        // One answer a drug: at its highest dose, where the targets show best.
        for (name, asked) in Dictionary(grouping: queries, by: \.perturbation).sorted(by: { $0.key < $1.key }) {
            guard
                let drug = planted.drugs.first(where: { $0.name == name }),
                let query = asked.max(by: { ($0.dose ?? 0) < ($1.dose ?? 0) })
            else { continue }
            let prediction = try model.predict(query, draws: 2, seed: 0)
            let genes = Set(drug.targets.map(\.gene))
            let best = prediction.targetProbability.indices.max {
                abs(prediction.directEffect[$0]) < abs(prediction.directEffect[$1])
            }
            let isRight = best.map { genes.contains(model.genes[$0]) } ?? false
            if prediction.isMeasured {
                total.seen += 1
                right.seen += isRight ? 1 : 0
                if let found = prediction.halfEffectiveDose { doses.append((drug.halfMaximalDose, found)) }
            } else {
                total.unseen += 1
                right.unseen += isRight ? 1 : 0
            }
            for (gene, probability) in zip(model.genes, prediction.targetProbability) {
                ranked.append((probability, genes.contains(gene)))
            }
        }
        let ranking = EdgeRankingScores(ranked)
        targets = Targets(
            seenRight: right.seen, seen: total.seen, unseenRight: right.unseen, unseen: total.unseen,
            averagePrecision: ranking.averagePrecision, prevalence: ranking.prevalence)
        let correlation = doses.count > 2 ? spearmanCorrelation(doses.map(\.planted), doses.map(\.found)) : .nan
        doseRankCorrelation = correlation.isNaN ? nil : correlation
    }

    /// What was found, one sentence a line.
    var lines: [String] {
        func number(_ value: Double) -> String { String(format: "%.2f", value) }
        var lines = [
            "edges: average precision \(number(amortised.averagePrecision)) by the amortised network, "
                + "\(number(fitted.averagePrecision)) by the fitted one (at random \(number(fitted.prevalence))); "
                + "\(edgesRight) of the \(edgesFound) edges found are among the \(trueEdges) of \(truth)"
        ]
        if let targets {
            lines.append(
                "targets: the strongest one found is a planted one for \(targets.seenRight) of \(targets.seen) drugs seen in "
                    + "training and for \(targets.unseenRight) of \(targets.unseen) held out; average precision "
                    + "\(number(targets.averagePrecision)) (at random \(number(targets.prevalence)))")
        }
        if let doseRankCorrelation {
            lines.append(
                "doses: half-effective doses correlate with the planted ones at \(number(doseRankCorrelation)) (Spearman)"
            )
        }
        return lines
    }
}
