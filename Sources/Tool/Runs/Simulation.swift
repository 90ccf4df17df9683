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

    /// A drug screen into a folder: counts (`screen.h5ad`), drug features (`features.tsv`), and what was planted
    /// (`truth.json`, `edges.tsv`).
    /// - Parameters:
    ///   - configuration: A YAML file of `DrugScreenOptions`, laid over the defaults.
    ///   - settings: `key=value`, laid over both.
    public static func drugScreen(
        configuration: String? = nil, settings: [String] = [], seed: UInt64, output: String
    ) throws {
        let options = try merged(DrugScreenOptions(), configuration, settings)
        try options.validate()
        let screen = SimulatedDrugScreen(options: options, stream: RandomStream(seed: seed).stream("simulation/screen"))
        try filling(output) { folder in
            try writeH5AD(screen.cells, to: folder.appending(file: screenFile))
            let table = AnnotationTable(
                names: screen.features.perturbations,
                columns: screen.features.features.enumerated().map { place, name in
                    .init(name: name, values: .floats(screen.features.values.column(place).map(Double.init)))
                })
            try writeTable(table, to: folder.appending(file: featuresFile), namesColumn: "perturbation")
            try OutputFile.fill(
                folder.appending(file: truthFile), with: CanonicalJSON.encode(screen.truth, pretty: true))
            try writeEdges(screen.truth.edges, folder)
        }
    }

    /// Cells of a structural causal model into a folder: values and interventions (`data.h5ad`), and the truth
    /// (`truth.json`, `edges.tsv`).
    /// - Parameters:
    ///   - configuration: A YAML file of `CausalWorldOptions`, laid over the defaults.
    ///   - settings: `key=value`, laid over both.
    public static func causalModel(
        configuration: String? = nil, settings: [String] = [], seed: UInt64, output: String
    ) throws {
        let options = try merged(CausalWorldOptions(), configuration, settings)
        try options.validate()
        let stream = RandomStream(seed: seed).stream("simulation/scm")
        let sample = CausalWorld(options: options, stream: stream.stream("world")).sample(
            observational: options.observationalCells, interventional: options.interventionalCells,
            stream: stream.stream("cells"))
        try filling(output) { folder in
            try writeH5AD(sample.annotated, to: folder.appending(file: "data.h5ad"))
            try OutputFile.fill(
                folder.appending(file: truthFile), with: CanonicalJSON.encode(sample.truth, pretty: true))
            try writeEdges(sample.truth.edges, folder)
        }
    }

    private static func merged<Options: Codable>(
        _ defaults: Options, _ file: String?, _ settings: [String]
    ) throws -> Options {
        try ConfigurationDecoder.decode(
            Options.self, from: ConfigurationTree(defaults: defaults, file: file, settings: settings), file: file)
    }

    private static func writeEdges(_ edges: [WorldTruth.Edge], _ folder: String) throws {
        let lines = edges.map { "\($0.source)\t\($0.target)\t\($0.weight.map { "\($0)" } ?? "")" }
        let text = (["source\ttarget\tweight"] + lines).joined(separator: "\n") + "\n"
        try OutputFile.fill(folder.appending(file: "edges.tsv"), with: Data(text.utf8))
    }

    /// Has `body` fill a scratch folder that then becomes `output`.
    static func filling(_ output: String, _ body: (_ folder: String) throws -> Void) throws {
        let url = URL(fileURLWithPath: output)
        let scratch = url.deletingLastPathComponent().appendingPathComponent(".partial-\(url.lastPathComponent)").path
        let manager = FileManager.default
        try Interruption.guarding(scratch) {
            try? manager.removeItem(atPath: scratch)
            do {
                try manager.createDirectory(atPath: scratch, withIntermediateDirectories: true)
            } catch {
                throw Failure.unwritable(output)
            }
            defer { try? manager.removeItem(atPath: scratch) }
            try body(scratch)
            try OutputFile.refuseForeignFolder(output)
            try? manager.removeItem(atPath: output)
            guard rename(scratch, output) == 0 else { throw Failure.unwritable(output) }
        }
    }
}
