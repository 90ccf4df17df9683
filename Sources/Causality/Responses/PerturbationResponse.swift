import Foundation
import Probability

/// What one perturbation does where its targets are known: full effects and dose curve, given what the cells of its
/// contexts show beyond all else.
public struct PerturbationResponse: Codable, Sendable, Equatable {
    /// Genes, rising.
    public let targets: [Int]
    /// The contexts of the design that have cells and show what the perturbation does.
    public let contexts: [Int]
    /// Of each context; nil where the perturbation has no dose.
    let doses: [Double]?
    /// Cells of each context.
    let counts: [Double]
    /// contexts × targets
    let remainders: [[Double]]
    /// Noise variance of each target.
    let variances: [Double]
    /// Prior variance of an effect over the noise variance.
    let slab: Double

    /// Full effects in control standard deviations with the dose curve at which they hold.
    public struct Effect: Codable, Sendable, Equatable {
        public var targets: [Int]
        public var effects: [Double]
        /// ln EC50 and ln h; nil where the perturbation has no dose.
        public var logHalfDose: Double?
        public var logSteepness: Double?

        public init(targets: [Int], effects: [Double], logHalfDose: Double? = nil, logSteepness: Double? = nil) {
            self.targets = targets
            self.effects = effects
            self.logHalfDose = logHalfDose
            self.logSteepness = logSteepness
        }

        /// What is added to each gene at a dose; without a curve, at any.
        public func shifts(genes: Int, dose: Double?) -> [Float] {
            var share = 1.0
            if let logHalfDose, let logSteepness, let dose {
                share =
                    dose > 0
                    ? DoseCurves.share(dose: dose, halfDose: exp(logHalfDose), steepness: exp(logSteepness)) : 0
            }
            var shifts = [Float](repeating: 0, count: genes)
            for (target, effect) in zip(targets, effects) { shifts[target] = Float(effect * share) }
            return shifts
        }
    }

    /// The joint posterior on the grid of curves; one point where there is no dose.
    public struct Grid: Sendable {
        /// Of each point; whoever knows more of a perturbation may change them.
        public var probabilities: [Double]
        /// Of each point; empty without dose.
        public let logHalfDoses: [Double]
        public let logSteepness: [Double]
        /// points × targets: mean of the effect at that point; its variance is `variances[target] / weights[point]`.
        public let effects: [[Double]]
        public let weights: [Double]
        public let variances: [Double]
    }

    /// What the other contexts say alone.
    public func leavingOut(contexts left: Set<Int>) -> PerturbationResponse {
        let kept = contexts.indices.filter { !left.contains(contexts[$0]) }
        return PerturbationResponse(
            targets: targets, contexts: kept.map { contexts[$0] }, doses: doses.map { doses in kept.map { doses[$0] } },
            counts: kept.map { counts[$0] }, remainders: kept.map { remainders[$0] }, variances: variances, slab: slab)
    }

    func logPosterior(_ curves: DoseCurves) -> [Double] {
        curves.logPosterior(doses: doses ?? [], counts: counts, means: remainders, variances: variances, slab: slab)
    }

    func grid(_ curves: DoseCurves) -> Grid {
        guard let doses else {
            let fit = DoseCurves.fit(counts.map { _ in 1 }, counts, remainders, slab: slab)
            return Grid(
                probabilities: [1], logHalfDoses: [], logSteepness: [],
                effects: [targets.indices.map { fit.products.isEmpty ? 0 : fit.products[$0] / fit.weight }],
                weights: [fit.weight], variances: variances)
        }
        let fits = (0..<curves.count).map { point in
            DoseCurves.fit(doses.map { curves.share(dose: $0, point: point) }, counts, remainders, slab: slab)
        }
        let steps = curves.steepness.count
        return Grid(
            probabilities: DoseCurves.normalised(logPosterior(curves)),
            logHalfDoses: (0..<curves.count).map { log(curves.halfDoses[$0 / steps]) },
            logSteepness: (0..<curves.count).map { log(curves.steepness[$0 % steps]) },
            effects: fits.map { fit in targets.indices.map { fit.products.isEmpty ? 0 : fit.products[$0] / fit.weight }
            },
            weights: fits.map(\.weight), variances: variances)
    }
}

extension PerturbationResponse.Grid {
    /// A curve, and effects given the curve.
    public func draw(targets: [Int], _ stream: inout RandomStream) -> PerturbationResponse.Effect {
        let point = probabilities.count > 1 ? stream.index(weights: probabilities) : 0
        let effects = targets.indices.map {
            stream.normal(
                mean: self.effects[point][$0], standardDeviation: (variances[$0] / weights[point]).squareRoot())
        }
        return .init(
            targets: targets, effects: effects, logHalfDose: logHalfDoses.isEmpty ? nil : logHalfDoses[point],
            logSteepness: logSteepness.isEmpty ? nil : logSteepness[point])
    }

    public func moments(ofTarget place: Int) -> (mean: Double, deviation: Double) {
        moments {
            effects[$0][place]
        } spread: {
            variances[place] / weights[$0]
        }
    }

    /// Of ln EC50 and ln h; nil without dose.
    public var curveMoments:
        (halfDose: (mean: Double, deviation: Double), steepness: (mean: Double, deviation: Double))?
    {
        guard !logHalfDoses.isEmpty else { return nil }
        return (
            moments {
                logHalfDoses[$0]
            } spread: { _ in
                0
            },
            moments {
                logSteepness[$0]
            } spread: { _ in
                0
            }
        )
    }

    private func moments(
        _ value: (Int) -> Double, spread: (Int) -> Double
    ) -> (mean: Double, deviation: Double) {
        let mean = probabilities.indices.reduce(0.0) { $0 + probabilities[$1] * value($1) }
        let variance = probabilities.indices.reduce(0.0) {
            $0 + probabilities[$1] * (spread($1) + (value($1) - mean) * (value($1) - mean))
        }
        return (mean, variance.squareRoot())
    }
}
