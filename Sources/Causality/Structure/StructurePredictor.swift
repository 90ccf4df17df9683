import AnnotatedData
import Foundation
import Graphs
import Matrices
import Networks
import Probability

/// What a structure predictor believes, and what one should know of how it came about.
public struct StructurePrediction: Sendable, Equatable {
    public let beliefs: EdgeBeliefs
    public let notices: [Notice]
    /// Subsets of genes that were read; 1 where the whole panel was read at once.
    public let subsetCount: Int
    /// Of the data from the worlds of the training: that of the middle one of the subsets; nil where the weights do not
    /// tell.
    public var distance: TrainingDistance?
    /// How the beliefs vary with the cells; nil where nobody asked.
    public var resampled: ResampledBeliefs?

    public init(
        beliefs: EdgeBeliefs, notices: [Notice], subsetCount: Int, distance: TrainingDistance? = nil,
        resampled: ResampledBeliefs? = nil
    ) {
        self.beliefs = beliefs
        self.notices = notices
        self.subsetCount = subsetCount
        self.distance = distance
        self.resampled = resampled
    }
}

/// Reads which genes cause which from a matrix of cells, with weights trained on simulated worlds.
///
/// The card of the weights says which network they are of, `avici` or `pairwise`; what is said here holds for both.
public struct StructurePredictor: Sendable {
    public let card: ModelCard
    private let reader: any PanelReader

    /// - Throws: `WeightsError` where the file is no such network's.
    public init(weightsFile: String) throws {
        try self.init(SafeTensors(file: weightsFile), file: weightsFile)
    }

    public init(_ tensors: SafeTensors, file: String? = nil) throws {
        card = try ModelCard(tensors, file: file)
        reader =
            switch card.network {
            case .pairwise(let options):
                try PairwisePanelReader(options, features: card.features, tensors: tensors, file: file)
            case .avici(let options): try CellPanelReader(options, tensors: tensors, file: file)
            }
    }

    /// Cells of a panel of so many genes that are read where options leave it open.
    public func cellsAtMost(genes: Int, options: StructureOptions) -> Int {
        options.cellsAtMost > 0 ? options.cellsAtMost : reader.usualCells(genes: min(genes, subsetSize(options)))
    }

    private func subsetSize(_ options: StructureOptions) -> Int {
        max(2, options.genesAtOnce > 0 ? options.genesAtOnce : reader.usualGenes(trained: card.genes.upperBound))
    }

    /// Beliefs from cells whose interventions are known.
    ///
    /// The order of cells makes no difference, to the last bit; that of genes only arranges the result. Edges from and to
    /// a gene that is the same in all cells have probability 0: the data hold no evidence on them.
    /// - Parameter report: Gets the number of subsets read and their total.
    /// - Throws: `WeightsError` where the weights read counts of molecules only, and the values are none;
    ///   `StructureError` where there is too little or too much to read (see `PanelInspection`).
    public func predict(
        cells given: InterventionalCells, options: StructureOptions = StructureOptions(),
        report: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> StructurePrediction {
        let (genes, values, interventions, areCounts) = (given.genes, given.values, given.labels, given.areCounts)
        guard areCounts || !reader.needsCounts else {
            throw WeightsError(
                code: "MISMATCH", element: ModelCard.metadataKey,
                message: "the weights \(card.name) read counts of molecules, the values are not derived from any",
                remedy: "use other weights (`interventome weights list`), or say that these are counts")
        }
        let inspection = try PanelInspection(values: values, interventions: interventions, genes: genes)
        let stream = RandomStream(seed: options.seed).stream("structure")
        var notices = given.notices + inspection.notices
        if let interventions {
            notices += [InterventionEfficacy.notice(values, interventions, genes: genes)].compactMap(\.self)
        }
        let order = ContentOrder(values: values, labels: interventions)
        let varying = Set(inspection.varying)
        let panel = order.genes.filter(varying.contains)
        let cells = chosenCells(order.cells, of: given, options: options, stream: stream, notices: &notices)
        let size = subsetSize(options)
        let subsets = GeneSubsets(
            geneCount: panel.count, size: size, coverage: max(1, options.coverage), stream: stream
        ).subsets
        addNotices(
            cells: cells.count, genes: panel.count, size: size, subsets: subsets.count, options: options, to: &notices)

        let panels = subsets.map { $0.map { panel[$0] } }
        let total = panels.count * (1 + options.resamples)
        let reading = read(panels, of: given, cells: cells) { report($0, total) }
        if let notice = reading.distance?.notice { notices.append(notice) }
        var resampled = [[Float]]()
        if options.resamples > 0 {
            let resamples = CellResamples(cells: cells, interventions: interventions, stream: stream)
            for number in 0..<options.resamples {
                let before = panels.count * (1 + number)
                let cells = resamples.cells(of: number)
                resampled.append(read(panels, of: given, cells: cells) { report(before + $0, total) }.probabilities)
            }
        }
        return StructurePrediction(
            beliefs: EdgeBeliefs(genes: genes, probabilities: reading.probabilities), notices: notices,
            subsetCount: subsets.count, distance: reading.distance,
            resampled: resampled.isEmpty ? nil : ResampledBeliefs(resampled))
    }

    /// Probabilities of all pairs from panels of genes, d × d, and how far the middle one lies from the training.
    private func read(
        _ panels: [[Int]], of source: InterventionalCells, cells: [Int], report: (_ done: Int) -> Void
    ) -> (probabilities: [Float], distance: TrainingDistance?) {
        let d = source.values.columns
        var sums = Array(repeating: Double(0), count: d * d)
        var counts = Array(repeating: 0, count: d * d)
        var distances = [TrainingDistance]()
        // Panels go through in batches, so that progress can be told; each is made by the core that reads it.
        let workers = Workers()
        let batch = 2 * workers.count
        for start in stride(from: 0, to: panels.count, by: batch) {
            let part = Array(panels[start..<min(panels.count, start + batch)])
            let largest = part.map(\.count).max() ?? 0
            let readings = reader.read(part.count, genes: largest, workers: workers) {
                source.panel(cells: cells, genes: part[$0])
            }
            distances += readings.compactMap(\.distance)
            for (genes, reading) in zip(part, readings) {
                for (a, i) in genes.enumerated() {
                    for (b, j) in genes.enumerated() {
                        sums[i * d + j] += Double(reading.logits[a * genes.count + b])
                        counts[i * d + j] += 1
                    }
                }
            }
            report(min(panels.count, start + batch))
        }
        let scaling = card.calibration?.scaling ?? .identity
        let probabilities = zip(sums, counts).map { (sum: Double, count: Int) -> Float in
            guard count > 0 else { return 0 }
            let logit: Double = scaling(sum / Double(count))
            return Float(1 / (1 + exp(-logit)))
        }
        return (probabilities, TrainingDistance.middle(of: distances))
    }

    private func chosenCells(
        _ all: [Int], of given: InterventionalCells, options: StructureOptions, stream: RandomStream,
        notices: inout [Notice]
    ) -> [Int] {
        let limit = cellsAtMost(genes: given.genes.count, options: options)
        guard all.count > limit else { return all }
        let labels = given.labels?.selecting(cells: all)
        let places = StratifiedDraw.places(
            limit, strata: labels?.setOfCell ?? Array(repeating: 0, count: all.count), stream: stream.stream("cells"))
        notices.append(
            InterventionDesign.notice(
                before: labels, after: labels?.selecting(cells: places), of: all.count, limit, seed: options.seed))
        return places.map { all[$0] }
    }

    private func addNotices(
        cells: Int, genes: Int, size: Int, subsets: Int, options: StructureOptions, to notices: inout [Notice]
    ) {
        if subsets > 1 {
            notices.append(
                Notice(
                    code: "GENE_SUBSETS",
                    message:
                        "The panel of \(genes) genes was read in \(subsets) overlapping subsets of \(size) at most "
                        + "(groups of genes, dealt out at random, that meet as points on lines; seed \(options.seed)); "
                        + "each pair met \(counted(max(1, options.coverage), "time", "times")) or more and has the mean of its logits. A "
                        + "cause outside a subset is unseen there."))
        } else if genes < card.genes.lowerBound || genes > card.genes.upperBound {
            notices.append(
                Notice(
                    code: "PANEL_OUTSIDE_TRAINING",
                    message: "\(genes) genes; the network was trained on panels of \(card.genes.lowerBound) to "
                        + "\(card.genes.upperBound)."))
        }
        if cells < card.cells.lowerBound {
            notices.append(
                Notice(
                    code: "FEW_CELLS",
                    message: "\(cells) cells; the network was trained on \(card.cells.lowerBound) and more."))
        }
    }
}
