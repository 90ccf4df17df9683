import Matrices
import Screens

extension ShiftTable {
    /// The mean shifts of a screen against the controls of their strata.
    /// - Throws: `ShiftProcessError` (`NO_TREATMENTS`, `NO_REPLICATES`, `NONFINITE`).
    public init(_ screen: PerturbationScreen) throws(ShiftProcessError) {
        let found = screen.meanShifts()
        let cells = screen.cellsOfContext
        let strata = screen.controlsOfStratum
        let keys = strata.keys.sorted()
        let group = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        let counts = keys.map { Double(strata[$0]?.count ?? 0) }
        let all = counts.reduce(0, +)
        // Cells whose stratum has no controls are held against all.
        let fallback = keys.indices.map { ControlShare(group: $0, share: counts[$0] / all) }
        let controls = found.map { treatment -> [ControlShare] in
            let own = cells[treatment.context]
            var shares = [Double](repeating: 0, count: keys.count)
            for (stratum, members) in Dictionary(grouping: own, by: { screen.controlStrata?[$0] ?? 0 }) {
                let weight = Double(members.count) / Double(own.count)
                if let place = group[stratum] {
                    shares[place] += weight
                } else {
                    for control in fallback { shares[control.group] += weight * control.share }
                }
            }
            return shares.indices.filter { shares[$0] > 0 }.map { ControlShare(group: $0, share: shares[$0]) }
        }
        var sums: [[String: String]: ([Double], Double)] = [:]
        for treatment in found {
            let covariates = screen.contexts[treatment.context].covariates
            let (sum, count) = sums[covariates] ?? ([Double](repeating: 0, count: screen.genes.count), 0)
            sums[covariates] = (zip(sum, treatment.baseline).map { $0 + $1 }, count + 1)
        }
        var profiles = sums.mapValues { sum, count in sum.map { $0 / count } }
        // Cells of which nothing but controls was measured are known by these.
        for (covariates, own) in Dictionary(
            grouping: screen.controlCells, by: { screen.contexts[screen.contextOfCell[$0]].covariates })
        where profiles[covariates] == nil {
            profiles[covariates] = screen.expression.columnMeans(rows: own)
        }
        try self.init(
            contexts: found.map { screen.contexts[$0.context] },
            shifts: Matrix(
                rows: found.count, columns: screen.genes.count, values: found.flatMap(\.shift)),
            variances: Self.variances(screen), cells: found.map { Double(cells[$0.context].count) },
            controls: controls, controlCells: counts, combinations: screen.combinations, features: screen.features,
            profiles: all > 0 ? profiles : [:])
    }

    /// Of each gene, about the means of cells of one treatment with the same controls.
    private static func variances(_ screen: PerturbationScreen) throws(ShiftProcessError) -> [Double] {
        let genes = screen.genes.count
        var squares = [Double](repeating: 0, count: genes)
        var freedom = 0
        for cells in screen.cellsOfContext {
            let groups = Dictionary(grouping: cells, by: { screen.controlStrata?[$0] ?? 0 })
            for (_, rows) in groups.sorted(by: { $0.key < $1.key }) where rows.count > 1 {
                let moments = screen.expression.columnMoments(rows: rows, ddof: 0)
                for gene in 0..<genes { squares[gene] += moments.variances[gene] * Double(rows.count) }
                freedom += rows.count - 1
            }
        }
        guard freedom > 0 else {
            throw ShiftProcessError(
                code: "NO_REPLICATES", message: "at least two cells of some treatment expected, found one of each",
                remedy: "give cells or replicates, not means: how much shifts may err is learnt from these")
        }
        return squares.map { $0 / Double(freedom) }
    }
}
