import Foundation
import KernelMechanisms
import Networks

/// Weights that an `AmortisedKernelModel` reads, with their card inside, and how the training went.
public struct PretrainedMechanisms: Sendable {
    public let tensors: SafeTensors
    public let card: MechanismCard
    public let history: [MechanismTrainingRecord]

    /// Writes `NAME.safetensors` and, beside it, `NAME.card.json` and `NAME.history.tsv`.
    public func write(to file: String) throws {
        try tensors.write(to: file, card: try card.encoded(), history: history.table)
    }
}

extension SafeTensors {
    /// Writes `NAME.safetensors` and, beside it, `NAME.card.json` and `NAME.history.tsv`.
    func write(to file: String, card: Data, history: String) throws {
        try write(to: file)
        let base = URL(fileURLWithPath: file).deletingPathExtension()
        for (ending, content) in [("card.json", card + Data("\n".utf8)), ("history.tsv", Data(history.utf8))] {
            let beside = base.appendingPathExtension(ending)
            do {
                try content.write(to: beside, options: .atomic)
            } catch {
                throw WeightsError(
                    code: "CANNOT_WRITE", file: beside.path,
                    message: "the file could not be written: \(error.localizedDescription)",
                    remedy: "choose a folder that exists and that you may write to")
            }
        }
    }
}

extension MechanismPretraining {
    func result(
        _ state: Checkpoint, _ course: MechanismCourse, deviationScale: Double, cores: Int
    ) throws -> PretrainedMechanisms {
        let total = options.domains.map(\.share).reduce(0, +)
        let domains = options.domains.map { "\($0.name) \(Int((100 * $0.share / total).rounded())) %" }
        let card = MechanismCard(
            name: "kernel reader", version: "1", reader: options.reader,
            trainingDistribution:
                "Fresh simulated worlds: " + domains.joined(separator: "; ") + ". \(options.nodes.lowerBound) to "
                + "\(options.nodes.upperBound) nodes (uniform on a logarithmic scale), \(options.rows.lowerBound) to "
                + "\(options.rows.upperBound) context rows (density n⁻²), at most \(options.regressionsPerWorld) nodes of "
                + "each world. Validation on other worlds of the same domains, \(options.validationNodes) nodes and "
                + "\(options.validationRows) rows.",
            nodes: options.nodes, rows: options.rows, worldsSeen: state.optimiser.step * options.worldsPerStep,
            regressionsSeen: course.regressions, steps: state.optimiser.step,
            trainingSeconds: course.seconds.rounded(), cores: cores, validation: course.history.last?.validation ?? [],
            deviationScale: deviationScale,
            intendedUse:
                "Mechanisms of nodes given their parents, with what is uncertain about them: noise, new rows, "
                + "interventions and counterfactuals of a causal graph that is known or believed.",
            limits:
                "Noise is additive, its spread does not depend on the parents. Trained on smooth functions of acyclic "
                + "worlds without hidden common causes. Of more than 1,000 rows, 1,000 are read.")
        let text = String(decoding: try card.encoded(), as: UTF8.self)
        return PretrainedMechanisms(
            tensors: SafeTensors(
                entries: state.average!.weights(like: state.weights).entries(), metadata: ["card": text]),
            card: card, history: course.history)
    }
}
