import Networks
import Probability

/// Shift of the mean of j in cells where i was intervened on, in standard deviations of the reference: s / (1 + s).
///
/// Reference are the cells without any intervention; where there are fewer than ten, the cells without one on i.
struct MeanShifts: DiscoveryMethod {
    let mostGenes = 5000

    func scores(of data: DiscoveryData, stream: RandomStream, workers: Workers) throws(DiscoveryError) -> Scores {
        let d = data.genes
        guard data.intervenedCells.contains(where: { !$0.isEmpty }) else {
            throw DiscoveryError(
                code: "NO_INTERVENTIONS", element: ClassicalMethod.meanShift.rawValue,
                message: "expected cells with interventions on some of the genes, found none",
                remedy:
                    "name their targets in a column (targetColumn), give a layer `interventions`, or use another method"
            )
        }
        let hasControls = data.observedCells.count >= 10
        let controls = data.standardised.columnMoments(rows: hasControls ? data.observedCells : [], ddof: 0)
        var values = [Double](repeating: 0, count: d * d)
        for (source, cells) in data.intervenedCells.enumerated() where !cells.isEmpty {
            var reference = controls
            if !hasControls {
                let intervened = Set(cells)
                let others = (0..<data.cells).filter { !intervened.contains($0) }
                guard others.count > 1 else { continue }
                reference = data.standardised.columnMoments(rows: others, ddof: 0)
            }
            let means = data.standardised.columnMeans(rows: cells)
            for target in 0..<d where reference.variances[target] > 1e-12 {
                let shift = abs(means[target] - reference.means[target]) / reference.variances[target].squareRoot()
                values[source * d + target] = shift / (1 + shift)
            }
        }
        let untouched = (0..<d).filter { data.intervenedCells[$0].isEmpty }
        return Scores(
            values: values,
            silences: [
                .init(code: "NOT_INTERVENED", genes: untouched, reason: "edges from them need interventions on them")
            ])
    }
}
