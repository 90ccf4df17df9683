import AnnotatedData
import Concurrency
import Foundation
import Graphs
import Matrices
import Screens

/// What can be asked of a fitted model of a screen, however it was fitted. Values are in the scale of the screen.
public protocol PerturbationModel: Sendable {
    var genes: [String] { get }
    var scaling: GeneScaling { get }
    var scale: ExpressionScale { get }
    var seed: UInt64 { get }
    /// The treatments of the fit.
    var contexts: [Context] { get }
    /// The treatments of the fit with the measured shifts of all genes against control.
    var measured: [(context: Context, shift: [Double])] { get }
    /// The perturbations that were measured.
    var perturbations: [String] { get }
    /// The single perturbations of which something is known, those measured in combinations only among them.
    var parts: [String] { get }
    /// The single perturbations of each combination that was measured.
    var combinations: [String: [String]] { get }
    /// Whether a combination is answered of which not all parts are known.
    var answersUnknownParts: Bool { get }
    /// Names of the features that an unseen perturbation must bring; empty where none can be predicted.
    var features: [String] { get }
    /// Features of the measured perturbations as they were given; nil where none were.
    var measuredFeatures: FeatureTable? { get }
    /// Targets that were given, by perturbation.
    var knownTargets: [String: [String]] { get }
    /// Graphs with mechanisms over which predictions average.
    var ensembleSize: Int { get }
    /// How each part of the fit ended.
    var outcomes: [FitOutcome] { get }
    var curves: [[FitCurvePoint]] { get }
    var brokenEdges: [[BrokenEdge]] { get }
    var diagnostics: [FitDiagnostic] { get }
    /// What was learnt of the intervals; empty where they are the model's own.
    var coverage: [IntervalCoverage] { get }
    var notices: [Notice] { get }
    /// Whatever the caller wants to remember of where the model comes from.
    var provenance: [String: String] { get set }
    var edgeBeliefs: EdgeBeliefs { get }
    /// The graphs over which predictions average.
    var graphs: [DirectedGraph] { get }
    /// How it was fitted, as a sentence for the methods of a report.
    var methods: String { get }
    /// Effect of source on target, mean over the graphs that have the edge; 0 where none has.
    func effect(of source: Int, on target: Int) -> Double
    /// The targets of `contexts[index]`, all genes by falling size of what is expected of the intervention.
    func targets(ofMeasured index: Int) throws -> [InterventionModel.Target]
    /// What the perturbation does to genes, as far as the model attributes it: draws from what is believed of it, those on
    /// different graphs side by side.
    func interventionDraws(_ query: PerturbationQuery) throws -> [InterventionDraw]
    func predict(_ query: PerturbationQuery, draws: Int, seed: UInt64) throws -> PredictedPerturbation
    /// Many at once, which costs less than one by one.
    func predict(_ queries: [PerturbationQuery], draws: Int, seed: UInt64) throws -> [PredictedPerturbation]
    /// Switches off each target's intervention in turn and predicts again.
    func attribution(_ query: PerturbationQuery, draws: Int, seed: UInt64) throws -> ShiftAttribution
    /// Measured perturbations by rising distance of their features, the perturbation itself left out.
    func nearestMeasured(_ query: PerturbationQuery) -> [(perturbation: String, distance: Double)]
    /// Cells × genes.
    func sampleCells(_ query: PerturbationQuery, count: Int, seed: UInt64) throws -> Matrix<Float>
    /// The same where the prediction is known already.
    func sampleCells(
        _ query: PerturbationQuery, predicted: PredictedPerturbation, count: Int, seed: UInt64
    ) throws -> Matrix<Float>
    /// Writes `model.safetensors`, `model.json`, `edges.tsv` and `targets.tsv` into a folder, which is made where it is
    /// missing.
    func save(to directory: URL) throws
}

extension PerturbationModel {
    public var canPredictUnseen: Bool { !features.isEmpty }
    public var answersUnknownParts: Bool { false }

    public func predict(_ query: PerturbationQuery, seed: UInt64 = 0) throws -> PredictedPerturbation {
        try predict(query, draws: 200, seed: seed)
    }

    public func predict(_ queries: [PerturbationQuery], draws: Int, seed: UInt64) throws -> [PredictedPerturbation] {
        try concurrentTry(queries.count) { try predict(queries[$0], draws: draws, seed: seed) }
    }

    public func attribution(_ query: PerturbationQuery, seed: UInt64 = 0) throws -> ShiftAttribution {
        try attribution(query, draws: 200, seed: seed)
    }

    public func sampleCells(
        _ query: PerturbationQuery, predicted: PredictedPerturbation, count: Int, seed: UInt64
    ) throws -> Matrix<Float> {
        try sampleCells(query, count: count, seed: seed)
    }

    public func sampleCells(_ query: PerturbationQuery, count: Int) throws -> Matrix<Float> {
        try sampleCells(query, count: count, seed: 0)
    }

    /// The question for a treatment: measured ones by name, combinations by their parts, others by their features; nil
    /// where nothing of these is known.
    public func query(
        for context: Context, features table: FeatureTable?, combinations: [String: [String]] = [:]
    ) -> PerturbationQuery? {
        let name = context.perturbation
        var query = PerturbationQuery(context)
        if perturbations.contains(name) || parts.contains(name) { return query }
        if let members = combinations[name], answersUnknownParts || members.allSatisfy(parts.contains) {
            query.parts = members
            return query
        }
        guard canPredictUnseen, let table, let row = table.perturbations.firstIndex(of: name) else { return nil }
        query.features = table.values.row(row).map(Double.init)
        return query
    }
}

extension InterventionModel: PerturbationModel {
    public var parts: [String] { encoding.perturbations }
    public var diagnostics: [FitDiagnostic] { [] }
    public var coverage: [IntervalCoverage] { [] }

    public var graphs: [DirectedGraph] {
        members.map { DirectedGraph(nodeCount: genes.count, adjacency: $0.graph.map { $0 > 0 }) }
    }

    public var methods: String {
        let mechanisms =
            options.mechanisms == .mlp
            ? "mechanisms of one hidden layer of \(options.mechanismUnits) units" : "linear mechanisms"
        let targets =
            options.targetEstimator == .relaxed
            ? "targets were sampled by a Gumbel–sigmoid relaxation" : "targets were marginalised exactly"
        let cycles =
            options.acyclicity == .spectral
            ? "the spectral radius (Lee et al. 2019)" : "the log-determinant constraint (Bello et al. 2022)"
        return "A generative intervention model (Schneider et al. 2025) with \(mechanisms) and "
            + "\(options.intervention.rawValue) interventions was fitted \(ensembleSize) times from different seeds; "
            + "\(targets), cycles driven out by \(cycles)."
    }
}
