import Concurrency
import FeatureModels
import Foundation
import Matrices
import Screens

extension ShiftProcess {
    /// What treatments do, measured or not. Of measured ones this is what is left of their shifts when noise is taken
    /// off.
    /// - Parameters:
    ///   - further: features of perturbations beyond the measured ones, with the columns of the table's.
    ///   - combinations: single perturbations of further combinations.
    ///   - controls: mean controls, genes, of cells beyond the measured ones, by covariates. They are read for nothing
    ///     but the likeness of these cells to measured ones.
    /// - Throws: `ShiftProcessError` (`COUNT`) for features or genes of other names or number.
    public func predict(
        _ contexts: [Context], features further: FeatureTable? = nil, combinations: [String: [String]] = [:],
        controls: [[String: String]: [Double]] = [:], workers: Int? = nil
    ) throws(ShiftProcessError) -> [ShiftPrediction] {
        guard controls.values.allSatisfy({ $0.count == table.genes && $0.allSatisfy(\.isFinite) }) else {
            throw ShiftProcessError(
                code: "COUNT", message: "finite mean controls of \(table.genes) genes expected, found others",
                remedy: "give the genes that the shifts were measured of")
        }
        let features = try likeness(with: further)
        let asked = TreatmentSide(
            contexts, combinations: table.combinations.merging(combinations) { own, _ in own }, doses: doses,
            controls: table.profiles.merging(controls) { own, _ in own })
        let strengths = kernel.amplitudes(
            kernel.design(asked, doses, measured: side, unlikeness: unlikeness))
        let relations = TreatmentRelations(
            asked, side, features: features, doseLength: doses.length, unlikeness: unlikeness)
        let cross = kernel.covariance(relations, rows: strengths, columns: amplitudes)
        let itself = TreatmentRelations(
            asked, asked, features: features, doseLength: doses.length, unlikeness: unlikeness)
        var priors = [Double](repeating: 0, count: contexts.count)
        for (term, weight) in zip(kernel.terms, kernel.weights) {
            for (i, value) in itself.diagonal(term).enumerated() {
                priors[i] += weight * value * strengths[i] * strengths[i]
            }
        }
        let means = cross.multiplied(by: solved)
        let across = cross.transposed
        let groups = Self.groups(logScales)
        let covariance = covariance
        let explained = concurrentMap(groups.count, workers: Self.lanes(table, workers)) { place -> [Double] in
            guard let factor = Self.factor(covariance, table, scale: groups[place].scale) else {
                preconditionFailure("the covariance has been factorised before")
            }
            let solved = factor.solve(across)
            return contexts.indices.map { c in
                (0..<across.rows).reduce(0) { $0 + across[$1, c] * solved[$1, c] }
            }
        }
        return contexts.indices.map { c in
            var variance = [Double](repeating: 0, count: table.genes)
            for (group, explained) in zip(groups, explained) {
                let left = max(0, group.scale * (priors[c] - group.scale * explained[c]))
                for gene in group.genes { variance[gene] = left * table.variances[gene] }
            }
            return prediction(contexts[c], mean: Array(means.row(c)), variance: variance, prior: priors[c])
        }
    }

    /// Groups of controls × genes: how far their measured means are expected to lie from the true ones.
    ///
    /// All treatments share that error with their controls: what they have in common, and no term of the kernel explains,
    /// is told to be it. E[ε_c] = −Σ_i share_ic / cells_c ((r K + N)⁻¹ y)_i.
    public var controlErrors: Matrix<Double> {
        var result = Matrix<Double>(rows: table.controlCells.count, columns: table.genes)
        for (scale, genes) in Self.groups(logScales) {
            for (i, controls) in table.controls.enumerated() {
                for control in controls {
                    let weight = control.share / table.controlCells[control.group] / scale
                    for gene in genes { result[control.group, gene] -= weight * solved[i, gene] }
                }
            }
        }
        return result
    }

    /// - Parameter prior: of the kernel.
    func prediction(_ context: Context, mean: [Double], variance: [Double], prior: Double) -> ShiftPrediction {
        var total = 0.0
        for group in Self.groups(logScales) {
            total += group.genes.reduce(0) { $0 + group.scale * prior * table.variances[$1] }
        }
        return ShiftPrediction(
            context: context, mean: mean, variance: variance,
            openShare: total > 0 ? min(1, variance.reduce(0, +) / total) : 1)
    }

    /// Of the measured perturbations and further ones; the measured ones' features are those of the table.
    private func likeness(with further: FeatureTable?) throws(ShiftProcessError) -> FeatureLikeness {
        guard let further, let own = table.features else { return features }
        guard further.features == own.features else {
            throw ShiftProcessError(
                code: "COUNT", element: further.features.first { !own.features.contains($0) },
                message: "the \(own.features.count) features that were learnt from expected, found others",
                remedy: "give the same columns in the same order")
        }
        let joined = FeatureTable(
            perturbations: own.perturbations + further.perturbations, features: own.features,
            values: Matrix(
                rows: own.values.rows + further.values.rows, columns: own.values.columns,
                values: own.values.values + further.values.values))
        return FeatureLikeness(joined, measured: Set(side.parts.joined()).sorted())
    }
}
