import Matrices
import Structure

/// Cells as the methods read them.
struct DiscoveryData: Sendable {
    /// Cells × genes: mean 0 and variance 1 over all cells; 0 for a constant gene.
    let standardised: Matrix<Double>
    /// Over all cells, with divisor n; 0 for a constant gene.
    let deviations: [Double]
    /// For each gene the cells in which it was intervened on.
    let intervenedCells: [[Int]]
    /// Cells without any intervention.
    let observedCells: [Int]

    var cells: Int { standardised.rows }
    var genes: Int { standardised.columns }

    /// - Throws: `NONFINITE` where a value is not finite.
    init(values: Matrix<Float>, interventions: Matrix<Float>?, genes names: [String]) throws(DiscoveryError) {
        let d = values.columns
        if let place = values.values.firstIndex(where: { !$0.isFinite }) {
            throw DiscoveryError(
                code: "NONFINITE", element: names[place % d],
                message: "expected finite values, found \(values.values[place]) for the gene \(names[place % d])",
                remedy: "leave the cell or the gene out, or fill the value in")
        }
        let moments = values.columnMoments(ddof: 0)
        // Equal values leave a variance of rounding only.
        let deviations = zip(moments.means, moments.variances).map { mean, variance in
            variance > 1e-14 * mean * mean ? variance.squareRoot() : 0
        }
        var standardised = Matrix<Double>(rows: values.rows, columns: d)
        for row in 0..<values.rows {
            for gene in 0..<d where deviations[gene] > 0 {
                standardised[row, gene] = (Double(values[row, gene]) - moments.means[gene]) / deviations[gene]
            }
        }
        var intervened = [[Int]](repeating: [], count: d)
        var observed = [Bool](repeating: true, count: values.rows)
        for (index, value) in (interventions?.values ?? []).enumerated() where value != 0 {
            intervened[index % d].append(index / d)
            observed[index / d] = false
        }
        self.standardised = standardised
        self.deviations = deviations
        intervenedCells = intervened
        observedCells = observed.indices.filter { observed[$0] }
    }

    /// genes × genes; 0 for a constant gene, but 1 on the diagonal.
    var correlations: Matrix<Double> {
        var result = Matrix<Double>.product(standardised, standardised, transposingFirst: true)
        for index in result.values.indices {
            let isDiagonal = index / genes == index % genes
            result.values[index] = isDiagonal ? 1 : max(-1, min(1, result.values[index] / Double(cells)))
        }
        return result
    }
}
