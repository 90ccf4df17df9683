import Graphs
import Networks
import Probability
import Structure
import Tensors

/// What is measured of a network once its training is done, on worlds drawn as those of its end that it has not met.
struct ClosingMeasures: Sendable {
    let calibration: StructureCalibration
    /// Where the worlds lie; nil for a network that does not read statistics of pairs.
    let support: TrainingSupport?

    /// Nil where the options ask for no worlds.
    init?(
        _ options: StructurePretrainingOptions, network: any TrainedNetwork, weights: Weights, workers: Workers
    ) {
        guard options.calibrationWorlds > 0 else { return nil }
        let stream = StructurePretraining.stream(options).stream("calibration")
        let worlds = workers.map(options.calibrationWorlds) { arena, number in
            let world = TrainingWorld(options, step: options.steps, stream: stream.stream(number))
            let input = network.input(of: world)
            let tape = Tape(weights: weights, recording: false, arena: arena)
            return Measured(
                domain: world.domain, graph: world.graph, logits: network.logits(of: input.tensor(on: tape)).values,
                summary: input.features.map { PanelSummary($0) })
        }
        calibration = StructureCalibration(
            logits: worlds.map(\.logits), graphs: worlds.map(\.graph), domains: worlds.map(\.domain))
        let summaries = worlds.compactMap(\.summary)
        support = summaries.isEmpty ? nil : TrainingSupport(summaries: summaries)
    }

    private struct Measured: Sendable {
        let domain: String
        let graph: DirectedGraph
        let logits: [Float]
        let summary: PanelSummary?
    }
}
