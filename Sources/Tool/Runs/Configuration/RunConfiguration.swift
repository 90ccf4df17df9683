import AnnotatedData
import Explanations
import Foundation
import Formats
import Interventions
import Preprocessing
import ScreenModels
import Screens
import Structure

/// Everything that decides what a run computes. The user's YAML is laid over these defaults, `--set` over both.
public struct RunConfiguration: Codable, Sendable, Equatable {
    /// The title of the report; the name of the input where empty.
    public var title = ""
    /// The screen: a file that `inspect` can read. Relative paths begin at the configuration's folder.
    public var input = ""
    /// A table with one row a perturbation: numeric features, or a `smiles` column. Without it only perturbations of the
    /// screen can be predicted.
    public var features: String?
    public var featureColumns = FeatureOptions()
    /// What is known to be true, for comparison only: an edge table (`source target`), or the `truth.json` of
    /// `simulate screen`.
    public var truth: String?
    /// Decides every random choice of the run but the split, which has a seed of its own: models of different seeds are
    /// judged by the same cells.
    public var seed: UInt64 = 0
    public var read = ReadingOptions()
    public var screen = ScreenOptions()
    /// How features that are guides say who was perturbed by what; without a method they stay features.
    public var guides = RunConfiguration.unassignedGuides
    /// Which perturbations are held out: never seen in training, predicted and compared with what was measured.
    public var split = Split()
    public var preprocess = RunConfiguration.panel
    public var structure = StructureStage()
    public var fit = FitStage()
    public var predict = PredictionStage()
    public var explain = ExplanationStage()

    public init() {}

    /// Models take a panel of genes, not a transcriptome.
    private static var panel: PreprocessingOptions {
        var options = PreprocessingOptions()
        options.topGenes = 50
        return options
    }

    /// Cells of which guides say nothing for sure are left out, once guides are assigned.
    private static var unassignedGuides: GuideOptions {
        var options = GuideOptions()
        options.method = nil
        options.labelsEveryCell = false
        return options
    }

    /// How the network of genes is predicted.
    public struct StructureStage: Codable, Sendable, Equatable {
        /// The name of weights that ship (`weights list`), or a file.
        public var weights = Weights.standard
        /// Genes read at once; 0 takes 500, or the largest panel of the training where the weights read cell by cell. Larger
        /// panels are read in overlapping subsets.
        public var genesAtOnce = 0
        /// In how many subsets each pair of genes appears at least.
        public var coverage = 1
        /// Cells read at most, drawn at random beyond, within each intervention; 0 takes as many as the weights read in
        /// reasonable time and memory.
        public var cellsAtMost = 0
        /// How often the cells are drawn anew to tell how far the probabilities depend on them, 20 times or more; 0 leaves it
        /// out.
        public var resamples = 0

        public init() {}

        /// Why cells can't be drawn anew so often; nil where they can.
        public static func refusal(ofResamples count: Int) -> String? {
            if count == 0 || (20...10_000).contains(count) { return nil }
            let reason = (1..<20).contains(count) ? ": fewer hold no 5 % quantile" : ""
            return "expected 20 to 10000, or 0 for none, found \(count)\(reason)"
        }

        func options(seed: UInt64) -> StructureOptions {
            var options = StructureOptions()
            options.genesAtOnce = genesAtOnce
            options.coverage = coverage
            options.cellsAtMost = cellsAtMost
            options.resamples = resamples
            options.seed = seed
            return options
        }
    }

    /// How the causal model is fitted.
    public struct FitStage: Codable, Sendable, Equatable {
        public enum Method: String, Codable, Sendable, CaseIterable {
            /// Graphs, targets and mechanisms from marginal likelihoods, features told from effects.
            case responses
            /// The published form: one network from features to interventions, by gradients.
            case published
        }

        public var method = Method.responses
        /// What is known of regulation, lines `regulator target effect`: a file, or the name of a network that ships. Its edges
        /// get higher odds before the cells are looked at.
        public var network: String?
        /// By how much: the odds of an edge of the network are taken times this, 1 or more.
        public var networkOddsFactor = 20.0
        /// Of `method: responses`: an amortised model reads mechanisms off control cells, and these are the prior means of the
        /// fit's own. Half of the control cells, 400 at most, then tell nothing else, so that none counts twice.
        public var priorMechanisms = false
        /// Of `method: responses`.
        public var responses = ScreenModelOptions()
        /// Of `method: published`.
        public var published = FitOptions()

        public init() {}

        /// Graphs with mechanisms over which predictions average.
        var ensembleSize: Int { method == .responses ? responses.draws : published.ensembleSize }
    }

    /// What is predicted.
    public struct PredictionStage: Codable, Sendable, Equatable {
        /// Cells drawn for each perturbation and dose; nil: as many as controls were seen of their kind, so that each is moved
        /// once.
        public var cells: Int? = 100

        public init() {}
    }

    /// What explanations are asked beside what the model says.
    public struct ExplanationStage: Codable, Sendable, Equatable {
        /// Causes that nobody measured, such as a batch or the state of a cell: name → genes on which they may act, or none for
        /// all genes. Effects are then told apart by whether the cells at hand can tell them from these.
        public var hidden: [String: [String]] = [:]
        /// Graphs of the model, at most, on which measured control cells are followed to what they would have been under each
        /// perturbation at its highest dose; 0 leaves it out.
        public var counterfactualGraphs = 8

        public init() {}

        var causes: [HiddenCause] {
            hidden.sorted { $0.key < $1.key }.map { HiddenCause(name: $0.key, genes: $0.value) }
        }
    }

    /// Reads a configuration file and lays it and the settings over the defaults; paths become absolute.
    public static func load(file: String, settings: [String] = []) throws(Failure) -> RunConfiguration {
        let result = try load(over: RunConfiguration(), file: file, settings: settings)
        guard !result.input.isEmpty else {
            throw .configuration(
                file: file, element: "input", message: "expected the path of a screen, found nothing",
                remedy: "add `input: screen.h5ad`")
        }
        return result
    }

    /// The same over other defaults; relative paths begin at the file's folder, or where there is none at the current one.
    public static func load(
        over defaults: RunConfiguration, file: String?, settings: [String]
    ) throws(Failure) -> RunConfiguration {
        let tree = try ConfigurationTree(defaults: defaults, file: file, settings: settings)
        var result = try ConfigurationDecoder.decode(RunConfiguration.self, from: tree, file: file)
        let folder = file.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        func absolute(_ path: String) -> String {
            URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL.path
        }
        if !result.input.isEmpty { result.input = absolute(result.input) }
        result.features = result.features.map(absolute)
        result.truth = result.truth.map(absolute)
        result.split.file = result.split.file.map(absolute)
        result.fit.network = result.fit.network.map { KnownNetworks.file($0) == $0 ? absolute($0) : $0 }
        do {
            try result.checkRanges()
        } catch {
            throw file.map { error.located(inConfiguration: $0) } ?? error
        }
        return result
    }

    /// How labels are read: once guides are assigned, from the column that says what they are.
    var labels: ScreenOptions {
        var options = screen
        if guides.method != nil, options.perturbationColumn == nil {
            options.perturbationColumn = GuideLabelling.perturbationColumn
        }
        return options
    }

    /// What decides the results, without where the files lie.
    var withoutPaths: RunConfiguration {
        var result = self
        result.input = URL(fileURLWithPath: input).lastPathComponent
        result.features = features.map { URL(fileURLWithPath: $0).lastPathComponent }
        result.truth = truth.map { URL(fileURLWithPath: $0).lastPathComponent }
        result.split.file = split.file.map { URL(fileURLWithPath: $0).lastPathComponent }
        result.fit.network = fit.network.map { URL(fileURLWithPath: $0).lastPathComponent }
        return result
    }

    /// The defaults as YAML, every known key among them, to begin a configuration with.
    public static func defaultsAsYAML() throws(Failure) -> String {
        try ConfigurationDecoder.completeTree(of: RunConfiguration()).yaml
    }
}
