import AnnotatedData
import Chemistry
import Formats
import Foundation
import Screens

/// The verb `split`: which treatments of a screen are for the test, as a file.
public struct SplitJob {
    public typealias Plan = SplitPlan

    private let configuration: RunConfiguration
    private let console: Console

    public init(
        input: String, configuration file: String?, settings: [String], features: String?, console: Console
    ) throws {
        var configuration = try RunConfiguration.load(over: JudgedScreen.defaults, file: file, settings: settings)
        configuration.input = input
        if let features { configuration.features = features }
        self.configuration = configuration
        self.console = console
    }

    /// What `split --json` prints.
    public struct Summary: Encodable {
        let split: String
        let by: String
        let folds: Int
        let treatments: Int
        let tested: Int
        let sha256: String

        public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }
    }

    public func split(_ plan: SplitPlan, to output: String) throws -> Summary {
        console.begin("split")
        let (design, data) = try JudgedScreen.design(configuration.input, configuration: configuration)
        let scaffolds = plan.by == .scaffold ? try self.scaffolds(of: design, data.cells) : nil
        let table = try reading(configuration.input) { try plan.table(of: design, scaffolds: scaffolds) }
        try OutputFile.write(table.text, to: output)
        let tested = table.rows.count { $0.testIn != nil }
        console.end("\(table.folds) folds, \(tested) of \(table.rows.count) treatments are tested")
        return Summary(
            split: output, by: table.description, folds: table.folds, treatments: table.rows.count, tested: tested,
            sha256: Fingerprint.of(table.text))
    }

    /// The scaffold of every perturbation whose structure the table of features, or the screen, holds.
    private func scaffolds(of design: PerturbationScreen, _ cells: AnnotationTable) throws -> [String: String] {
        var structures: [String: String] = [:]
        func take(_ names: [String?], _ smiles: [String?]) {
            for (name, text) in zip(names, smiles) {
                if let name, let text, !text.isEmpty, structures[name] == nil { structures[name] = text }
            }
        }
        if let path = configuration.features {
            let options = configuration.featureColumns
            let table = try reading(path) { try readTable(path) }
            let column = options.smilesColumn ?? "smiles"
            let names =
                options.perturbationColumn.flatMap { table[$0]?.labels }
                ?? ["perturbation", "drug", "compound"].lazy.compactMap { table[$0]?.labels }.first ?? table.names
            if let smiles = table[column]?.labels { take(names, smiles) }
        }
        if structures.isEmpty, let smiles = cells["smiles"]?.labels {
            take(design.contextOfCell.map { design.contexts[$0].perturbation }, smiles)
        }
        guard !structures.isEmpty else {
            throw Failure(
                code: "NO_SMILES", file: configuration.features ?? configuration.input, element: "smiles",
                message: "expected structures of the perturbations for a split by scaffold, found none",
                remedy: "give a table with a column smiles by --features", exit: .badData)
        }
        var scaffolds: [String: String] = [:]
        for name in design.perturbations {
            guard let smiles = structures[name] else { continue }
            scaffolds[name] = try reading(configuration.features ?? configuration.input) {
                try Molecule(smiles: smiles).scaffold()
            }
        }
        return scaffolds
    }
}
