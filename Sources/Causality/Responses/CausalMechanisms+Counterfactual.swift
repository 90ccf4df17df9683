import Concurrency
import CKernels
import Concurrency
import Foundation
import Matrices

extension CausalMechanisms {
    /// What given cells would have been under interventions: each keeps its own noise (abduction), mechanisms are changed
    /// (action), and values follow along the graph (prediction). Without interventions these are the cells themselves.
    ///
    /// x′_j = x_j + f_j(x′_pa) − f_j(x_pa) + shift_j; a replaced gene is m_j + s_j (x_j − f_j(x_pa)) / σ_j.
    ///
    /// Source: Pearl 2009, "Causality", section 7.1, for additive noise.
    /// - Parameters:
    ///   - cells: cells × genes, in control standard deviations from the control mean.
    ///   - shifts: Of each gene.
    ///   - covariates: Of all cells; the usual ones where nil. They matter to replaced genes only.
    /// - Returns: cells × genes, in the order of `cells`.
    public func counterfactual(
        of cells: Matrix<Float>, shifts: [Float], replacements: [Replacement] = [], covariates: [Float]? = nil,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) -> Matrix<Float> {
        let d = mechanisms.count
        precondition(
            cells.columns == d && shifts.count == d, "\(cells.columns) genes and \(shifts.count) shifts of \(d)")
        let affected = genes(reachedBy: shifts, replacements)
        let blocks = concurrentMap((cells.rows + Self.stretch - 1) / Self.stretch, workers: workers) { block in
            let first = block * Self.stretch
            let n = min(Self.stretch, cells.rows - first)
            var before = [Float](repeating: 0, count: n * d)
            for cell in 0..<n { for gene in 0..<d { before[gene * n + cell] = cells[first + cell, gene] } }
            return changed(
                before, cells: n, affected, shifts, replacements, covariates: covariates ?? usualCovariates)
        }
        var result = cells
        for (block, values) in blocks.enumerated() {
            let n = values.count / d
            for gene in affected {
                for cell in 0..<n { result[block * Self.stretch + cell, gene] = values[gene * n + cell] }
            }
        }
        return result
    }

    /// What given cells would have been under the shifts that move the mean of every gene as asked: mechanisms decide how
    /// the spread changes, whatever predicted the means. Cells of linear mechanisms all move alike.
    ///
    /// Causes first, x′_j = x_j + f_j(x′_pa) − f_j(x_pa) + shift_j with the shift that leaves the mean asked for.
    /// - Parameters:
    ///   - cells: cells × genes, in control standard deviations from the control mean.
    ///   - meanShifts: Of each gene.
    /// - Returns: cells × genes, in the order of `cells`.
    public func counterfactual(of cells: Matrix<Float>, meanShifts: [Float]) -> Matrix<Float> {
        let (n, d) = (cells.rows, mechanisms.count)
        precondition(cells.columns == d && meanShifts.count == d, "\(cells.columns) genes, \(meanShifts.count) shifts")
        guard n > 0 else { return cells }
        let before = cells.transposed
        var after = before
        var scratch = [Float](repeating: 0, count: n * mostUnits)
        for gene in order {
            let mechanism = mechanisms[gene]
            let usual = parts(of: mechanism, before.values, cells: n, &scratch)
            var present = parts(of: mechanism, after.values, cells: n, &scratch)
            for cell in 0..<n { present[cell] -= usual[cell] }
            let shift = meanShifts[gene] - Float(present.reduce(0) { $0 + Double($1) } / Double(n))
            for cell in 0..<n { after[gene, cell] += present[cell] + shift }
        }
        return after.transposed
    }

    /// What parents give to each cell.
    /// - Parameters:
    ///   - values: genes × cells.
    ///   - scratch: Room for units × cells.
    private func parts(
        of mechanism: Mechanism, _ values: [Float], cells n: Int, _ scratch: inout [Float]
    ) -> [Float] {
        var parts = [Float](repeating: 0, count: n)
        values.withUnsafeBufferPointer { values in
            parts.withUnsafeMutableBufferPointer { parts in
                scratch.withUnsafeMutableBufferPointer { scratch in
                    mechanism.addParents(parts.baseAddress!, values.baseAddress!, scratch.baseAddress, cells: n)
                }
            }
        }
        return parts
    }

    /// genes × cells, of `before` in the same shape.
    private func changed(
        _ before: [Float], cells n: Int, _ affected: [Int], _ shifts: [Float], _ replacements: [Replacement],
        covariates: [Float]
    ) -> [Float] {
        let replaced = Dictionary(replacements.map { ($0.gene, $0) }) { $1 }
        var after = before
        var scratch = [Float](repeating: 0, count: n * mostUnits)
        for gene in affected {
            let mechanism = mechanisms[gene]
            let usual = parts(of: mechanism, before, cells: n, &scratch)
            if let replacement = replaced[gene] {
                let constant = mechanism.constant(covariates)
                let scale = noise[gene] > 0 ? replacement.deviation / noise[gene] : 0
                for cell in 0..<n {
                    let own = before[gene * n + cell] - usual[cell] - constant
                    after[gene * n + cell] = replacement.mean + scale * own
                }
            } else {
                let present = parts(of: mechanism, after, cells: n, &scratch)
                for cell in 0..<n { after[gene * n + cell] += present[cell] - usual[cell] + shifts[gene] }
            }
        }
        return after
    }
}
