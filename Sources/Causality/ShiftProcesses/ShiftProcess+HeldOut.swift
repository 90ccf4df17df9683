import Concurrency
import FeatureModels
import Foundation
import Matrices
import Screens

/// What would have been predicted of measured treatments without some of the measurements.
public struct HeldOutShifts: Sendable, Equatable {
    /// What is left out together with a treatment.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// All treatments with any of its single perturbations.
        case perturbation
        /// The same perturbation at this dose (or level) in all cells.
        case dose
        /// All treatments of the same cells.
        case stratum
        /// The same combination.
        case combination
    }

    /// Places in the table, rising.
    public let treatments: [Int]
    /// One a treatment.
    public let predictions: [ShiftPrediction]
}

extension ShiftProcess {
    /// Closed-form predictions of the true shifts of measured treatments from the others alone, at the parameters
    /// learnt from all (Rasmussen & Williams 2006, equations 5.10 to 5.12, for groups and noise that is shared beyond
    /// the group).
    ///
    /// | symbol | code | shape | meaning |
    /// |---|---|---|---|
    /// | Q | `precision` | n × n | (r K + N)⁻¹ |
    /// | S | `left` | | treatments that are left out |
    /// | A | `gains` | S × n | r K Q = 1 − N Q |
    /// | | mean | S | (r K Q y)_S − A_SS Q_SS⁻¹ (Q y)_S |
    /// | | variance | S | r K_ii − A_i r K_i + A_iS Q_SS⁻¹ A_iSᵀ |
    public func heldOut(_ kind: HeldOutShifts.Kind, workers: Int? = nil) -> HeldOutShifts {
        let folds = folds(kind)
        let groups = Self.groups(logScales)
        let covariance = covariance
        let parts = concurrentMap(groups.count, workers: Self.lanes(table, workers)) { place in
            held(folds, covariance, scale: groups[place].scale, genes: groups[place].genes)
        }
        let asked = folds.flatMap(\.asked)
        let known = folds.flatMap(forgotten)
        var predictions: [(treatment: Int, prediction: ShiftPrediction)] = []
        for (row, treatment) in asked.enumerated() {
            var mean = [Double](repeating: 0, count: table.genes)
            var variance = mean
            for (group, part) in zip(groups, parts) {
                for (k, gene) in group.genes.enumerated() {
                    mean[gene] = part.means[row, k] / known[row]
                    variance[gene] = part.variances[row] / (known[row] * known[row]) * table.variances[gene]
                }
            }
            predictions.append(
                (
                    treatment,
                    prediction(
                        table.contexts[treatment], mean: mean, variance: variance,
                        prior: covariance[treatment, treatment] / (known[row] * known[row]))
                ))
        }
        predictions.sort { $0.treatment < $1.treatment }
        return HeldOutShifts(treatments: predictions.map(\.treatment), predictions: predictions.map(\.prediction))
    }

    struct Fold {
        /// Treatments that are left out.
        var left: [Int]
        /// Those of them that are predicted.
        var asked: [Int]
    }

    /// In the order of what is left out.
    func folds(_ kind: HeldOutShifts.Kind) -> [Fold] {
        let all = table.contexts.indices
        func grouped(_ key: (Int) -> String?) -> [Fold] {
            Dictionary(grouping: all.filter { key($0) != nil }, by: { key($0) ?? "" })
                .sorted { $0.key < $1.key }.map { Fold(left: $0.value, asked: $0.value) }
        }
        switch kind {
        case .perturbation:
            return grouped { table.contexts[$0].perturbation }.map { fold in
                let parts = Set(side.parts[side.nameOf[fold.asked[0]]])
                return Fold(
                    left: all.filter { !parts.isDisjoint(with: side.parts[side.nameOf[$0]]) }, asked: fold.asked)
            }
        case .dose:
            return grouped { i in
                let context = table.contexts[i]
                return (context.level ?? context.dose.map { "\($0)" }).map { context.perturbation + "\u{0}" + $0 }
            }
        case .stratum:
            return grouped { i in
                let covariates = table.contexts[i].covariates
                return covariates.isEmpty
                    ? nil : covariates.sorted { $0.key < $1.key }.map { "\($0)\u{0}\($1)" }.joined(separator: "\u{0}")
            }
        case .combination:
            return grouped { side.parts[side.nameOf[$0]].count > 1 ? table.contexts[$0].perturbation : nil }
        }
    }

    /// What is known of how strong each asked treatment is from those left out alone: predictions are in proportion to
    /// it, for the covariance with all others is.
    private func forgotten(_ fold: Fold) -> [Double] {
        let left = Set(fold.left)
        func parts(_ places: some Sequence<Int>) -> Set<String> {
            Set(places.flatMap { side.parts[side.nameOf[$0]] })
        }
        let names = parts(fold.asked).subtracting(parts(table.contexts.indices.filter { !left.contains($0) }))
        return fold.asked.map { kernel.strength(of: names, in: side.parts[side.nameOf[$0]]) }
    }

    /// Genes of one scale; rows in the order of the folds' `asked`.
    private func held(_ folds: [Fold], _ covariance: Matrix<Double>, scale: Double, genes: [Int])
        -> (means: Matrix<Double>, variances: [Double])
    {
        guard let factor = Self.factor(covariance, table, scale: scale) else {
            preconditionFailure("the covariance has been factorised before")
        }
        let n = table.contexts.count
        let count = folds.reduce(0) { $0 + $1.asked.count }
        var means = Matrix<Double>(rows: count, columns: genes.count)
        var variances = [Double](repeating: 0, count: count)
        let precision = factor.inverse
        let shifts = table.shifts.selectingColumns(genes)
        let solved = factor.solve(shifts)
        // Σ over the treatments that share controls, of their rows of Q: what N Q needs beside its diagonal.
        var sharing = Matrix<Double>(rows: table.controlCells.count, columns: n)
        for k in 0..<n {
            for control in table.controls[k] {
                let weight = control.share / table.controlCells[control.group]
                for j in 0..<n { sharing[control.group, j] += weight * precision[k, j] }
            }
        }
        func gains(_ i: Int) -> [Double] {
            var row = (0..<n).map { ($0 == i ? 1 : 0) - precision[i, $0] / table.cells[i] }
            for control in table.controls[i] {
                for j in 0..<n { row[j] -= control.share * sharing[control.group, j] }
            }
            return row
        }
        var place = 0
        for fold in folds {
            let block = Matrix(
                rows: fold.left.count, columns: fold.left.count,
                values: fold.left.flatMap { i in fold.left.map { precision[i, $0] } })
            guard let inner = CholeskyFactor(block) else {
                preconditionFailure("blocks of a positive definite matrix are positive definite")
            }
            let corrections = inner.solve(solved.selectingRows(fold.left))
            for i in fold.asked {
                let row = gains(i)
                let own = fold.left.map { row[$0] }
                for g in genes.indices {
                    var mean = shifts[i, g] - solved[i, g] / table.cells[i]
                    for (k, value) in own.enumerated() { mean -= value * corrections[k, g] }
                    means[place, g] = mean
                }
                var explained = -zip(own, inner.solve(own)).reduce(0) { $0 + $1.0 * $1.1 }
                for j in 0..<n { explained += row[j] * scale * covariance[i, j] }
                variances[place] = max(0, scale * covariance[i, i] - explained)
                place += 1
            }
        }
        // The rest of N Q y: shared controls.
        var shared = Matrix<Double>(rows: table.controlCells.count, columns: genes.count)
        for k in 0..<n {
            for control in table.controls[k] {
                let weight = control.share / table.controlCells[control.group]
                for g in genes.indices { shared[control.group, g] += weight * solved[k, g] }
            }
        }
        for (row, i) in folds.flatMap(\.asked).enumerated() {
            for control in table.controls[i] {
                for g in genes.indices { means[row, g] -= control.share * shared[control.group, g] }
            }
        }
        return (means, variances)
    }
}
