import Foundation
import Graphs
import Matrices

/// What is believed before the cells are seen.
public struct ResponsePriors: Sendable, Equatable {
    /// genes × genes: log odds that row → column; −∞ forbids an edge.
    public var edges: Matrix<Double>
    /// perturbations × genes: log odds that the gene is a target; ∞ and −∞ fix it.
    public var targets: Matrix<Double>
    /// Whether targets may turn out to be rarer than `targets` says (`TargetRate`).
    public var learnsTargetRate = true
    /// Variances of coefficients over the noise variance of their gene, whose own prior is an inverse gamma (shape,
    /// scale).
    var slabs = Slabs()

    struct Slabs: Sendable, Equatable {
        var intercept = 100.0
        var covariate = 100.0
        var edge = 1.0
        var effect = 25.0
        var noiseShape = 2.0
        var noiseScale = 0.5
    }

    /// Two regulators a gene and two targets a perturbation, but never more than one gene in five or in ten; what the
    /// design knows of targets is fixed.
    public static func sparse(_ design: ScreenDesign) -> ResponsePriors {
        let d = design.genes.count
        func logOdds(_ p: Double) -> Double { log(p / (1 - p)) }
        var priors = ResponsePriors(
            edges: Matrix(rows: d, columns: d, repeating: logOdds(min(0.2, 2 / Double(d)))),
            targets: Matrix(
                rows: design.perturbations.count, columns: d, repeating: logOdds(min(0.1, 2 / Double(d)))))
        for (k, perturbation) in design.perturbations.enumerated() {
            guard let known = perturbation.knownTargets else { continue }
            for gene in 0..<d { priors.targets[k, gene] = known.contains(gene) ? .infinity : -.infinity }
        }
        return priors
    }

    /// The same with log odds τ logit q of each edge of which a probability q is believed.
    ///
    /// - Parameter trust: τ in 0…1; 0 forgets the beliefs.
    public func believing(_ beliefs: EdgeBeliefs, trust: Double) throws(ResponseError) -> ResponsePriors {
        let d = edges.rows
        guard beliefs.genes.count == d else {
            throw ResponseError(
                code: "SHAPE", message: "beliefs about \(d) genes expected, found \(beliefs.genes.count)",
                remedy: "give beliefs about the genes of the panel, in their order")
        }
        guard (0...1).contains(trust) else {
            throw ResponseError(
                code: "TRUST", message: "a trust of 0 to 1 expected, found \(trust)", remedy: "choose another trust")
        }
        var priors = self
        for i in 0..<d {
            for j in 0..<d where i != j && trust > 0 {
                // Beliefs of exactly 0 or 1 would overrule any number of cells.
                let q = min(max(Double(beliefs[i, j]), 1e-6), 1 - 1e-6)
                priors.edges[i, j] = trust * log(q / (1 - q))
            }
        }
        return priors
    }
}
