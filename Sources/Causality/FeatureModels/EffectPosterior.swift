import Foundation
import Matrices

/// What a perturbation may do, told from its features: guesses of equal weight unless weighted.
public struct EffectPosterior: Sendable, Equatable {
    public let name: String
    public let genes: Int
    /// Of the particles, with sum 1.
    public let weights: [Double]
    /// Targets in use of each particle.
    public let targetCounts: [Int]
    /// particles × capacity: positions of genes, in no order; those beyond a particle's count are 0.
    public let targets: [Int32]
    /// particles × capacity: effects on these, in the unit of the measured effects.
    public let effects: [Double]
    /// particles × dose parameters: ln EC50 and ln h; empty without doses.
    public let doseParameters: [Double]
    /// ln of the probability of the features, standardised, given those of the measured perturbations.
    public let logEvidence: Double
    /// Expected variance of a feature given what the perturbation does, in units of the features' variance: near 1 where
    /// the measured perturbations say nothing of it.
    public let featureVariance: Double
    /// Mean squared difference of the features from what the particles expect, in units of that variance: 1 where the
    /// model fits, far above where no effect would give such features.
    public let surprise: Double

    public var particleCount: Int { targetCounts.count }
    public var capacity: Int { particleCount > 0 ? targets.count / particleCount : 0 }
    public var doseCount: Int { particleCount > 0 ? doseParameters.count / particleCount : 0 }

    init(name: String, genes: Int, _ result: EffectSearch.Result) {
        let particles = result.particles
        let count = Double(particles.count)
        self.name = name
        self.genes = genes
        weights = Array(repeating: 1 / count, count: particles.count)
        targetCounts = particles.targetCounts
        var targets = particles.targets
        var effects = particles.effects
        for i in 0..<particles.count {
            for place in i * particles.capacity + targetCounts[i]..<(i + 1) * particles.capacity {
                targets[place] = 0
                effects[place] = 0
            }
        }
        self.targets = targets
        self.effects = effects
        doseParameters = particles.dose
        logEvidence = result.logEvidence
        featureVariance = result.scores.variances.reduce(0, +) / count
        surprise = zip(result.scores.meanSquares, result.scores.variances).reduce(0) { $0 + $1.0 / $1.1 } / count
    }

    /// Effects on all genes in one particle.
    public func denseEffects(of particle: Int) -> [Double] {
        var result = [Double](repeating: 0, count: genes)
        for place in particle * capacity..<particle * capacity + targetCounts[particle] {
            result[Int(targets[place])] = effects[place]
        }
        return result
    }

    /// ln EC50 and ln h of one particle; empty without doses.
    public func doseParameters(of particle: Int) -> [Double] {
        Array(doseParameters[particle * doseCount..<(particle + 1) * doseCount])
    }

    /// Probability of each gene to be a target.
    public var targetProbabilities: [Double] { perGene { _ in 1 } }

    /// Expected effect on each gene.
    public var meanEffects: [Double] { perGene { $0 } }

    private func perGene(_ value: (Double) -> Double) -> [Double] {
        var result = [Double](repeating: 0, count: genes)
        for i in 0..<particleCount {
            for place in i * capacity..<i * capacity + targetCounts[i] {
                result[Int(targets[place])] += weights[i] * value(effects[place])
            }
        }
        return result
    }
}
