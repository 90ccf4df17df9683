import Matrices

/// What cells have more than the controls that they share.
extension PerturbationScreen {
    /// Places of the controls of each stratum; one stratum, 0, where all controls are shared.
    public var controlsOfStratum: [Int: [Int]] {
        Dictionary(grouping: controlCells, by: { controlStrata?[$0] ?? 0 })
    }

    /// The controls that cells share, in rising order; all where their strata have none.
    public func controls(sharedBy cells: [Int]) -> [Int] {
        guard let controlStrata else { return controlCells }
        let strata = Set(cells.map { controlStrata[$0] })
        let shared = controlCells.filter { strata.contains(controlStrata[$0]) }
        return shared.isEmpty ? controlCells : shared
    }

    /// For every treatment, controls aside, the mean over its cells of each less the mean of the controls of its stratum:
    /// of all controls where the stratum has none, of nothing where there are none at all.
    ///
    /// `baseline` is the mean of these controls' means: what was taken off.
    public func meanShifts() -> [(context: Int, shift: [Double], baseline: [Double])] {
        let strata = controlsOfStratum
        let means = strata.mapValues { expression.columnMeans(rows: $0) }
        let all = controlCells
        let fallback = all.isEmpty ? [Double](repeating: 0, count: genes.count) : expression.columnMeans(rows: all)
        var found: [(context: Int, shift: [Double], baseline: [Double])] = []
        for (place, cells) in cellsOfContext.enumerated() where !contexts[place].isControl && !cells.isEmpty {
            var baseline = [Double](repeating: 0, count: genes.count)
            let counts = Dictionary(grouping: cells, by: { controlStrata?[$0] ?? 0 }).mapValues(\.count)
            for (stratum, count) in counts.sorted(by: { $0.key < $1.key }) {
                let share = Double(count) / Double(cells.count)
                for (gene, mean) in (means[stratum] ?? fallback).enumerated() { baseline[gene] += share * mean }
            }
            let mean = expression.columnMeans(rows: cells)
            found.append((place, zip(mean, baseline).map { $0 - $1 }, baseline))
        }
        return found
    }
}
