import Foundation
import Networks
import Structure
import Tensors

/// Weights that a `StructurePredictor` reads, with their card inside, and how the training went.
public struct PretrainedStructure: Sendable {
    public let tensors: SafeTensors
    public let card: ModelCard
    public let history: [TrainingRecord]
    /// Of the run that ended, not of those before it was resumed.
    public let balance: TrainingBalance

    /// Writes `NAME.safetensors` and, beside it, `NAME.card.json`.
    public func write(to file: String) throws {
        try tensors.write(to: file)
        let beside = URL(fileURLWithPath: file).deletingPathExtension().appendingPathExtension("card.json")
        do {
            try (card.encoded() + Data("\n".utf8)).write(to: beside, options: .atomic)
        } catch {
            throw WeightsError(
                code: "CANNOT_WRITE", file: beside.path,
                message: "the model card could not be written: \(error.localizedDescription)",
                remedy: "choose a folder that exists and that you may write to")
        }
    }
}

extension StructurePretraining {
    func result(
        _ state: Checkpoint, _ course: TrainingCourse, balance: TrainingBalance, workers: Workers
    ) throws -> PretrainedStructure {
        let weights = state.average!.weights(like: state.weights)
        let closing = ClosingMeasures(options, network: network, weights: weights, workers: workers)
        var card = card(course, steps: state.optimiser.step, cores: workers.count)
        card.calibration = closing?.calibration
        let text = String(decoding: try card.encoded(), as: UTF8.self)
        var tensors = SafeTensors(entries: weights.entries(), metadata: [ModelCard.metadataKey: text])
        if let support = closing?.support { tensors.add(support) }
        return PretrainedStructure(tensors: tensors, card: card, history: course.history, balance: balance)
    }

    private func card(_ course: TrainingCourse, steps: Int, cores: Int) -> ModelCard {
        let (name, features): (String, [String]?) =
            switch options.network {
            case .pairwise: ("pairwise", options.features ?? PairFeatures.names)
            case .avici: ("avici", nil)
            }
        return ModelCard(
            name: name, version: "1", network: options.network, features: features,
            trainingDistribution: trainingDistribution, genes: options.sizes(\.genes), cells: options.sizes(\.cells),
            worldsSeen: steps * options.worldsPerStep, steps: steps, trainingSeconds: course.seconds.rounded(),
            cores: cores, validation: course.history.last?.validation ?? [],
            intendedUse:
                "Ranking which genes of a panel cause which, from single-cell expression with or without known "
                + "interventions, as a prior for intervention models and as a lead for experiments.",
            limits:
                "Trained on simulated acyclic worlds, few of them with hidden common causes; feedback and batch effects "
                + "break its assumptions. Probabilities are not calibrated on real data. Which of two equal genes "
                + "has the edges is a guess. Each cell of training has at most one effective intervention.")
    }

    private var trainingDistribution: String {
        let shares = options.shares(atStep: options.steps)
        let domains = zip(options.domains, shares).filter { $1 > 0 }.map { domain, share in
            "\(domain.name) \(Self.percent(share / shares.reduce(0, +)))"
                + (domain.fromStep > 0 ? " (from step \(domain.fromStep))" : "")
        }
        let power = options.genesPower == 1 ? "uniform on a logarithmic scale" : "density d^−\(options.genesPower)"
        let stages = options.curriculum.map {
            "up to step \($0.untilStep) \($0.genes.lowerBound) to \($0.genes.upperBound) genes and "
                + "\($0.cells.lowerBound) to \($0.cells.upperBound) cells"
        }
        // What names mean is known of our own domains only.
        let meaning =
            options.domains != PretrainingDomain.standard
            ? ""
            : "Domains called linear, random Fourier and gene regulation have the training ranges of Lorch et al. 2022; "
                + "those called wide have wider ones, which hold part of the values that it tests with out of "
                + "distribution, and no real network. "
        return "Fresh simulated worlds, none of them made by the package avici: " + domains.joined(separator: "; ")
            + ". \(meaning)\(options.genes.lowerBound) to \(options.genes.upperBound) genes (\(power)), "
            + "\(options.cells.lowerBound) to \(options.cells.upperBound) cells (uniform on a logarithmic scale)"
            + (stages.isEmpty ? "" : "; before that " + stages.joined(separator: ", "))
            + ". Validation on other worlds of the same domains, \(options.validationGenes) genes and "
            + "\(options.validationCells) cells, a fifth of them with interventions where the domain has them."
    }

    private static func percent(_ share: Double) -> String {
        let percent = 100 * share
        return (percent == percent.rounded() ? "\(Int(percent))" : String(format: "%.1f", percent)) + " %"
    }
}

extension StructurePretrainingOptions {
    /// The least and the largest that any part of the training draws.
    fileprivate func sizes(_ range: (_ stage: CurriculumStage) -> ClosedRange<Int>) -> ClosedRange<Int> {
        let all = curriculum.map(range) + [range(CurriculumStage(untilStep: steps, genes: genes, cells: cells))]
        return all.map(\.lowerBound).min()!...all.map(\.upperBound).max()!
    }
}
