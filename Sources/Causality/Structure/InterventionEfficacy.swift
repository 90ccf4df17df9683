import AnnotatedData
import Matrices
import Screens

/// Whether interventions changed the expression of the very genes that they are said to act on.
enum InterventionEfficacy {
    /// Cells that a gene's interventions need to be looked at, and controls.
    static let fewestCells = 5
    static let fewestControls = 10
    /// A shift of the mean by fewer standard errors counts as none.
    static let leastShift = 2.0

    /// Says where most labelled genes show no shift of their own; nil where they do, or nothing can be told.
    static func notice(_ values: Matrix<Float>, _ interventions: CellInterventions, genes: [String]) -> Notice? {
        let cellsOfSet = interventions.cellsOfSet
        var cellsOfGene: [Int: [Int]] = [:]
        for (set, cells) in zip(interventions.sets, cellsOfSet) where !cells.isEmpty {
            for gene in set { cellsOfGene[gene, default: []] += cells }
        }
        let controls = zip(interventions.sets, cellsOfSet).filter { $0.0.isEmpty }.flatMap(\.1)
        let labelled = cellsOfGene.filter { $0.value.count >= fewestCells }.sorted { $0.key < $1.key }
        guard controls.count >= fewestControls, !labelled.isEmpty else { return nil }
        let silent = labelled.filter { gene, cells in
            let (within, reference) = (Moments(values, gene, cells), Moments(values, gene, controls))
            let error = within.variance / within.count + reference.variance / reference.count
            let shift = within.mean - reference.mean
            return shift * shift < leastShift * leastShift * error || shift == 0
        }.map { genes[$0.key] }
        guard 2 * silent.count > labelled.count else { return nil }
        return Notice(
            code: "INEFFECTIVE_INTERVENTIONS",
            message:
                "\(silent.count) of \(counted(labelled.count, "gene", "genes")) with labelled interventions "
                + "\(silent.count == 1 ? "shows no shift of its" : "show no shift of their") own "
                + "expression beside the controls, |z| < \(Int(leastShift)) (\(shortList(silent))): labels may be wrong, or "
                + "interventions without effect on it; what they say of edges is weak then.")
    }

    private struct Moments {
        let count: Double
        let mean: Double
        let variance: Double

        init(_ values: Matrix<Float>, _ gene: Int, _ cells: [Int]) {
            count = Double(cells.count)
            let sum = cells.reduce(0.0) { $0 + Double(values[$1, gene]) }
            let mean = sum / count
            self.mean = mean
            variance =
                cells.reduce(0.0) { sum, cell in
                    let difference = Double(values[cell, gene]) - mean
                    return sum + difference * difference
                } / max(1, count - 1)
        }
    }
}
