import AnnotatedData
import Foundation
import Formats
import Interventions
import Preprocessing
import Screens

/// Everything that decides what a run computes. The user's YAML is laid over these defaults, `--set` over both.
public struct RunConfiguration: Codable, Sendable, Equatable {
    /// The title of the report; the name of the input where empty.
    public var title = ""
    /// The screen: a file that `inspect` can read. Relative paths begin at the configuration's folder.
    public var input = ""
    /// A table with one row a perturbation: numeric features, or a `smiles` column. Without it only perturbations of the
    /// screen can be predicted.
    public var features: String?
    /// What is known to be true, for comparison only: an edge table (`source target`), or the `truth.json` of
    /// `simulate screen`.
    public var truth: String?
    /// Decides every random choice of the run.
    public var seed: UInt64 = 0
    public var read = ReadingOptions()
    public var screen = ScreenOptions()
    /// Which perturbations are held out: never seen in training, predicted and compared with what was measured.
    public var split = Split()
    public var preprocess = RunConfiguration.panel
    public var structure = StructureOptions()
    public var fit = FitOptions()
    public var predict = PredictionOptions()

    public init() {}

    /// Models take a panel of genes, not a transcriptome.
    private static var panel: PreprocessingOptions {
        var options = PreprocessingOptions()
        options.topGenes = 50
        return options
    }

    /// How the network of genes is predicted.
    public struct StructureOptions: Codable, Sendable, Equatable {
        /// The name of weights that ship (`weights list`), or a file.
        public var weights = "pairwise"
        /// At most this many cells of each treatment are looked at, drawn at random; nil takes all.
        public var cellsPerContext: Int?

        public init() {}
    }

    /// What is predicted.
    public struct PredictionOptions: Codable, Sendable, Equatable {
        /// Cells drawn for each perturbation and dose.
        public var cells = 100

        public init() {}
    }

    /// Reads a configuration file and lays it and the settings over the defaults; paths become absolute.
    public static func load(file: String, settings: [String] = []) throws(Failure) -> RunConfiguration {
        guard let data = FileManager.default.contents(atPath: file) else { throw .unreadable(file) }
        guard let text = String(data: data, encoding: .utf8) else {
            throw .configuration(
                file: file, element: nil, message: "expected UTF-8 text", remedy: "save the file as UTF-8")
        }
        var tree = ConfigurationTree(encoding: RunConfiguration())
            .overlaid(with: try ConfigurationTree(yaml: text, file: file))
        for setting in settings { tree = tree.overlaid(with: try ConfigurationTree(setting: setting)) }
        var result = try ConfigurationDecoder.decode(RunConfiguration.self, from: tree, file: file)
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        func absolute(_ path: String) -> String {
            URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL.path
        }
        guard !result.input.isEmpty else {
            throw .configuration(
                file: file, element: "input", message: "expected the path of a screen, found nothing",
                remedy: "add `input: screen.h5ad`")
        }
        result.input = absolute(result.input)
        result.features = result.features.map(absolute)
        result.truth = result.truth.map(absolute)
        return result
    }

    /// The defaults as YAML, to begin a configuration with.
    public static var defaultsAsYAML: String { ConfigurationTree(encoding: RunConfiguration()).yaml }
}
