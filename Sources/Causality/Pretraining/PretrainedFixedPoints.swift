import MechanismNetworks
import Networks
import Tensors

/// Weights that a `FixedPointModel` reads, with their card inside, and how the training went.
public struct PretrainedFixedPoints: Sendable {
    public let tensors: SafeTensors
    public let card: FixedPointCard
    public let history: [FixedPointTrainingRecord]

    /// Writes `NAME.safetensors` and, beside it, `NAME.card.json` and `NAME.history.tsv`.
    public func write(to file: String) throws {
        try tensors.write(to: file, card: try card.encoded(), history: history.table)
    }
}

extension FixedPointPretraining {
    func result(_ weights: Weights, _ course: FixedPointCourse, cores: Int) throws -> PretrainedFixedPoints {
        let total = options.domains.map(\.share).reduce(0, +)
        let domains = options.domains.map { "\($0.name) \(Int((100 * $0.share / total).rounded())) %" }
        let card = FixedPointCard(
            name: "fixed points", version: "1", network: options.size,
            trainingDistribution:
                "Fresh simulated worlds: " + domains.joined(separator: "; ") + ". \(options.nodes.lowerBound) to "
                + "\(options.nodes.upperBound) nodes and \(options.rows.lowerBound) to \(options.rows.upperBound) rows "
                + "(uniform on a logarithmic scale), half of them context for the decoder. Validation on other worlds of "
                + "the same domains, \(options.validationNodes) nodes and \(options.validationRows) rows.",
            nodes: options.nodes, rows: options.rows, worldsSeen: options.steps * options.worldsPerStep,
            steps: options.steps, trainingSeconds: course.seconds.rounded(), cores: cores,
            validation: course.history.last?.validation ?? [],
            intendedUse:
                "Mechanisms of nodes given their parents: noise, new rows, interventions and counterfactuals of a causal "
                + "graph that is known or believed.",
            limits:
                "Noise is additive, its spread does not depend on the parents. Says nothing of how sure it is. Trained on "
                + "smooth functions of acyclic worlds without hidden common causes. Of more than 1,000 rows, 1,000 are "
                + "read.")
        return PretrainedFixedPoints(
            tensors: SafeTensors(entries: weights.entries(), metadata: try card.metadata()), card: card,
            history: course.history)
    }
}
