import Foundation
import Matrices
import Probability

@testable import Responses

/// A small world made by hand, with cells and all that they were made from.
struct PlantedWorld: Sendable {
    /// The mechanism of each gene in terms of the values of genes before it; genes are numbered along the order.
    typealias Mechanism = @Sendable (_ values: [Double]) -> Double

    var edges: [(Int, Int)]
    var mechanisms: [Mechanism]
    var noise: [Double]
    /// Of each perturbation: what is added to which gene at full strength.
    var effects: [[Int: Double]]
    /// EC50 and h of each perturbation; nil for one without dose.
    var curves: [(halfDose: Double, steepness: Double)?]
    /// What replaces a gene's mechanism: perturbation, gene, mean, deviation.
    var replaced: [(perturbation: Int, gene: Int, mean: Double, deviation: Double)] = []
    var contexts: [[ScreenDesign.Treatment]]
    var cellsPerContext: [Int]
    /// Added to each gene's value in cells of the second of two strata, if any.
    var stratum: [Double]?
    var knownTargets: [[Int]?]?

    var genes: Int { mechanisms.count }

    static func linear(_ weights: [[Double]], noise: [Double], effects: [[Int: Double]]) -> PlantedWorld {
        var edges: [(Int, Int)] = []
        for i in weights.indices { for j in weights.indices where weights[i][j] != 0 { edges.append((i, j)) } }
        return PlantedWorld(
            edges: edges,
            mechanisms: weights.indices.map { j in
                { values in (0..<j).reduce(0) { $0 + weights[$1][j] * values[$1] } }
            }, noise: noise, effects: effects, curves: effects.map { _ in nil },
            contexts: [[]] + effects.indices.map { [.init($0)] },
            cellsPerContext: [400] + effects.map { _ in 100 })
    }

    /// Five genes in a chain with a fork and a collider; five perturbations, one of two genes.
    static let five = linear(
        [
            [0, 0.9, 0, 0, 0], [0, 0, 0.8, 0.7, 0], [0, 0, 0, 0, 0.6], [0, 0, 0, 0, -0.9], [0, 0, 0, 0, 0],
        ],
        noise: [1, 0.8, 0.7, 0.8, 0.6], effects: [[0: 2], [1: -2.5], [2: 3], [3: 2, 4: -3], [4: 2.5]])

    func design() throws -> ScreenDesign {
        try ScreenDesign(
            genes: (0..<genes).map { "g\($0)" },
            perturbations: effects.indices.map { k in
                let replaces = replaced.filter { $0.perturbation == k }.map(\.gene)
                return .init(
                    name: "p\(k)", action: replaces.isEmpty ? .shift : .replacement,
                    knownTargets: replaces.isEmpty ? knownTargets?[k] : replaces)
            }, contexts: contexts, covariates: stratum == nil ? [] : ["first", "second"])
    }

    /// Cells in a mixed order, with their contexts and strata.
    func cells(seed: UInt64 = 0) -> (values: Matrix<Float>, contexts: [Int], covariates: Matrix<Float>?) {
        var stream = RandomStream(seed: seed).stream("planted world")
        var labels = contexts.indices.flatMap { Array(repeating: $0, count: cellsPerContext[$0]) }
        labels = stream.permutation(labels.count).map { labels[$0] }
        var values: [Float] = []
        var strata: [Float] = []
        for label in labels {
            let isSecond = stratum != nil && stream.bernoulli(0.5)
            strata += isSecond ? [0, 1] : [1, 0]
            var cell = [Double](repeating: 0, count: genes)
            for gene in 0..<genes {
                let normal = stream.normal()
                let hit = replaced.first { entry in
                    entry.gene == gene && contexts[label].contains { $0.perturbation == entry.perturbation }
                }
                if let hit {
                    cell[gene] = hit.mean + hit.deviation * normal
                    continue
                }
                cell[gene] = mechanisms[gene](cell) + noise[gene] * normal + (isSecond ? stratum![gene] : 0)
                for treatment in contexts[label] {
                    cell[gene] += (effects[treatment.perturbation][gene] ?? 0) * share(treatment)
                }
            }
            values += cell.map { Float($0) }
        }
        return (
            Matrix(rows: labels.count, columns: genes, values: values), labels,
            stratum == nil ? nil : Matrix(rows: labels.count, columns: 2, values: strata)
        )
    }

    func share(_ treatment: ScreenDesign.Treatment) -> Double {
        guard let curve = curves[treatment.perturbation], let dose = treatment.dose else { return 1 }
        return pow(dose, curve.steepness) / (pow(dose, curve.steepness) + pow(curve.halfDose, curve.steepness))
    }

    func moments(seed: UInt64 = 0, basis: MechanismBasis = .linear, block: Int = 1000) throws -> ScreenMoments {
        let cells = cells(seed: seed)
        var moments = try ScreenMoments(design: design(), basis: basis, cellCount: cells.values.rows)
        for first in stride(from: 0, to: cells.values.rows, by: block) {
            let rows = Array(first..<min(first + block, cells.values.rows))
            try moments.add(
                cells.values.selectingRows(rows), contexts: rows.map { cells.contexts[$0] },
                covariates: cells.covariates?.selectingRows(rows))
        }
        return moments
    }

    func fitted(
        seed: UInt64 = 0, mechanisms: ResponseOptions.Mechanisms = .linear, draws: Int = 4, workers: Int = 2
    ) throws -> ResponsePosterior {
        var options = ResponseOptions()
        options.mechanisms = mechanisms
        options.draws = draws
        options.units = 24
        return try ResponsePosterior(
            moments(seed: seed, basis: mechanisms == .linear ? .linear : .additive), options: options,
            stream: RandomStream(seed: 7), workers: workers)
    }
}
