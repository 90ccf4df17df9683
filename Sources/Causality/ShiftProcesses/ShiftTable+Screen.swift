import Matrices
import Screens

extension ShiftTable {
    /// The mean shifts of a screen against the controls of their strata.
    /// - Throws: `ShiftProcessError` (`NO_TREATMENTS`, `NO_REPLICATES`, `NONFINITE`).
    public init(_ screen: PerturbationScreen) throws(ShiftProcessError) {
        let moments: TreatmentMoments
        do {
            moments = try TreatmentMoments(screen)
        } catch {
            // Values in memory can't fail to be read.
            let problem = error as? ScreenError
            throw ShiftProcessError(
                code: "NONFINITE", element: problem?.element, message: problem?.message ?? "\(error)",
                remedy: problem?.remedy ?? "give finite values")
        }
        try self.init(screen, moments)
    }

    /// - Parameter moments: Of the same screen.
    /// - Throws: `ShiftProcessError` (`NO_TREATMENTS`, `NO_REPLICATES`, `NONFINITE`).
    public init(_ screen: any ScreenCells, _ moments: TreatmentMoments) throws(ShiftProcessError) {
        let found = moments.meanShifts()
        let cells = moments.counts
        let strata = moments.controlsOfStratum
        let keys = strata.keys.sorted()
        let group = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        let counts = keys.map { Double(strata[$0] ?? 0) }
        let all = counts.reduce(0, +)
        // Cells whose stratum has no controls are held against all.
        let fallback = keys.indices.map { ControlShare(group: $0, share: counts[$0] / all) }
        let controls = found.map { treatment -> [ControlShare] in
            var shares = [Double](repeating: 0, count: keys.count)
            for (stratum, weight) in moments.shares(of: treatment.context) {
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
            let covariates = moments.contexts[treatment.context].covariates
            let (sum, count) = sums[covariates] ?? ([Double](repeating: 0, count: moments.genes), 0)
            sums[covariates] = (zip(sum, treatment.baseline).map { $0 + $1 }, count + 1)
        }
        var profiles = sums.mapValues { sum, count in sum.map { $0 / count } }
        // Cells of which nothing but controls was measured are known by these.
        for covariates in Set(moments.contexts.filter(\.isControl).map(\.covariates)) where profiles[covariates] == nil
        {
            let own = moments.moments { group in
                moments.contexts[group.context].isControl && moments.contexts[group.context].covariates == covariates
            }
            if own.rowCount > 0 { profiles[covariates] = own.means }
        }
        try self.init(
            contexts: found.map { moments.contexts[$0.context] },
            shifts: Matrix(rows: found.count, columns: moments.genes, values: found.flatMap(\.shift)),
            variances: Self.variances(moments), cells: found.map { Double(cells[$0.context]) },
            controls: controls, controlCells: counts, combinations: screen.combinations, features: screen.features,
            profiles: all > 0 ? profiles : [:])
    }

    /// Of each gene, about the means of cells of one treatment with the same controls.
    private static func variances(_ moments: TreatmentMoments) throws(ShiftProcessError) -> [Double] {
        var squares = [Double](repeating: 0, count: moments.genes)
        var freedom = 0
        for group in moments.groups where group.count > 1 {
            for gene in squares.indices { squares[gene] += group.squares[gene] }
            freedom += group.count - 1
        }
        guard freedom > 0 else {
            throw ShiftProcessError(
                code: "NO_REPLICATES", message: "at least two cells of some treatment expected, found one of each",
                remedy: "give cells or replicates, not means: how much shifts may err is learnt from these")
        }
        return squares.map { $0 / Double(freedom) }
    }
}
