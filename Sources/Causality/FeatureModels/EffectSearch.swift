import Foundation
import Probability

/// Finds what a perturbation may do that has given features: annealed particles (Del Moral, Doucet & Jasra 2006,
/// "Sequential Monte Carlo samplers", section 3.2) from the prior to the posterior.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | γₙ(x) | | | prior × likelihood to the power β |
/// | φₙ | `temperature` | | β, raised so far that half of the particles stay effective |
/// | Kₙ | `EffectMoves` | | Metropolis moves that leave γₙ as it is: walks, swaps, births, deaths, fresh effects |
/// | log Ẑ | `logEvidence` | | ln of the estimated probability of the features |
///
/// Deviation from the paper: particles are resampled at every temperature, and the size of walks follows their acceptance.
struct EffectSearch: Sendable {
    let conditional: FeatureConditional
    let prior: EffectPrior
    let options: EffectSearchOptions

    struct Result: Sendable {
        var particles: EffectParticles
        var scores: FeatureConditional.Scores
        var logEvidence: Double
    }

    private static let mostTemperatures = 400
    private static let wantedAcceptance = 0.25

    func run(_ query: FeatureConditional.Query, _ stream: RandomStream) -> Result {
        var draws = stream.stream("prior")
        var particles = EffectParticles(count: options.particles, from: prior, &draws)
        let moves = EffectMoves(prior: prior, weights: EffectMoves.weights(scores: loneScores(query)))
        var scores = conditional.scores(particles, query)
        var logPriors = (0..<particles.count).map { particles.logPrior($0, prior) }
        var temperature = 0.0
        var step = 1.0
        var logEvidence = -0.5 * conditional.temper * conditional.featureCount * log(2 * .pi)
        var moving = stream.stream("moves")
        for _ in 0..<Self.mostTemperatures {
            let next = nextTemperature(scores.logLikelihoods, from: temperature)
            let best = scores.logLikelihoods.max() ?? 0
            let masses = scores.logLikelihoods.map { exp((next - temperature) * ($0 - best)) }
            let total = masses.reduce(0, +)
            logEvidence += log(total / Double(masses.count)) + (next - temperature) * best
            temperature = next
            let chosen = Self.resampled(masses, total: total, at: moving.uniform())
            particles = particles.selecting(chosen)
            scores = scores.selecting(chosen)
            logPriors = chosen.map { logPriors[$0] }
            let isLast = temperature >= 1
            for _ in 0..<(isLast ? options.finalMoves : options.movesPerTemperature) {
                move(&particles, &scores, &logPriors, query, moves, temperature, &step, &moving)
            }
            if isLast { break }
        }
        return Result(particles: particles, scores: scores, logEvidence: logEvidence)
    }

    /// ln p(features | one target of the usual size), the better of both directions, for every gene.
    private func loneScores(_ query: FeatureConditional.Query) -> [Double] {
        var lone = EffectParticles(count: 2 * prior.genes, capacity: 1, doseCount: prior.doseCount)
        for i in 0..<lone.count {
            lone.append(Int32(i / 2), exp(prior.logMean) * (i % 2 == 0 ? 1 : -1), to: i)
            for c in 0..<prior.doseCount { lone.dose[i * prior.doseCount + c] = prior.doseMeans[c] }
        }
        let values = conditional.scores(lone, query).logLikelihoods
        return (0..<prior.genes).map { max(values[2 * $0], values[2 * $0 + 1]) }
    }

    /// The highest temperature at which enough particles stay effective.
    private func nextTemperature(_ values: [Double], from temperature: Double) -> Double {
        let best = values.max() ?? 0
        let wanted = options.effectiveShare * Double(values.count)
        func effective(_ t: Double) -> Double {
            var sum = 0.0
            var squares = 0.0
            for value in values {
                let mass = exp((t - temperature) * (value - best))
                sum += mass
                squares += mass * mass
            }
            return sum * sum / squares
        }
        if effective(1) > wanted { return 1 }
        var low = temperature
        var high = 1.0
        for _ in 0..<30 {
            let middle = (low + high) / 2
            if effective(middle) > wanted { low = middle } else { high = middle }
        }
        // At least some progress, however steep the likelihood.
        return max(low, min(1, temperature + 1e-6))
    }

    /// Systematic resampling (Kitagawa 1996).
    static func resampled(_ masses: [Double], total: Double, at offset: Double) -> [Int] {
        let count = masses.count
        var sum = masses[0] / total
        var place = 0
        return (0..<count).map { i in
            let u = (Double(i) + offset) / Double(count)
            while sum < u, place < count - 1 {
                place += 1
                sum += masses[place] / total
            }
            return place
        }
    }

    private func move(
        _ particles: inout EffectParticles, _ scores: inout FeatureConditional.Scores, _ logPriors: inout [Double],
        _ query: FeatureConditional.Query, _ moves: EffectMoves, _ temperature: Double, _ step: inout Double,
        _ stream: inout RandomStream
    ) {
        var proposals = particles
        var ratios = [Double](repeating: 0, count: particles.count)
        var walks = [Bool](repeating: false, count: particles.count)
        for i in 0..<particles.count {
            (ratios[i], walks[i]) = moves.propose(&proposals, i, step: step, &stream)
        }
        let proposed = conditional.scores(proposals, query)
        var walked = 0.0
        var accepted = 0.0
        for i in 0..<particles.count {
            let logPrior = proposals.logPrior(i, prior)
            let gain = temperature * (proposed.logLikelihoods[i] - scores.logLikelihoods[i])
            // ln of a uniform number; the first below 1 − 2⁻⁵³ keeps it finite.
            let isAccepted = log(1 - stream.uniform()) < gain + logPrior - logPriors[i] + ratios[i]
            if walks[i] { walked += 1 }
            guard isAccepted else { continue }
            if walks[i] { accepted += 1 }
            particles.copy(proposals, i, to: i)
            logPriors[i] = logPrior
            scores.copy(proposed, i)
        }
        if walked > 0 {
            step = min(3, max(0.01, step * exp(0.5 * (accepted / walked - Self.wantedAcceptance))))
        }
    }
}

extension FeatureConditional.Scores {
    func selecting(_ places: [Int]) -> Self {
        Self(
            logLikelihoods: places.map { logLikelihoods[$0] }, variances: places.map { variances[$0] },
            meanSquares: places.map { meanSquares[$0] })
    }

    mutating func copy(_ other: Self, _ place: Int) {
        logLikelihoods[place] = other.logLikelihoods[place]
        variances[place] = other.variances[place]
        meanSquares[place] = other.meanSquares[place]
    }
}
