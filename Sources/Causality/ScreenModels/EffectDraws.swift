import FeatureModels
import Foundation
import Probability
import Responses

/// Draws of what perturbations do, one after the other on the graphs of the model: draw r belongs to graph r modulo their
/// number.
struct EffectDraws: Codable, Sendable, Equatable {
    /// perturbations × draws.
    var effects: [[PerturbationResponse.Effect]]

    /// From the cells alone: features of measured perturbations add little to them, and would be believed too much.
    init(_ posterior: ResponsePosterior, drawsPerGraph: Int, stream: RandomStream) {
        let members = posterior.members
        effects = posterior.design.perturbations.indices.map { k in
            let grids = members.map { posterior.grid(of: k, in: $0) }
            var own = stream.stream(posterior.design.perturbations[k].name)
            return (0..<members.count * drawsPerGraph).map { place in
                let member = place % members.count
                return grids[member].draw(targets: members[member].responses[k].targets, &own).single
            }
        }
    }

    init(effects: [[PerturbationResponse.Effect]]) { self.effects = effects }
}

extension ResponsePosterior {
    /// The draws; the best graph where none were kept.
    var members: [Member] { draws.isEmpty ? [best] : draws }
}

extension PerturbationResponse.Effect {
    /// In single precision, as on disk.
    var single: Self {
        func rounded(_ value: Double) -> Double { Double(Float(value)) }
        return Self(
            targets: targets, effects: effects.map(rounded), logHalfDose: logHalfDose.map(rounded),
            logSteepness: logSteepness.map(rounded))
    }
}
