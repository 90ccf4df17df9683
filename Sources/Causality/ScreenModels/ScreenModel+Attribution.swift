import Foundation
import Interventions
import Matrices
import Probability
import Responses

extension ScreenModel {
    /// Switches off each target's intervention in turn and predicts again, on the graph of each draw.
    ///
    /// Shifts in linear mechanisms add up: parts of one draw are exact, and their mean over draws has no error beyond that
    /// of the prediction. Nonlinear mechanisms and replaced ones mix interventions: parts are simulated with the same
    /// noise with and without, and what the targets do together stays unexplained.
    public func attribution(
        _ query: PerturbationQuery, draws: Int = 200, seed: UInt64 = 0
    ) throws -> ShiftAttribution {
        precondition(draws >= 2, "at least 2 draws, not \(draws)")
        let d = genes.count
        let all = try interventions(query)
        let isExact = mechanisms.allSatisfy(\.isLinear) && all.allSatisfy(\.replacements.isEmpty)
        // Simulations cost more: fewer draws, spread over all.
        let step = isExact ? 1 : max(1, all.count / 64)
        let chosen = stride(from: 0, to: all.count, by: step).map { all[$0] }
        let simulation = ShiftSimulation(self)
        var parts = [Double](repeating: 0, count: d * d)
        var squares = parts
        for one in chosen {
            let with = isExact ? [] : simulation.shift(of: one)
            let targets = Set(one.shifts.indices.filter { one.shifts[$0] != 0 } + one.replacements.map(\.gene)).sorted()
            for target in targets {
                let part: [Float]
                if isExact {
                    var alone = one
                    for gene in alone.shifts.indices where gene != target { alone.shifts[gene] = 0 }
                    part = simulation.shift(of: alone)
                } else {
                    var less = one
                    less.shifts[target] = 0
                    less.replacements.removeAll { $0.gene == target }
                    part = zip(with, simulation.shift(of: less)).map { $0 - $1 }
                }
                for gene in 0..<d {
                    let value = Double(part[gene]) * scaling.deviations[gene]
                    parts[target * d + gene] += value / Double(chosen.count)
                    squares[target * d + gene] += value * value / Double(chosen.count)
                }
            }
        }
        return ShiftAttribution(
            parts: parts,
            errors: parts.indices.map { place in
                isExact
                    ? 0
                    : 1.96 * (max(0, squares[place] - parts[place] * parts[place]) / Double(chosen.count)).squareRoot()
            },
            method: isExact
                ? "exact on each of \(chosen.count) draws of graph and interventions: shifts add up in a linear model"
                : "\(chosen.count) draws of graph and interventions, each with and without the intervention")
    }
}
