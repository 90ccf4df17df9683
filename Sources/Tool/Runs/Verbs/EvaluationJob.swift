import Evaluations
import Foundation
import Matrices
import Screens
import Shifts

/// The verb `evaluate`: predictions beside what was measured, and beside the baselines.
public struct EvaluationJob {
    private let configuration: RunConfiguration
    private let console: Console

    /// - Parameter truth: The measured screen.
    public init(
        truth: String, configuration file: String?, settings: [String], features: String?, console: Console
    ) throws {
        var configuration = try RunConfiguration.load(over: JudgedScreen.defaults, file: file, settings: settings)
        configuration.input = truth
        if let features { configuration.features = features }
        self.configuration = configuration
        self.console = console
    }

    /// What is judged, and by what.
    public struct Request {
        /// Predictions, or tables that list them; none judges the baselines alone.
        public var predictions: [String] = []
        /// A split of the screen; nil where training cells lie in a file of their own.
        public var split: String?
        /// Training cells where they lie in a file of their own.
        public var training: String?
        /// Treatments that are judged: obs column of the truth → values allowed.
        public var judged: [String: [String]] = [:]
        /// The fold of predictions that no table tells it of.
        public var fold = 1
        /// The division of controls that models have seen, for predictions that no table tells it of; nil: all of them.
        public var division: Int?
        /// Folds that are judged where there are no predictions; empty: all.
        public var folds: [Int] = []
        public var usesDisjointControls = true
        public var usesSharedControls = true
        public var comparesCells = true

        public init() {}
    }

    /// What is written beside the tables, as JSON.
    struct Record: Encodable {
        static let currentSchema = 2
        var schema = Record.currentSchema
        var provenance: [String: String]
        var evaluation: PredictionEvaluation
    }

    /// Scores to `output`, the summary to `NAME.summary.tsv` and everything to `NAME.json` beside it.
    public func evaluate(_ request: Request, to output: String) throws -> String {
        console.begin("evaluate")
        var truth = configuration
        truth.screen.where.merge(request.judged) { $1 }
        let judged = try JudgedScreen(
            configuration.input, configuration: truth, requiresControls: request.training == nil)
        judged.notices.forEach { console.detail($0.message) }
        var provenance = [
            "version": Build.version, "truth": judged.digest,
            "configuration": Fingerprint.of(configuration.withoutPaths),
        ]
        let files = try PredictionFile.listed(
            request.predictions, fold: request.fold, controls: request.division.map { .disjoint($0) } ?? .shared)
        for file in files { provenance["prediction \(file.fold) \(file.model) \(file.controls)"] = try digest(file) }
        var builder = EvaluationBuilder(
            comparing: request.comparesCells ? judged.screen.expression : nil, seed: configuration.seed)
        let trials = try trials(request, judged.screen, files, provenance: &provenance)
        for (order, trial) in trials.enumerated() {
            let made = try trial()
            let models = try Dictionary(
                grouping: files.filter { $0.fold == made.fold && $0.controls == made.controls }, by: \.model
            ).sorted { $0.key < $1.key }.map { name, files in
                ModelAnswers(
                    name: name,
                    predictions: try files.reduce(into: [:]) { all, file in
                        all.merge(try file.answers(for: made.test)) { first, _ in first }
                    })
            }
            if let silent = models.first(where: { $0.predictions.isEmpty }) {
                throw Failure(
                    code: "NO_PREDICTIONS", element: silent.name,
                    message:
                        "expected predictions of the test part of fold \(made.fold), found none for its treatments",
                    remedy: "predict the treatments that the split tests", exit: .badData)
            }
            let isFirst = made.controls == .shared || !request.usesSharedControls || !models.isEmpty
            builder.add(made, models: models, comparesCells: isFirst)
            console.advance(to: Double(order + 1) / Double(trials.count), "fold \(made.fold)")
        }
        let evaluation = builder.evaluation()
        let tables = EvaluationTables(evaluation)
        let summary = Self.summaryFile(beside: output)
        try OutputFile.write(tables.scores, to: output)
        try OutputFile.write(tables.summary, to: summary)
        try OutputFile.write(
            CanonicalJSON.encode(Record(provenance: provenance, evaluation: evaluation), pretty: true),
            to: Self.recordFile(beside: output))
        evaluation.notes.forEach { console.note($0) }
        console.end("\(Set(evaluation.scores.map(\.predictor)).count) predictors")
        return tables.overview
    }

    private static func stem(_ output: String) -> String {
        output.hasSuffix(".tsv") ? String(output.dropLast(4)) : output
    }
    public static func summaryFile(beside output: String) -> String { stem(output) + ".summary.tsv" }
    public static func recordFile(beside output: String) -> String { stem(output) + ".json" }

    private func digest(_ file: PredictionFile) throws -> String {
        try Fingerprint.ofFile(file.path)
    }

    /// Trials one after the other, so that one at a time is in memory.
    private func trials(
        _ request: Request, _ screen: PerturbationScreen, _ files: [PredictionFile],
        provenance: inout [String: String]
    ) throws -> [() throws -> PredictionTrial] {
        if let path = request.training {
            let training = try JudgedScreen(path, configuration: configuration)
            provenance["training"] = training.digest
            guard training.screen.genes == screen.genes else {
                throw Failure(
                    code: "SHAPE_MISMATCH", file: path, element: "/var",
                    message:
                        "expected the \(screen.genes.count) genes of the truth, found \(training.screen.genes.count)",
                    remedy: "give both files with the same genes in the same order", exit: .badData)
            }
            return [{ PredictionTrial(training: training.screen, test: screen) }]
        }
        guard let path = request.split else {
            throw Failure(
                code: "USAGE", element: "--split", message: "expected a split, or training cells, found neither",
                remedy: "make a split with `interventome split`, or give --training", exit: .wrongUsage)
        }
        let split = try SplitFile.read(path)
        provenance["split"] = Fingerprint.of(split.text)
        var uses: [(Int, ControlUse)] = []
        if files.isEmpty {
            for fold in request.folds.isEmpty ? Array(1...max(1, split.folds)) : request.folds {
                if request.usesSharedControls { uses.append((fold, .shared)) }
                if request.usesDisjointControls { uses += split.disjointUses.map { (fold, $0) } }
            }
        } else {
            for file in files where !uses.contains(where: { $0 == (file.fold, file.controls) }) {
                uses.append((file.fold, file.controls))
            }
        }
        return uses.map { fold, use in
            {
                try reading(path) { try PredictionTrial(screen, split: split, fold: fold, controls: use) }
            }
        }
    }
}

/// A split on disk.
enum SplitFile {
    static func read(_ path: String) throws -> SplitTable {
        guard let data = FileManager.default.contents(atPath: path) else { throw Failure.unreadable(path) }
        return try reading(path) { try SplitTable(parsing: String(decoding: data, as: UTF8.self), file: path) }
    }
}
