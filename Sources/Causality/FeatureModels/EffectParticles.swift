import Foundation
import Probability

/// Guesses of what one perturbation does: a few targets with effects, and a dose curve, many guesses side by side.
struct EffectParticles: Sendable {
    let count: Int
    /// Places for targets of each particle.
    let capacity: Int
    let doseCount: Int
    /// Targets in use.
    var targetCounts: [Int]
    /// count × capacity; in no order.
    var targets: [Int32]
    var effects: [Double]
    /// count × dose parameters.
    var dose: [Double]

    init(count: Int, capacity: Int, doseCount: Int) {
        self.count = count
        self.capacity = capacity
        self.doseCount = doseCount
        targetCounts = Array(repeating: 0, count: count)
        targets = Array(repeating: 0, count: count * capacity)
        effects = Array(repeating: 0, count: count * capacity)
        dose = Array(repeating: 0, count: count * doseCount)
    }

    /// Independent draws from the prior.
    init(count: Int, from prior: EffectPrior, _ stream: inout RandomStream) {
        self.init(count: count, capacity: prior.mostTargets, doseCount: prior.doseCount)
        let ofCounts = prior.logCounts.map { exp($0) }
        for i in 0..<count {
            for gene in stream.choice(stream.index(weights: ofCounts), of: prior.genes) {
                append(Int32(gene), prior.drawEffect(&stream), to: i)
            }
            for c in 0..<doseCount {
                dose[i * doseCount + c] = stream.normal(
                    mean: prior.doseMeans[c], standardDeviation: prior.doseDeviations[c])
            }
        }
    }

    mutating func append(_ gene: Int32, _ effect: Double, to particle: Int) {
        let place = particle * capacity + targetCounts[particle]
        targets[place] = gene
        effects[place] = effect
        targetCounts[particle] += 1
    }

    /// Takes the target at a place out; the last one moves there.
    mutating func remove(at place: Int, of particle: Int) {
        let last = particle * capacity + targetCounts[particle] - 1
        targets[particle * capacity + place] = targets[last]
        effects[particle * capacity + place] = effects[last]
        targetCounts[particle] -= 1
    }

    mutating func copy(_ other: EffectParticles, _ from: Int, to particle: Int) {
        let used = other.targetCounts[from]
        targetCounts[particle] = used
        for place in 0..<used {
            targets[particle * capacity + place] = other.targets[from * capacity + place]
            effects[particle * capacity + place] = other.effects[from * capacity + place]
        }
        for c in 0..<doseCount { dose[particle * doseCount + c] = other.dose[from * doseCount + c] }
    }

    func selecting(_ particles: [Int]) -> EffectParticles {
        var result = EffectParticles(count: particles.count, capacity: capacity, doseCount: doseCount)
        for (place, particle) in particles.enumerated() { result.copy(self, particle, to: place) }
        return result
    }

    func contains(_ gene: Int32, _ particle: Int) -> Bool {
        for place in particle * capacity..<particle * capacity + targetCounts[particle] where targets[place] == gene {
            return true
        }
        return false
    }

    func effects(of particle: Int) -> ArraySlice<Double> {
        effects[particle * capacity..<particle * capacity + targetCounts[particle]]
    }

    func logPrior(_ particle: Int, _ prior: EffectPrior) -> Double {
        prior.logDensity(
            effects: effects(of: particle), count: targetCounts[particle],
            dose: dose[particle * doseCount..<(particle + 1) * doseCount])
    }
}
