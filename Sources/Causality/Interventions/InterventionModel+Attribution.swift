import Foundation
import Probability

/// The shift that the causal model makes, taken apart by the interventions that make it.
public struct ShiftAttribution: Sendable, Equatable {
    /// targets × genes, in the scale of the screen: the part of a gene's shift that is gone when the intervention on the
    /// target is switched off.
    public let parts: [Double]
    /// Half width of the 95 % Monte-Carlo interval of each part; 0 where parts are exact.
    public let errors: [Double]
    public let method: String

    public init(parts: [Double], errors: [Double], method: String) {
        self.parts = parts
        self.errors = errors
        self.method = method
    }
}

extension InterventionModel {
    /// Switches off each target's intervention in turn and predicts again, on the members' final graphs.
    ///
    /// Shift interventions in a linear model add up: part (i, j) is πᵢ mᵢ [(I − B)⁻¹]ᵢⱼ, exactly. Hard ones block each other,
    /// and what arrives through other mechanisms depends on what else does: parts are then means over `draws` draws of the
    /// other targets, the same draws and the same noise with and without.
    public func attribution(
        _ query: PerturbationQuery, draws: Int = 200, seed: UInt64 = 0
    ) throws -> ShiftAttribution {
        precondition(draws >= 2, "at least 2 draws, not \(draws)")
        let d = genes.count
        let expectations = try expectations(query)
        var parts = [Double](repeating: 0, count: d * d)
        var squares = parts
        let isExact = options.intervention == .shift && options.mechanisms == .linear
        let share = max(2, draws / members.count)
        var random = RandomStream(seed: seed).stream("attribution").stream(query.perturbation)
            .stream("\(query.dose ?? -1)")
        for (member, expectation) in zip(members, expectations) {
            let final = drawn(member, member.finalEffects, query.covariates)
            if isExact {
                var pushes = [Double](repeating: 0, count: d)
                for i in 0..<d {
                    pushes[i] = expectation.probabilities[i] * expectation.locations[i] / Double(members.count)
                    let arriving = final.effects.total(of: pushes)
                    for j in 0..<d { parts[i * d + j] += arriving[j] * scaling.deviations[j] }
                    pushes[i] = 0
                }
                continue
            }
            for _ in 0..<share {
                let targets = expectation.probabilities.map { random.bernoulli($0) ? 1.0 : 0.0 }
                let noise = final.noise(1, &random)
                let with = final.meanShift(expectation, targets: targets, noise: noise)
                for i in 0..<d where targets[i] > 0.5 {
                    var less = targets
                    less[i] = 0
                    let without = final.meanShift(expectation, targets: less, noise: noise)
                    for j in 0..<d {
                        let part = (with[j] - without[j]) * scaling.deviations[j]
                        parts[i * d + j] += part / Double(share * members.count)
                        squares[i * d + j] += part * part / Double(share * members.count)
                    }
                }
            }
        }
        let count = Double(share * members.count)
        return ShiftAttribution(
            parts: parts,
            errors: parts.indices.map {
                isExact ? 0 : 1.96 * (max(0, squares[$0] - parts[$0] * parts[$0]) / count).squareRoot()
            },
            method: isExact
                ? "exact: shifts add up in a linear model"
                : "\(Int(count)) draws of the targets, each with and without the intervention")
    }
}
