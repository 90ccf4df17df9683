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

/// What the cells say of one perturbation, over all graphs: sets of targets, and points on the grid of curves.
struct EffectCandidates: Sendable {
    struct Candidate: Sendable {
        var targets: [Int]
        var point: Int
        /// In control standard deviations.
        var effects: [Double]
        var logHalfDose: Double?
        var logSteepness: Double?
        var probability: Double
    }

    private let candidates: [Candidate]

    /// Points less probable than this beside all others of a perturbation are left out.
    private static let leastProbability = 1e-4

    init(_ posterior: ResponsePosterior, perturbation k: Int) {
        let members = posterior.members
        var shares: [[Int]: (count: Int, member: Int)] = [:]
        for (place, member) in members.enumerated() {
            shares[member.responses[k].targets, default: (0, place)].count += 1
        }
        var found: [Candidate] = []
        for (targets, share) in shares.sorted(by: { $0.value.member < $1.value.member }) {
            let grid = posterior.grid(of: k, in: members[share.member])
            for (point, probability) in grid.probabilities.enumerated() {
                let whole = probability * Double(share.count) / Double(members.count)
                guard whole > Self.leastProbability else { continue }
                found.append(
                    Candidate(
                        targets: targets, point: point, effects: grid.effects[point],
                        logHalfDose: grid.logHalfDoses.isEmpty ? nil : grid.logHalfDoses[point],
                        logSteepness: grid.logSteepness.isEmpty ? nil : grid.logSteepness[point], probability: whole))
            }
        }
        let total = found.reduce(0) { $0 + $1.probability }
        candidates = found.map { candidate in
            var scaled = candidate
            scaled.probability /= total
            return scaled
        }
    }

    /// As inputs of the model of features: effects times `scales`, so that they are in the scale of the screen.
    func measured(name: String, scales: [Double], withDoses: Bool) -> MeasuredEffects {
        let targets = Set(candidates.flatMap(\.targets)).sorted()
        let place = Dictionary(uniqueKeysWithValues: targets.enumerated().map { ($1, $0) })
        var effects = [Double](repeating: 0, count: candidates.count * targets.count)
        for (row, candidate) in candidates.enumerated() {
            for (gene, effect) in zip(candidate.targets, candidate.effects) {
                effects[row * targets.count + place[gene]!] = effect * scales[gene]
            }
        }
        return MeasuredEffects(
            name: name, targets: targets, effects: effects,
            doseParameters: withDoses ? candidates.flatMap { [$0.logHalfDose ?? 0, $0.logSteepness ?? 0] } : [],
            probabilities: candidates.map(\.probability))
    }
}
