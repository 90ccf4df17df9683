import Foundation
import Graphs
import Networks
import Probability
import Structure
import Tensors

/// Fixed worlds of every domain, which training does not meet, as a network reads them.
struct ValidationSet: Sendable {
    private let domains: [String]
    /// By domain.
    private let examples: [[TrainingExample]]

    init(_ options: StructurePretrainingOptions, network: any TrainedNetwork, workers: Workers) {
        let stream = RandomStream(seed: options.seed).stream("pretraining/structure").stream("validation")
        let count = options.validationWorlds
        let all = workers.map(options.domains.count * count) { _, item in
            TrainingExample(network: network) {
                TrainingWorld(
                    domain: options.domains[item / count], genes: options.validationGenes,
                    cells: options.validationCells, interventionalShare: 0.2, stream: stream.stream(item))
            }
        }
        domains = options.domains.map(\.name)
        examples = options.domains.indices.map { Array(all[$0 * count..<($0 + 1) * count]) }
    }

    /// How well a network of these weights does in each domain.
    func scores(
        _ network: any TrainedNetwork, weights: Weights, workers: Workers
    ) -> [ModelCard.Validation] {
        let all = examples.flatMap { $0 }
        let scores = workers.map(all.count) { arena, item in
            let tape = Tape(weights: weights, recording: false, arena: arena)
            return WorldScore(logits: network.logits(of: all[item].tensor(on: tape)).values, graph: all[item].graph)
        }
        var place = 0
        return zip(domains, examples).map { domain, examples in
            defer { place += examples.count }
            return WorldScore.mean(scores[place..<place + examples.count], domain: domain)
        }
    }
}

extension TrainingExample {
    init(network: any TrainedNetwork, world: () -> TrainingWorld) {
        let began = DispatchTime.now().uptimeNanoseconds
        let world = world()
        let simulated = DispatchTime.now().uptimeNanoseconds
        (input, shape) = network.input(of: world)
        graph = world.adjacency
        seconds = (
            Double(simulated - began) * 1e-9, Double(DispatchTime.now().uptimeNanoseconds - simulated) * 1e-9
        )
    }
}

/// How well the edges of one world are told.
private struct WorldScore: Sendable {
    let ranking: EdgeRankingScores
    let crossEntropy: Double

    init(logits: [Float], graph: [Float]) {
        let d = Int(Double(graph.count).squareRoot().rounded())
        let pairs = (0..<d * d).filter { $0 / d != $0 % d }
        ranking = EdgeRankingScores(
            pairs.map { (probability: 1 / (1 + exp(-Double(logits[$0]))), isEdge: graph[$0] == 1) })
        // ln(1 + eˣ) − x y, where eˣ may overflow.
        crossEntropy =
            pairs.reduce(0) { sum, pair in
                let x = Double(logits[pair])
                return sum + max(x, 0) + log1p(exp(-abs(x))) - x * Double(graph[pair])
            } / Double(max(1, pairs.count))
    }

    static func mean(_ scores: ArraySlice<WorldScore>, domain: String) -> ModelCard.Validation {
        // Without an edge there is nothing to rank.
        let ranked = scores.map(\.ranking).filter { $0.prevalence > 0 }
        let count = Double(max(1, ranked.count))
        return ModelCard.Validation(
            domain: domain, worlds: scores.count, averagePrecision: ranked.map(\.averagePrecision).reduce(0, +) / count,
            prevalence: ranked.map(\.prevalence).reduce(0, +) / count,
            crossEntropy: scores.map(\.crossEntropy).reduce(0, +) / Double(scores.count))
    }
}
