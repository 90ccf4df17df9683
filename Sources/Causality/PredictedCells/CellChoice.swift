import Concurrency
import Foundation
import Matrices
import Probability

/// What ways of making cells gave on treatments of the training that were left out of the templates, and which is used.
public struct CellChoice: Codable, Sendable, Equatable {
    public struct Score: Codable, Sendable, Equatable {
        public var source: CellMaking
        /// Of the cells from the measured ones: Euclidean, unbiased, all genes; mean over treatments.
        public var energyDistance: Double
        /// Mean over treatments of its difference from that of `transported`, and the standard error of this mean.
        public var difference: Double
        public var standardError: Double
        /// Predicted variance by measured, median over genes; mean over treatments.
        public var varianceRatio: Double
    }

    public var source: CellMaking
    public var scores: [Score]
    /// Treatments that were left out, one at a time.
    public var treatments: Int

    /// The one used where no causal model makes cells.
    public var ownSource: CellMaking {
        CellMaking.ownSources.contains(source)
            ? source : Self.best(scores.filter { CellMaking.ownSources.contains($0.source) })
    }

    /// The least energy distance of those that differ from `transported` by more than two standard errors; else
    /// `transported`.
    static func best(_ scores: [Score]) -> CellMaking {
        scores.filter { $0.difference < -2 * $0.standardError }
            .min { $0.energyDistance < $1.energyDistance }?.source ?? .transported
    }
}

/// A treatment of the training with its predicted mean.
public struct CellTrial: Sendable {
    /// Its place in the generator's contexts.
    public var context: Int
    /// Of every gene; best from a model that has not seen the treatment.
    public var shift: [Double]
    /// What causal models make of it, cells × genes: `counterfactual`, `ancestral`.
    public var cells: [CellMaking: Matrix<Float>]

    public init(context: Int, shift: [Double], cells: [CellMaking: Matrix<Float>] = [:]) {
        self.context = context
        self.shift = shift
        self.cells = cells
    }
}

extension CellGenerator {
    /// Looked at: treatments, and cells of each side.
    private static let (mostTrials, mostCells) = (30, 300)

    /// Finds by treatments of the training which way of making cells is nearest to measured ones; each is left out of the
    /// templates of its own cells. Nothing changes where no treatment has two cells.
    /// - Parameter trials: an even selection of 30 is used of more. A causal source counts only where all have it.
    /// - Throws: `PredictedCellsError` (`TEMPLATE`, `COUNT`, `NONFINITE`).
    public mutating func choose(
        by trials: [CellTrial], stream: RandomStream,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws(PredictedCellsError) {
        for trial in trials {
            try check(0, trial.shift, [CellTemplate(context: trial.context, weight: 1)])
            for (source, cells) in trial.cells where cells.columns != genes || cells.rows < 2 {
                throw PredictedCellsError(
                    code: "CELLS", element: source.rawValue,
                    message: "two cells or more of \(genes) genes expected, found \(cells.rows) of \(cells.columns)",
                    remedy: "give cells of the generator's genes")
            }
        }
        let usable = trials.filter {
            keptOfContext[$0.context] >= 2 && controlRows(shares(at: $0.context)).count >= 2
        }
        let count = min(usable.count, Self.mostTrials)
        guard count > 0 else { return }
        let used = (0..<count).map { usable[$0 * usable.count / count] }
        let causal = [CellMaking.counterfactual, .ancestral].filter { source in
            used.allSatisfy { $0.cells[source] != nil }
        }
        let sources = CellMaking.ownSources + causal
        let generator = self
        let found = concurrentMap(count, workers: workers) { place in
            generator.scores(of: used[place], sources, stream: stream.stream(used[place].context))
        }
        let n = Double(count)
        let scores = sources.indices.map { source in
            let energies = found.map { $0[source].energy }
            let differences = found.map { $0[source].energy - $0[0].energy }
            let mean = differences.reduce(0, +) / n
            let spread = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return CellChoice.Score(
                source: sources[source], energyDistance: energies.reduce(0, +) / n, difference: mean,
                standardError: count > 1 ? (spread / (n - 1) / n).squareRoot() : .greatestFiniteMagnitude,
                varianceRatio: found.reduce(0) { $0 + $1[source].variance } / n)
        }
        choice = CellChoice(source: CellChoice.best(scores), scores: scores, treatments: count)
    }

    private func scores(
        of trial: CellTrial, _ sources: [CellMaking], stream: RandomStream
    ) -> [(energy: Double, variance: Double)] {
        let context = contexts[trial.context]
        let shares = shares(at: trial.context)
        let measured = treated.selectingRows(
            Self.some(treatedRows(trial.context).map(\.self), stream.stream("measured")))
        let truth = EnergyDistance(measured)
        let variances = measured.columnMoments().variances
        let templates = templates(for: context, shift: trial.shift, leaving: trial.context)
        let mean = zip(controlMean(shares), trial.shift).map { $0 + $1 }
        return sources.map { source in
            let predicted: Matrix<Float>
            if let cells = trial.cells[source], !CellMaking.ownSources.contains(source) {
                predicted = cells.selectingRows(Self.some(Array(0..<cells.rows), stream.stream("predicted")))
            } else {
                let request = Request(
                    count: min(Self.mostCells, controlRows(shares).count), mean: mean, shift: trial.shift,
                    shares: shares,
                    templates: templates, source: source)
                predicted = cells(request, stream: stream.stream("cells"), workers: 1)
            }
            let ratios = zip(predicted.columnMoments().variances, variances).filter { $0.1 > 1e-12 }
                .map { $0.0 / $0.1 }
            return (EnergyDistance(predicted).value(to: truth), ratios.isEmpty ? 1 : median(of: ratios))
        }
    }

    private static func some(_ rows: [Int], _ stream: RandomStream) -> [Int] {
        guard rows.count > mostCells else { return rows }
        var stream = stream
        return stream.choice(mostCells, of: rows.count).sorted().map { rows[$0] }
    }
}
