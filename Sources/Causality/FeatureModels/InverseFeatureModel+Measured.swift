import Concurrency
import Foundation
import Probability

/// What features say of perturbations that were measured.
extension InverseFeatureModel {
    /// At most this many sets of perturbations are weighed one after the other, fewer where each costs more.
    private static func sets(of count: Int) -> Int { min(count, 40, max(10, 10_000 / max(1, count))) }

    /// Weighs the candidates of every measured perturbation by what cells say (`base`) and by the density of its features
    /// given those of all others as they are believed by then: one perturbation after the other, sets of them where there
    /// are many. All at once would swing between two answers where perturbations that are alike explain each other.
    mutating func weighCandidates(base: [[Double]]) {
        let sets = Self.sets(of: measured.count)
        for set in 0..<sets {
            let members = stride(from: set, to: measured.count, by: sets).filter { base[$0].count > 1 }
            guard !members.isEmpty, let others = LeaveOneOut(self) else { continue }
            let (state, power) = (measured, temper)
            let weighed = concurrentMap(members.count, workers: nil) { place -> [Double] in
                let k = members[place]
                let gains = others.logLikelihoods(of: k, state[k].particles)
                let logs = zip(base[k], gains).map { log($0) + power * $1 }
                let best = logs.max() ?? 0
                guard best.isFinite else { return base[k] }
                let masses = logs.map { exp($0 - best) }
                let total = masses.reduce(0, +)
                return masses.map { $0 / total }
            }
            for (place, k) in members.enumerated() { measured[k].probabilities = weighed[place] }
        }
    }

    /// Variants of each measured perturbation that what it does is told from, and of how many perturbations at most.
    private static let (variants, mostVaried) = (60, 200)
    /// Fewer than one in a thousand features of its own is not believed of any table.
    private static let leastTemper = 1e-3

    /// The power of the features' density at which what the measured perturbations do is most probable among variants of
    /// it with a target swapped, dropped, added or turned round, each told from the features of all others: temperature
    /// scaling (Guo et al. 2017, "On calibration of modern neural networks") of a density.
    func learntTemper() -> Double {
        guard let others = LeaveOneOut(self) else { return 1 }
        let step = (measured.count + Self.mostVaried - 1) / Self.mostVaried
        let chosen = Array(stride(from: 0, to: measured.count, by: max(1, step)))
        let tables = concurrentMap(chosen.count, workers: nil) { place -> [(gain: Double, logPrior: Double)] in
            let k = chosen[place]
            guard let variants = variants(of: k) else { return [] }
            let gains = others.logLikelihoods(of: k, variants)
            return gains.indices.map { (gains[$0], variants.logPrior($0, prior)) }
        }.filter { !$0.isEmpty }
        guard !tables.isEmpty else { return 1 }
        // d/dτ Σ ln p_τ(truth): falls with τ, so that one root at most.
        func slope(_ temper: Double) -> Double {
            tables.reduce(0) { sum, table in
                let best = table.reduce(-.infinity) { max($0, $1.logPrior + temper * $1.gain) }
                var total = 0.0
                var expected = 0.0
                for entry in table {
                    let mass = exp(entry.logPrior + temper * entry.gain - best)
                    total += mass
                    expected += mass * entry.gain
                }
                return sum + table[0].gain - expected / total
            }
        }
        if slope(1) >= 0 { return 1 }
        var (low, high) = (log(Self.leastTemper), 0.0)
        for _ in 0..<40 {
            let middle = (low + high) / 2
            if slope(exp(middle)) > 0 { low = middle } else { high = middle }
        }
        return exp(low)
    }

    /// What perturbation k does first, then variants of it; nil where it has no target or more than are searched for.
    private func variants(of k: Int) -> EffectParticles? {
        let effects = measured[k]
        let width = effects.targets.count
        let sure = (0..<width).filter { t in
            0.5
                < effects.probabilities.indices.reduce(0) {
                    $0 + (effects.effects[$1 * width + t] != 0 ? effects.probabilities[$1] : 0)
                }
        }
        guard (1...prior.mostTargets).contains(sure.count), sure.count < genes else { return nil }
        let means = effects.meanEffects
        var stream = RandomStream(seed: 0).stream("variants").stream(effects.name)
        var result = EffectParticles(
            count: 1 + Self.variants, capacity: prior.mostTargets + 1, doseCount: doseCount)
        for i in 0..<result.count {
            for t in sure { result.append(Int32(effects.targets[t]), means[t], to: i) }
            for (c, value) in effects.meanDoseParameters.enumerated() { result.dose[i * doseCount + c] = value }
            guard i > 0 else { continue }
            let place = stream.index(below: sure.count)
            var other = Int32(stream.index(below: genes))
            while result.contains(other, i) { other = Int32(stream.index(below: genes)) }
            switch i % 4 {
            case 0: result.targets[i * result.capacity + place] = other
            case 1: result.remove(at: place, of: i)
            case 2: result.append(other, prior.drawEffect(&stream), to: i)
            default: result.effects[i * result.capacity + place] *= -1
            }
        }
        return result
    }
}

extension MeasuredEffects {
    /// The candidates as particles.
    var particles: EffectParticles {
        var result = EffectParticles(count: candidateCount, capacity: targets.count, doseCount: doseCount)
        for s in 0..<candidateCount {
            for (t, gene) in targets.enumerated() where effects[s * targets.count + t] != 0 {
                result.append(Int32(gene), effects[s * targets.count + t], to: s)
            }
        }
        result.dose = doseParameters
        return result
    }
}
