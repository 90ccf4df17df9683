import Foundation
import Probability

/// One member's mechanisms on one acyclic graph and under one choice of covariates, as a sampler walks through them.
struct DrawnMechanisms {
    let effects: OrderedEffects
    private let mechanisms: MechanismParameters
    let intercepts: [Double]
    private let deviations: [Double]
    private let kind: InterventionKind
    /// Hidden units of a gene.
    private let units: Int
    private var genes: Int { intercepts.count }

    /// - Parameter levels: Values of covariates, see `CovariateEncoding`.
    init(_ effects: OrderedEffects, _ mechanisms: MechanismParameters, levels: [Int], kind: InterventionKind) {
        self.effects = effects
        self.mechanisms = mechanisms
        self.kind = kind
        intercepts = mechanisms.intercepts(levels: levels)
        deviations = mechanisms.logDeviations.map { exp($0) }
        units = mechanisms.unitBiases.count / mechanisms.intercepts.count
    }

    /// f_j of the genes before j.
    func mean(_ j: Int, of x: [Double]) -> Double {
        var sum = effects.value(j, push: intercepts[j], from: x)
        let width = genes * units
        for u in j * units..<(j + 1) * units {
            var argument = mechanisms.unitBiases[u]
            for i in effects.parents(of: j) { argument += mechanisms.inputWeights[i * width + u] * x[i] }
            sum += mechanisms.outputWeights[u] * tanh(argument)
        }
        return sum
    }

    /// The value of gene j, a target or not, with standard normal noise.
    func value(
        _ j: Int, of x: [Double], _ expectation: InterventionModel.Expectation, isTarget: Bool, noise: Double
    ) -> Double {
        guard isTarget else { return mean(j, of: x) + deviations[j] * noise }
        switch kind {
        case .hard: return expectation.locations[j] + expectation.scales[j] * noise
        case .shift: return mean(j, of: x) + expectation.locations[j] + deviations[j] * expectation.scales[j] * noise
        }
    }

    /// Mean of x − control when `targets` (0/1, for linear shifts also probabilities) are intervened on, in control standard
    /// deviations: in closed form where mechanisms are linear, else from cells with the given noise and its opposite,
    /// treated and control cells sharing theirs.
    func meanShift(_ expectation: InterventionModel.Expectation, targets: [Double], noise: [[Double]]) -> [Double] {
        if units > 0 { return simulatedShift(expectation, targets: targets, noise: noise) }
        let d = genes
        switch kind {
        case .shift: return effects.total(of: (0..<d).map { targets[$0] * expectation.locations[$0] })
        case .hard:
            let fixed = targets.map { $0 > 0.5 }
            let moved = effects.total(
                of: (0..<d).map { fixed[$0] ? expectation.locations[$0] : intercepts[$0] }, fixed: fixed)
            return zip(moved, effects.total(of: intercepts)).map { $0 - $1 }
        }
    }

    private func simulatedShift(
        _ expectation: InterventionModel.Expectation, targets: [Double], noise: [[Double]]
    ) -> [Double] {
        var sum = [Double](repeating: 0, count: genes)
        for draw in noise {
            for sign in [1.0, -1.0] {
                var (treated, control) = (sum.map { _ in 0.0 }, sum.map { _ in 0.0 })
                for j in effects.order {
                    control[j] = value(j, of: control, expectation, isTarget: false, noise: sign * draw[j])
                    treated[j] = value(
                        j, of: treated, expectation, isTarget: targets[j] > 0.5, noise: sign * draw[j])
                }
                for j in sum.indices { sum[j] += treated[j] - control[j] }
            }
        }
        return sum.map { $0 / Double(2 * noise.count) }
    }

    /// Noise for `meanShift`: none where it is in closed form.
    func noise(_ draws: Int, _ random: inout RandomStream) -> [[Double]] {
        if units == 0 { return [] }
        return (0..<draws).map { _ in (0..<genes).map { _ in random.normal() } }
    }
}
