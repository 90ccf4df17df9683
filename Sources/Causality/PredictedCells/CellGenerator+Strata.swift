import Matrices
import Screens

/// Which cells stand for what.
extension CellGenerator {
    /// The strata whose controls a treatment's cells share, or would share: those of its own cells in training, of the same
    /// perturbation in the same kind of cells, of the same kind of cells, or all.
    func shares(of context: Context) -> [StratumShare] {
        if let place = contexts.firstIndex(of: context), !sharesOfContext[place].isEmpty {
            return sharesOfContext[place]
        }
        let alike = contexts.indices.filter {
            contexts[$0].perturbation == context.perturbation && contexts[$0].covariates == context.covariates
        }
        var cells = [Int](repeating: 0, count: strata.count)
        for place in alike { for share in sharesOfContext[place] { cells[share.stratum] += share.cells } }
        if cells.allSatisfy({ $0 == 0 }) {
            for place in strata.indices where strata[place].covariates == context.covariates {
                cells[place] = strata[place].cells
            }
        }
        if cells.allSatisfy({ $0 == 0 }) { cells = strata.map(\.cells) }
        return cells.indices.filter { cells[$0] > 0 }.map { StratumShare(stratum: $0, cells: cells[$0]) }
    }

    /// The same of a treatment of the training.
    func shares(at place: Int) -> [StratumShare] {
        sharesOfContext[place].isEmpty ? shares(of: contexts[place]) : sharesOfContext[place]
    }

    /// The given stratum of the screen.
    func shares(ofStratum number: Int) throws(PredictedCellsError) -> [StratumShare] {
        guard let place = strata.firstIndex(where: { $0.number == number }) else {
            throw PredictedCellsError(
                code: "NO_CONTROLS", element: "stratum \(number)",
                message: "one of \(strata.count) strata with controls expected, found \(number)",
                remedy: "name a stratum of the training screen that has controls, or none")
        }
        return [StratumShare(stratum: place, cells: strata[place].cells)]
    }

    /// Mean of the controls that shifts of such cells are taken against, genes.
    public func controlMean(for context: Context) -> [Double] { controlMean(shares(of: context)) }

    func controlMean(_ shares: [StratumShare]) -> [Double] { mean(of: controlMeans.double, shares) }

    /// Mean of what is known of the controls that shifts of such cells are taken against, genes.
    /// - Parameter values: strata with controls, by number, × genes.
    public func controlMean(of values: Matrix<Double>, for context: Context) -> [Double] {
        precondition(values.rows == strata.count && values.columns == genes, "one row a stratum, one column a gene")
        return mean(of: values, shares(of: context))
    }

    private func mean(of values: Matrix<Double>, _ shares: [StratumShare]) -> [Double] {
        let total = Double(shares.reduce(0) { $0 + $1.cells })
        var mean = [Double](repeating: 0, count: genes)
        for share in shares {
            for gene in 0..<genes { mean[gene] += Double(share.cells) / total * values[share.stratum, gene] }
        }
        return mean
    }

    /// Places in `controls`.
    func controlRows(_ shares: [StratumShare]) -> [Int] {
        let isUsed = Set(shares.map(\.stratum))
        var rows: [Int] = []
        var first = 0
        for (place, stratum) in strata.enumerated() {
            if isUsed.contains(place) { rows += first..<first + stratum.kept }
            first += stratum.kept
        }
        return rows
    }

    /// Places in `treated`.
    func treatedRows(_ context: Int) -> Range<Int> {
        let first = keptOfContext[..<context].reduce(0, +)
        return first..<first + keptOfContext[context]
    }
}
