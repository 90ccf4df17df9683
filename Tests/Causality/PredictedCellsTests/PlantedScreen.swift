import AnnotatedData
import Foundation
import Matrices
import Probability
import Screens

/// Screens whose cells follow from a recipe.
struct PlantedScreen {
    var contexts: [Context] = [Context(perturbation: "control", isControl: true)]
    var cells: [[Float]] = []
    var contextOfCell: [Int] = []
    var strata: [Int]?
    var combinations: [String: [String]] = [:]

    /// Adds cells, rows of as many values as there are genes.
    mutating func add(_ context: Context, _ rows: [[Float]], stratum: Int? = nil) {
        let place = contexts.firstIndex(of: context) ?? contexts.count
        if place == contexts.count { contexts.append(context) }
        cells += rows
        contextOfCell += rows.map { _ in place }
        if let stratum { strata = (strata ?? []) + rows.map { _ in stratum } }
    }

    var screen: PerturbationScreen {
        let genes = cells[0].count
        return PerturbationScreen(
            genes: (0..<genes).map { "g\($0)" },
            expression: Matrix(rows: cells.count, columns: genes, values: cells.flatMap(\.self)), scale: .scaled,
            contexts: contexts, contextOfCell: contextOfCell, controlStrata: strata, combinations: combinations)
    }

    static let control = Context(perturbation: "control", isControl: true)

    /// Cells of genes without a floor that depend on one factor.
    static func gaussian(_ count: Int, genes: Int, move: [Float], spread: Float = 1, seed: UInt64) -> [[Float]] {
        var stream = RandomStream(seed: seed)
        return (0..<count).map { _ in
            let factor = Float(stream.normal())
            return (0..<genes).map { gene in
                move[gene] + spread * (0.8 * factor + 0.6 * Float(stream.normal()))
            }
        }
    }

    /// log(1 + Poisson count · 2) of genes with the given rates, in cells of the same depth.
    static func counts(_ count: Int, rates: [Double], seed: UInt64) -> [[Float]] {
        var stream = RandomStream(seed: seed)
        return (0..<count).map { _ in
            rates.map { Float(log1p(2 * Double(stream.poisson(mean: $0)))) }
        }
    }
}
