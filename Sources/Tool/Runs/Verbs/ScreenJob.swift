import AnnotatedData
import Formats
import Foundation
import Graphs
import Interventions
import Matrices
import Preprocessing
import Screens
import Structure

/// The verbs that take a screen and look for its causes: `structure` and `fit`, each on its own.
///
/// They read the same configuration as `run`; here all cells are used, none is kept for a test.
public struct ScreenJob {
    /// Counts of fewer genes are not normalised before structure is learned, unless options say so.
    public static let genesForTotals = ExpressionScale.genesForTotals

    let configuration: RunConfiguration
    let console: Console

    /// - Parameters:
    ///   - input: The screen; wins over the configuration's.
    ///   - file: A configuration as for `run`; nil takes the defaults, with all genes instead of a panel.
    ///   - settings: `key=value`, laid over both.
    public init(
        input: String, configuration file: String?, settings: [String], features: String? = nil,
        console: Console
    ) throws {
        var defaults = RunConfiguration()
        if file == nil { defaults.preprocess.topGenes = nil }
        var configuration = try RunConfiguration.load(
            over: defaults, file: file, settings: settings)
        configuration.input = input
        if let features { configuration.features = features }
        self.configuration = configuration
        self.console = console
    }

    /// Edge probabilities, and what is written beside them; the summary is for `--json`.
    public func structure(
        to output: String, weights: String?, outputs: StructureOutputs = StructureOutputs()
    ) throws -> StructureSummary {
        let started = Date()
        let file = try Weights.file(weights ?? configuration.structure.weights)
        let predictor = try reporting { try StructurePredictor(weightsFile: file) }
        let prepared = try prepareInBlocks()
        let cells = try cells(of: prepared) { predictor.cellsAtMost(genes: $0, options: readingOptions) }
        console.begin("structure")
        let prediction = try reporting {
            try predictor.predict(cells: cells, options: readingOptions) { done, total in
                console.advance(
                    to: Double(done) / Double(max(1, total)), total > 1 ? "\(done) of \(total) subsets" : "")
            }
        }
        let decoding = AcyclicDecoding(prediction.beliefs)
        let acyclic = AcyclicSummary(decoding, genes: prediction.beliefs.genes)
        let notices = prediction.notices + acyclic.notices
        notices.forEach { console.note($0.message) }
        try OutputFile.write(EdgeTable.text(prediction.beliefs, resampled: prediction.resampled), to: output)
        let files = try outputs.write(
            prediction.beliefs, decoding: decoding, of: prepared,
            provenance: ["weights": "\(predictor.card.name) \(predictor.card.version)"], seed: configuration.seed,
            beside: output, console: console)
        console.end("\(prediction.beliefs.likelyEdges) among \(prediction.beliefs.genes.count) genes")
        return StructureSummary(
            edges: output, weights: "\(predictor.card.name) \(predictor.card.version)",
            seconds: Date().timeIntervalSince(started), notes: prepared.result.notices + notices, acyclic: acyclic,
            files: files, training: prediction.distance, resamples: prediction.resampled?.count)
    }

    /// What `structure --json` prints.
    public struct StructureSummary: Encodable {
        let edges: String
        let weights: String
        let seconds: Double
        let notes: [Notice]
        let acyclic: AcyclicSummary
        let files: StructureOutputs.Summary
        /// How far the data lie from the training; absent where the weights do not tell.
        let training: TrainingDistance?
        let resamples: Int?

        public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }
    }

    /// A generative intervention model of all cells, into a folder.
    ///
    /// - Parameters:
    ///   - edges: A table of edge probabilities; nil predicts them.
    ///   - resume: Goes on from the checkpoint of an interrupted fit.
    public func fit(to output: String, edges: String?, resume: Bool) throws {
        let prepared = try prepareInBlocks(minGenesForTotals: nil)
        let screen = try describedScreen(of: prepared)
        // Of features the fit itself says what it makes.
        screen.notices.filter { !$0.code.hasPrefix("FEATURES") }.forEach { console.note($0.message) }
        let beliefs: EdgeBeliefs
        if let edges {
            beliefs = try EdgeTable.read(edges, genes: screen.genes)
        } else {
            console.begin("structure")
            let predictor = try reporting {
                try StructurePredictor(weightsFile: Weights.file(configuration.structure.weights))
            }
            let (cells, chosen) = try reporting {
                try structureCells(
                    of: prepared, screen,
                    atMost: predictor.cellsAtMost(genes: screen.genes.count, options: readingOptions))
            }
            let prediction = try reporting {
                try StructurePrediction.orNone(genes: screen.genes) {
                    try predictor.predict(screen: cells, options: readingOptions)
                }
            }
            (chosen.filter { !prediction.notices.contains($0) } + prediction.notices).forEach {
                console.note($0.message)
            }
            beliefs = prediction.beliefs
            console.end(beliefs.likelyEdges)
        }
        console.begin("fit")
        let checkpoint = CheckpointedFit(
            file: output + ".checkpoint.json",
            key: try Fingerprint.of(
                [
                    Build.version, Fingerprint.ofFile(configuration.input),
                    Fingerprint.of(configuration.withoutPaths), Fingerprint.of(EdgeTable.text(beliefs)),
                ] + configuration.fit.inputs()))
        if !resume { checkpoint.discard() }
        let model = try reporting {
            try checkpoint.run(
                screen, beliefs: beliefs, options: configuration.fit, seed: configuration.seed, console: console)
        }
        model.notices.forEach { console.note($0.message) }
        try Simulation.filling(output) { folder in
            try ModelFolder.write(model, controls: screen, to: folder).forEach { console.note($0.message) }
        }
        checkpoint.discard()
        console.end("\(model.ensembleSize) graphs of \(model.genes.count) genes")
    }

    /// What `fit` would do, in a line: the screen is read and prepared, nothing is fitted.
    public func fitPlan() throws -> String {
        let screen = try describedScreen(of: prepareInBlocks(minGenesForTotals: nil))
        let features = screen.features.map { "\($0.features.count) features" } ?? "no features"
        return
            "fit \(configuration.fit.ensembleSize) graphs of \(screen.genes.count) genes to \(screen.cellCount) cells of "
            + "\(screen.perturbations.count) perturbations with \(features)"
    }

    // MARK: Steps

    /// The preprocessed screen with its features.
    private func describedScreen(of prepared: PreparedScreen) throws -> BlockwiseScreen {
        let screen = try reporting { try prepared.screen(configuration.labels) }
        guard let features = configuration.features else { return screen }
        let (table, notices) = try FeatureFile.read(features, options: configuration.featureColumns)
        notices.forEach { console.detail($0.message) }
        return try reading(features) { try screen.withFeatures(table) }
    }

    /// The cells from which structure is learned, with values as it is learned from them.
    private func structureCells(
        of prepared: PreparedScreen, _ screen: BlockwiseScreen, atMost limit: Int
    ) throws -> (screen: PerturbationScreen, notices: [Notice]) {
        let design = InterventionDesign(
            genes: screen.genes, contexts: screen.contexts, contextOfCell: screen.contextOfCell,
            knownTargets: screen.knownTargets
        ).sampled(atMost: limit, seed: configuration.seed)
        let result = prepared.result
        guard let counts = prepared.counts,
            StructureValues.areCounts(
                scaleBefore: result.scaleBefore, scale: result.scaleAfter, genesRead: result.genesBefore,
                options: configuration.preprocess,
                isCentred: configuration.labels.matchControlsBy?.isEmpty == false)
        else { return (try screen.held(cells: design.cells), design.notices) }
        return (try screen.replacing(values: counts, scale: .counts).held(cells: design.cells), design.notices)
    }

    /// The genes on which cells were intervened, which filters and the choice of genes must keep.
    private func targets(
        in data: AnnotatedMatrix, layer: CellInterventions?, areLabelled: Bool
    ) throws -> [String] {
        if let layer { return InterventionLayer.genes(of: layer, data.genes.names) }
        return areLabelled ? try PerturbationScreen.targetGenes(of: data, options: configuration.labels) : []
    }

    var readingOptions: StructureOptions { configuration.structure.options(seed: configuration.seed) }

    /// The preprocessed screen, walked through in blocks.
    /// - Parameter least: Counts of fewer genes are not normalised; the default is that of learning structure.
    func prepareInBlocks(minGenesForTotals least: Int? = Self.genesForTotals) throws -> PreparedScreen {
        console.begin("preprocess")
        return try reporting {
            let opened = try openAnnotated(configuration.input, options: configuration.read)
            let guides = try GuideLabelling(opened, options: configuration.guides)
            guides?.summary.tell(console)
            let source = guides?.source ?? opened
            source.notices.forEach { console.note($0.message) }
            let labels = try CellLabels.found(in: source.annotation, options: configuration.labels)
            let layer = try InterventionLayer.read(
                source.layers[InterventionLayer.name], of: source.annotation)
            var options = configuration.preprocess
            options.minGenesForTotals = options.minGenesForTotals ?? least
            options.keepGenes += try targets(in: source.annotation, layer: layer, areLabelled: labels != nil)
                .filter { !options.keepGenes.contains($0) }
            var prepared = try PreparedScreen(
                source, labels: labels, interventions: layer, options: options
            ) { [console] in console.advance(to: $0) }
            let result = prepared.result
            result.notices.forEach { console.note($0.message) }
            prepared.result.notices = source.notices + result.notices
            console.detail("scale: \(result.scaleBefore), \(result.scaleEvidence)")
            console.end(
                "\(counted(result.cellsAfter, "cell", "cells")) × \(counted(result.genesAfter, "gene", "genes")) kept")
            return prepared
        }
    }

    /// The cells that tell of the genes, drawn at random where there are more than `limit` says for so many genes.
    func cells(of prepared: PreparedScreen, limit: (_ genes: Int) -> Int) throws -> InterventionalCells {
        try reporting {
            let genes = prepared.result.genesAfter
            try PanelInspection.check(cells: prepared.result.cellsAfter, genes: genes)
            let design = try prepared.design(configuration.labels)
            return try prepared.cells(design.sampled(atMost: limit(genes), seed: configuration.seed))
        }
    }

    func reporting<Result>(_ body: () throws -> Result) throws -> Result {
        try reading(configuration.input, body)
    }
}
