import AnnotatedData
import Formats
import Foundation
import Graphs
import Probability
import Screens
import Simulators

/// Data with known truth, as files.
public enum Simulation {
    /// Files that `screen` writes.
    public static let screenFile = "screen.h5ad"
    public static let featuresFile = "features.tsv"
    public static let truthFile = "truth.json"
    /// Of a screen with a test: its cells, and their treatments as `predict` takes them.
    public static let testFile = "test.h5ad"
    public static let testTreatmentsFile = "test.tsv"
    /// A published distribution of drug screens.
    public typealias ScreenPreset = DrugScreenPreset
    /// A published distribution of structural causal models.
    public typealias Preset = WorldPreset

    /// A drug screen into a folder: cells (`screen.h5ad`), drug features (`features.tsv`), and what was planted
    /// (`truth.json`, `edges.tsv`); where it has a test, that too (`test.h5ad`, `test.tsv`).
    /// - Parameters:
    ///   - preset: The published distribution that takes the place of the defaults.
    ///   - configuration: A YAML file of `DrugScreenOptions`, laid over the preset.
    ///   - settings: `key=value`, laid over both.
    public static func drugScreen(
        preset: ScreenPreset? = nil, configuration: String? = nil, settings: [String] = [], seed: UInt64, output: String
    ) throws {
        let defaults = preset.map(DrugScreenOptions.preset) ?? DrugScreenOptions()
        let options = try merged(defaults, configuration, settings)
        do {
            try options.validate()
        } catch {
            throw configuration.map { Failure(reporting: error).located(inConfiguration: $0) } ?? error
        }
        let screen = SimulatedDrugScreen(options: options, stream: RandomStream(seed: seed).stream("simulation/screen"))
        try SimulationError.demand(
            screen.isFinite, "weights", "weights with which values stay within single precision", options.weights)
        try filling(output) { folder in
            try writeH5AD(screen.cells, to: folder.appending(file: screenFile))
            try writeTable(
                AnnotationTable(screen.features), to: folder.appending(file: featuresFile), namesColumn: "perturbation")
            if let test = screen.test {
                try writeH5AD(test, to: folder.appending(file: testFile))
                try writeTable(
                    screen.testTreatments, to: folder.appending(file: testTreatmentsFile), namesColumn: "perturbation")
            }
            try OutputFile.fill(
                folder.appending(file: truthFile), with: CanonicalJSON.encode(screen.truth, pretty: true))
            try writeEdges(screen.truth.edges, folder)
        }
    }

    /// Cells of structural causal models into a folder: values and interventions (`data.h5ad`), and the truth
    /// (`truth.json`, `edges.tsv`); of several datasets each into a folder of its own below it.
    /// - Parameters:
    ///   - preset: The published distribution that takes the place of the defaults.
    ///   - configuration: A YAML file of `CausalWorldOptions`, laid over the defaults.
    ///   - settings: `key=value`, laid over both.
    ///   - datasets: How many; number k is the same whatever their number.
    public static func causalModel(
        preset: Preset? = nil, configuration: String? = nil, settings: [String] = [], datasets: Int = 1,
        seed: UInt64, output: String
    ) throws -> Cost {
        let defaults = preset.map(CausalWorldOptions.preset) ?? CausalWorldOptions()
        let options = try merged(defaults, configuration, settings)
        let networks = try KnownNetworks.load(for: options.graphs)
        do {
            try options.validate(networks: networks)
        } catch {
            throw configuration.map { Failure(reporting: error).located(inConfiguration: $0) } ?? error
        }
        let stream = RandomStream(seed: seed).stream("simulation/scm")
        return try writing(datasets, to: output) { number in
            let own = stream.stream(number)
            return CausalWorld(options: options, networks: networks, stream: own.stream("world")).sample(
                stream: own.stream("cells"))
        } write: { sample, folder in
            try writeH5AD(sample.annotated, to: folder.appending(file: "data.h5ad"))
            let truth = sample.truth
            try OutputFile.fill(folder.appending(file: truthFile), with: CanonicalJSON.encode(truth, pretty: true))
            try writeEdges(truth.edges, folder)
        }
    }

    /// What simulated datasets cost.
    public struct Cost: Codable, Sendable, Equatable {
        public let datasets: Int
        /// Processor time spent on drawing them, without writing, in the median dataset.
        public let secondsADataset: Double
    }

    /// Draws and writes datasets: one into the folder itself, several into folders `dataset1`, `dataset2`, … below it, which
    /// `datasets.json` lists.
    static func writing<Dataset>(
        _ datasets: Int, to output: String, draw: (_ number: Int) throws -> Dataset,
        write: (Dataset, _ folder: String) throws -> Void
    ) throws -> Cost {
        let digits = String(datasets).count
        let names = (1...datasets).map { number in
            "dataset" + String(repeating: "0", count: digits - String(number).count) + String(number)
        }
        var seconds: [Double] = []
        try filling(output) { folder in
            for (number, name) in names.enumerated() {
                let start = processorTime()
                let dataset = try draw(number)
                seconds.append(Double(processorTime() - start) * 1e-9)
                let own = datasets == 1 ? folder : folder.appending(file: name)
                try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
                try write(dataset, own)
            }
            if datasets > 1 {
                try OutputFile.fill(
                    folder.appending(file: OutputFile.datasetsFile), with: CanonicalJSON.encode(names, pretty: true))
            }
        }
        return Cost(datasets: datasets, secondsADataset: seconds.sorted()[datasets / 2])
    }

    /// Processor time of this thread, in nanoseconds.
    private static func processorTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    static func merged<Options: Codable>(
        _ defaults: Options, _ file: String?, _ settings: [String]
    ) throws -> Options {
        try ConfigurationDecoder.decode(
            Options.self, from: ConfigurationTree(defaults: defaults, file: file, settings: settings), file: file)
    }

    static func writeEdges(_ edges: [WorldTruth.Edge], _ folder: String) throws {
        let lines = edges.map { "\($0.source)\t\($0.target)\t\($0.weight.map { "\($0)" } ?? "")" }
        let text = (["source\ttarget\tweight"] + lines).joined(separator: "\n") + "\n"
        try OutputFile.fill(folder.appending(file: "edges.tsv"), with: Data(text.utf8))
    }

    /// Has `body` fill a scratch folder that then becomes `output`.
    static func filling(_ output: String, _ body: (_ folder: String) throws -> Void) throws {
        try OutputFile.whole(output) { folder in
            guard mkdir(folder, 0o777) == 0 else { throw Failure.unwritable(output) }
            try body(folder)
        }
    }
}
