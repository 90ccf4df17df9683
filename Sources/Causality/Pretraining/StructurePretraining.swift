import Foundation
import Graphs
import Networks
import Probability
import Structure
import Tensors

/// Trains a `PairwiseNetwork` on a stream of fresh simulated worlds.
///
/// Each step draws `worldsPerStep` worlds, side by side on all cores, takes the mean gradient of the cross-entropy of
/// their edges, clips it, and updates by AdamW under a warm-up and a cosine. Predictions use the moving average of the
/// weights. The bytes of the result depend on the options only: not on the number of cores, nor on where a training was
/// stopped and resumed.
public struct StructurePretraining: Sendable {
    /// Where a training stands.
    public struct Progress: Sendable {
        public let step: Int
        public let steps: Int
        public let worldsSeen: Int
        /// Mean over the steps since the last report.
        public let loss: Double
        public let gradientNorm: Double
        /// Of this training so far, including what came before it was resumed.
        public let seconds: Double
        /// By domain; empty where this step was not validated.
        public let validation: [ModelCard.Validation]
    }

    /// Weights that a `StructurePredictor` reads, with their card inside.
    public struct Result: Sendable {
        public let tensors: SafeTensors
        public let card: ModelCard

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

    public let options: StructurePretrainingOptions
    private let network: PairwiseNetwork
    private let start: Checkpoint

    public init(options: StructurePretrainingOptions = StructurePretrainingOptions()) {
        precondition(!options.domains.isEmpty && options.steps > 0 && options.worldsPerStep > 0, "nothing to train on")
        precondition(options.genes.lowerBound >= 2, "a world has two genes at least")
        self.options = options
        var weights = Weights()
        network = PairwiseNetwork(
            options.network, featureCount: PairFeatures.names.count, weights: &weights,
            stream: RandomStream(seed: options.seed).stream("pretraining/structure").stream("weights"))
        start = Checkpoint(
            weights: weights, optimiser: Optimiser(options.optimiser, weights: weights),
            average: MovingAverage(decay: options.averageDecay, weights: weights))
    }

    /// Runs to the end, or on from a checkpoint.
    /// - Parameters:
    ///   - checkpointFile: Written every `checkpointInterval` steps; nil writes none.
    ///   - resuming: Whether to go on from `checkpointFile`, which must then be of the same options.
    ///   - lastStep: Stops there as if interrupted; nil runs to the end.
    ///   - report: Called at every validation and every 50 steps.
    /// - Throws: `WeightsError` where a checkpoint cannot be read or written.
    public func run(
        checkpointFile: String? = nil, resuming: Bool = false, lastStep: Int? = nil,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount, report: (Progress) -> Void = { _ in }
    ) throws -> Result {
        let workers = Workers(count: workers)
        var state = start
        if resuming, let checkpointFile { try resume(&state, from: checkpointFile) }
        let earlier = Double(state.notes["seconds"] ?? "") ?? 0
        let began = Date()
        var seconds: Double { earlier + Date().timeIntervalSince(began) }
        let schedule = Schedule.warmupCosine(warmup: options.warmupSteps, total: options.steps)
        let validation = validationWorlds(workers: workers)
        var latest = [ModelCard.Validation]()
        var (lossSum, lossCount) = (0.0, 0)
        let last = min(options.steps, lastStep ?? options.steps)
        while state.optimiser.step < last {
            let step = state.optimiser.step
            var (loss, gradient) = gradient(of: state.weights, step: step, workers: workers)
            let norm = clipByNorm(&gradient, limit: options.gradientNorm, workers: workers)
            state.optimiser.update(
                &state.weights, gradient: gradient, rateScale: schedule.scale(at: step), workers: workers)
            state.average!.update(state.weights, workers: workers)
            (lossSum, lossCount) = (lossSum + loss, lossCount + 1)
            let done = step + 1
            let validates = done % options.validationInterval == 0 || done == options.steps
            if validates { latest = validate(state, worlds: validation, workers: workers) }
            if validates || done % 50 == 0 {
                loss = lossSum / Double(lossCount)
                (lossSum, lossCount) = (0, 0)
                report(
                    Progress(
                        step: done, steps: options.steps, worldsSeen: done * options.worldsPerStep, loss: loss,
                        gradientNorm: norm, seconds: seconds, validation: validates ? latest : []))
            }
            if let checkpointFile, done % options.checkpointInterval == 0 || done == last {
                state.notes = try notes(seconds: seconds)
                try state.write(to: checkpointFile)
            }
        }
        if latest.isEmpty { latest = validate(state, worlds: validation, workers: workers) }
        return try result(state, seconds: seconds, workers: workers, validation: latest)
    }

    private func gradient(of weights: Weights, step: Int, workers: Workers) -> (loss: Double, gradient: [Float]) {
        weights.meanGradient(items: options.worldsPerStep, workers: workers) { tape, item in
            let world = TrainingWorld.training(step * options.worldsPerStep + item, options)
            return network.loss(features(of: world, on: tape), graph: world.adjacency)
        }
    }

    private func features(of world: TrainingWorld, on tape: Tape) -> Tensor {
        let d = world.geneCount
        let features = PairFeatures(
            values: world.values, interventions: world.interventions, areCounts: world.areCounts)
        return tape.constant(features.values, shape: [d, d, network.featureCount])
    }
}

// Validation, checkpoints and the card.
extension StructurePretraining {
    private func validationWorlds(workers: Workers) -> [[TrainingWorld]] {
        let stream = RandomStream(seed: options.seed).stream("pretraining/structure").stream("validation")
        let count = options.validationWorlds
        let all = workers.map(options.domains.count * count) { _, item in
            TrainingWorld(
                domain: options.domains[item / count], genes: options.validationGenes, cells: options.validationCells,
                interventionalShare: 0.2, stream: stream.stream(item))
        }
        return options.domains.indices.map { Array(all[$0 * count..<($0 + 1) * count]) }
    }

    private func validate(
        _ state: Checkpoint, worlds: [[TrainingWorld]], workers: Workers
    ) -> [ModelCard.Validation] {
        let weights = state.average!.weights(like: state.weights)
        let all = worlds.flatMap { $0 }
        let scores = workers.map(all.count) { arena, item in
            let tape = Tape(weights: weights, recording: false, arena: arena)
            let logits = network.logits(features(of: all[item], on: tape)).values
            let beliefs = EdgeBeliefs(
                genes: (0..<all[item].geneCount).map { "g\($0)" },
                probabilities: logits.map { 1 / (1 + exp(-$0)) })
            return EdgeRankingScores(beliefs, truth: all[item].graph)
        }
        var place = 0
        return zip(options.domains, worlds).map { domain, worlds in
            let part = scores[place..<place + worlds.count].filter { $0.prevalence > 0 }
            place += worlds.count
            let count = Double(max(1, part.count))
            return ModelCard.Validation(
                domain: domain.name, worlds: part.count,
                averagePrecision: part.map(\.averagePrecision).reduce(0, +) / count,
                prevalence: part.map(\.prevalence).reduce(0, +) / count)
        }
    }

    private func notes(seconds: Double) throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return ["options": String(decoding: try encoder.encode(options), as: UTF8.self), "seconds": String(seconds)]
    }

    private func resume(_ state: inout Checkpoint, from file: String) throws {
        try state.load(file: file)
        guard try state.notes["options"] == notes(seconds: 0)["options"] else {
            throw WeightsError(
                code: "MISMATCH", file: file, element: "options",
                message: "expected a checkpoint of a training with the same options, found other options",
                remedy: "resume with the options of that training, or start anew")
        }
    }

    private func result(
        _ state: Checkpoint, seconds: Double, workers: Workers, validation: [ModelCard.Validation]
    ) throws -> Result {
        let steps = state.optimiser.step
        let card = ModelCard(
            name: "pairwise", version: "0", network: .pairwise(options.network), features: PairFeatures.names,
            trainingDistribution: "Fresh simulated worlds (Lorch et al. 2022): "
                + options.domains.map(\.name).joined(separator: "; ")
                + ". Panel and number of cells log-uniform; validation on other worlds of the same domains, "
                + "\(options.validationGenes) genes and \(options.validationCells) cells, a fifth of them with "
                + "interventions where the domain has them.",
            genes: options.genes, cells: options.cells, worldsSeen: steps * options.worldsPerStep, steps: steps,
            trainingSeconds: seconds.rounded(), cores: workers.count, validation: validation,
            intendedUse:
                "Ranking which genes of a panel cause which, from single-cell expression with or without known "
                + "interventions, as a prior for intervention models and as a lead for experiments.",
            limits:
                "Trained on simulated acyclic worlds without hidden common causes; feedback, hidden causes and batch "
                + "effects break its assumptions. Probabilities are not calibrated on real data. Interventions in "
                + "training set a gene to a value; knock-downs that only shift a gene differ.")
        let weights = state.average!.weights(like: state.weights)
        let text = String(decoding: try card.encoded(), as: UTF8.self)
        return Result(
            tensors: SafeTensors(entries: weights.entries(), metadata: [ModelCard.metadataKey: text]), card: card)
    }
}
