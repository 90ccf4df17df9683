import Foundation
import Probability

/// One step of a particle: a proposal and the logarithm of backward over forward proposal density.
///
/// Genes that are to become targets are proposed in proportion to `weights`: those that alone would explain the features
/// best come first, which matters where one of 500 genes must be found.
struct EffectMoves {
    let prior: EffectPrior
    /// Of each gene, with sum 1.
    let weights: [Double]
    private let cumulative: [Double]

    static let walk = 0.4, swap = 0.25, birthOrDeath = 0.25

    init(prior: EffectPrior, weights: [Double]) {
        self.prior = prior
        let total = weights.reduce(0, +)
        self.weights = weights.map { $0 / total }
        var sum = 0.0
        cumulative = self.weights.map {
            sum += $0
            return sum
        }
    }

    /// Weights that fall with the rank of a gene's score, as 1/(1 + rank).
    static func weights(scores: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: scores.count)
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        for (rank, gene) in order.enumerated() { result[gene] = 1 / Double(1 + rank) }
        return result
    }

    private func drawGene(_ stream: inout RandomStream) -> Int32 {
        let u = stream.uniform() * (cumulative.last ?? 1)
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > u { high = middle } else { low = middle + 1 }
        }
        return Int32(low)
    }

    /// A gene that is no target of the particle yet.
    private func drawOther(_ particles: EffectParticles, _ i: Int, _ stream: inout RandomStream) -> Int32 {
        while true {
            let gene = drawGene(&stream)
            if !particles.contains(gene, i) { return gene }
        }
    }

    /// Proposal weight of all genes that are no targets.
    private func freeWeight(_ particles: EffectParticles, _ i: Int) -> Double {
        var free = 1.0
        for place in i * particles.capacity..<i * particles.capacity + particles.targetCounts[i] {
            free -= weights[Int(particles.targets[place])]
        }
        return max(free, 1e-12)
    }

    /// Changes particle `i`; `step` is the size of a walk.
    /// - Returns: Logarithm of the proposal ratio, and whether it was a walk.
    func propose(_ particles: inout EffectParticles, _ i: Int, step: Double, _ stream: inout RandomStream)
        -> (logRatio: Double, isWalk: Bool)
    {
        let kind = stream.uniform()
        let count = particles.targetCounts[i]
        let first = i * particles.capacity
        if kind < Self.walk {
            let length = step * exp(stream.normal(mean: 0, standardDeviation: 0.7))
            var ratio = 0.0
            for place in first..<first + count {
                let change = 0.25 * length * stream.normal()
                particles.effects[place] *= exp(change)
                ratio += change
            }
            for c in 0..<particles.doseCount {
                particles.dose[i * particles.doseCount + c] +=
                    0.4 * length * prior.doseDeviations[c] * stream.normal()
            }
            return (ratio, true)
        }
        if kind < Self.walk + Self.swap {
            guard count > 0, count < prior.genes else { return (0, false) }
            return (swap(&particles, i, &stream), false)
        }
        if kind < Self.walk + Self.swap + Self.birthOrDeath {
            if stream.bernoulli(0.5) {
                guard count < particles.capacity, count < prior.genes else { return (0, false) }
                let gene = drawOther(particles, i, &stream)
                let forward = log(weights[Int(gene)] / freeWeight(particles, i))
                let effect = prior.drawEffect(&stream)
                particles.append(gene, effect, to: i)
                return (-log(Double(count + 1)) - forward - prior.logDensity(effect: effect), false)
            }
            guard count > 0 else { return (0, false) }
            let place = stream.index(below: count)
            let gene = particles.targets[first + place]
            let effect = particles.effects[first + place]
            particles.remove(at: place, of: i)
            let backward = log(weights[Int(gene)] / freeWeight(particles, i))
            return (log(Double(count)) + backward + prior.logDensity(effect: effect), false)
        }
        guard count > 0 else { return (0, false) }
        let place = first + stream.index(below: count)
        let effect = prior.drawEffect(&stream)
        let ratio = prior.logDensity(effect: particles.effects[place]) - prior.logDensity(effect: effect)
        particles.effects[place] = effect
        return (ratio, false)
    }

    /// One target gives its effect, or the opposite, to another gene.
    private func swap(_ particles: inout EffectParticles, _ i: Int, _ stream: inout RandomStream) -> Double {
        let place = i * particles.capacity + stream.index(below: particles.targetCounts[i])
        let old = particles.targets[place]
        let new = drawOther(particles, i, &stream)
        let forward = log(weights[Int(new)] / freeWeight(particles, i))
        particles.targets[place] = new
        if stream.bernoulli(0.5) { particles.effects[place] = -particles.effects[place] }
        return log(weights[Int(old)] / freeWeight(particles, i)) - forward
    }
}
