import FeatureModels
import Foundation
import Responses

/// What the cells say of one perturbation, over all graphs: sets of targets, and points on the grid of curves.
struct EffectCandidates: Sendable {
    private struct Candidate: Sendable {
        var targets: [Int]
        /// Of ln EC50 and ln h on their grid; 0 without dose.
        var place: (halfDose: Int, steepness: Int)
        /// In control standard deviations.
        var effects: [Double]
        var logHalfDose: Double
        var logSteepness: Double
        var probability: Double
    }

    private var candidates: [Candidate]

    var count: Int { candidates.count }

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
            let steps = max(1, grid.logHalfDoses.prefix { $0 == grid.logHalfDoses[0] }.count)
            for (point, probability) in grid.probabilities.enumerated() {
                let whole = probability * Double(share.count) / Double(members.count)
                guard whole > Self.leastProbability else { continue }
                found.append(
                    Candidate(
                        targets: targets, place: (point / steps, point % steps), effects: grid.effects[point],
                        logHalfDose: grid.logHalfDoses.isEmpty ? 0 : grid.logHalfDoses[point],
                        logSteepness: grid.logSteepness.isEmpty ? 0 : grid.logSteepness[point], probability: whole))
            }
        }
        let total = found.reduce(0) { $0 + $1.probability }
        candidates = found.map { candidate in
            var scaled = candidate
            scaled.probability /= total
            return scaled
        }
    }

    /// On a coarser grid: so many points in a row of either axis become one, their mean.
    func merged(_ length: Int) -> EffectCandidates {
        guard length > 1 else { return self }
        var places: [[Int]: Int] = [:]
        var sums: [Candidate] = []
        for candidate in candidates {
            let key = candidate.targets + [candidate.place.halfDose / length, candidate.place.steepness / length]
            guard let place = places[key] else {
                places[key] = sums.count
                sums.append(candidate)
                continue
            }
            let (old, new) = (sums[place].probability, candidate.probability)
            func mean(_ a: Double, _ b: Double) -> Double { (old * a + new * b) / (old + new) }
            sums[place].effects = zip(sums[place].effects, candidate.effects).map(mean)
            sums[place].logHalfDose = mean(sums[place].logHalfDose, candidate.logHalfDose)
            sums[place].logSteepness = mean(sums[place].logSteepness, candidate.logSteepness)
            sums[place].probability = old + new
        }
        var result = self
        result.candidates = sums
        return result
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
            doseParameters: withDoses ? candidates.flatMap { [$0.logHalfDose, $0.logSteepness] } : [],
            probabilities: candidates.map(\.probability))
    }

    /// Candidates of all perturbations together, at most: beyond that, more than memory and time are meant for, the grids
    /// of their curves are read more coarsely.
    static let most = 400_000

    /// How many points in a row of either axis must become one so that no more candidates are left; 1 for none.
    static func length(counts: [Int]) -> Int {
        let total = Double(counts.reduce(0, +))
        return max(1, Int((total / Double(most)).squareRoot().rounded(.up)))
    }
}
