import AnnotatedData
import Formats
import Foundation
import Generators
import Identification
import Probability
import Sampling

/// The verb `sample`: draws from an identifiable interventional distribution (ID-GEN).
public struct SamplingJob {
    /// What the user asks for.
    public struct Request: Sendable {
        /// `P(y | do(x=1.5), z=0)`.
        public var query: String
        /// Of each setting.
        public var draws = 1000
        /// A table of settings, one a row.
        public var settings: String?
        public var seed: UInt64 = 0
        /// `NODE=scalar`, `category` or `counts`.
        public var kinds: [String] = []
        /// `NODE=COLUMN,COLUMN,…`.
        public var modules: [String] = []
        public var generator: String?
        /// Rows of nested steps are drawn and learnt from again, with all predecessors as inputs, as in the paper.
        public var isLiteral = false
        public var allowsExtrapolation = false
        public var smallestEffectiveRows = SamplingOptions().smallestEffectiveRows

        public init(query: String) { self.query = query }
    }

    /// A network with the columns that its vectors have in files.
    public struct Trained {
        let network: SamplingNetwork
        let modules: [String: [String]]
        let notes: [String]
    }

    private let request: Request
    private let console: Console
    private let query: CausalQuery

    public init(_ request: Request, console: Console) throws {
        self.request = request
        self.console = console
        do { query = try CausalQuery(parsing: request.query) } catch { throw Failure(reporting: error) }
    }

    public static let generators = GeneratorForm.allCases.filter { $0 != .resampling }.map(\.rawValue)

    // MARK: Training

    /// - Returns: nil where the effect is not identifiable; `findings` says why.
    public func train(
        graph: String, latent: [String], data: String, findings: (IdentificationFindings) -> Void
    ) throws -> Trained? {
        let identification = try IdentificationJob(graph: graph, latent: latent, selected: [])
        let found = try identification.answer(request.query, experiments: [])
        guard found.isIdentifiable else {
            findings(found)
            return nil
        }
        var notes = identification.notes
        let diagram = identification.diagram
        let derivation = try reading(graph) { try diagram.identify(query).derivation }
        let wishes = try wishes(names: diagram.names)
        console.begin("read")
        let file = try NodeFile.read(data, names: diagram.names + diagram.latents.sorted(), wishes: wishes)
        notes += file.notes
        console.end("\(file.table.rows) rows of \(file.table.columns.count) nodes")
        return try reading(data) {
            try derivation.check(file.table)
            // Nodes that the answer does without may have no column.
            let nodes = diagram.names.map { Node($0, file.table.columns[$0]?.kind ?? .scalar) }
            console.begin("train")
            let network = try SamplingNetwork.trained(
                derivation, outcomes: query.outcomes, nodes: nodes, table: file.table, options: options,
                stream: RandomStream(seed: request.seed).stream("sample/train"))
            console.end("\(network.models.count) models")
            try network.checkOverlap(smallest: request.smallestEffectiveRows)
            notes += Self.warnings(network.diagnostics, smallest: request.smallestEffectiveRows)
            return Trained(network: network, modules: wishes.modules, notes: notes)
        }
    }

    private var options: SamplingOptions {
        var options = SamplingOptions()
        options.isInlined = !request.isLiteral
        options.usesPillows = !request.isLiteral
        options.generators.form = request.generator.flatMap(GeneratorForm.init(rawValue:))
        return options
    }

    private func wishes(names: [String]) throws -> NodeFile.Wishes {
        var wishes = NodeFile.Wishes()
        func parts(_ text: String, _ option: String) throws -> (String, String) {
            guard let sign = text.firstIndex(of: "="), names.contains(String(text[..<sign])) else {
                throw Failure(
                    code: "USAGE", element: text, message: "expected a node of the graph and = in \(option)",
                    remedy: "write \(option) NODE=…", exit: .wrongUsage)
            }
            return (String(text[..<sign]), String(text[text.index(after: sign)...]))
        }
        for text in request.kinds {
            let (name, kind) = try parts(text, "--kind")
            guard ["scalar", "category", "counts"].contains(kind) else {
                throw Failure(
                    code: "USAGE", element: text, message: "expected scalar, category or counts, found \(kind)",
                    remedy: "correct --kind", exit: .wrongUsage)
            }
            wishes.kinds[name] = kind
        }
        for text in request.modules {
            let (name, columns) = try parts(text, "--module")
            wishes.modules[name] = try CausalQuery.names(parsing: columns)
        }
        return wishes
    }

    /// What of the diagnostics asks for attention.
    private static func warnings(_ diagnostics: SamplingDiagnostics, smallest: Double) -> [String] {
        func short(_ value: Double) -> String { String(format: "%.3g", value) }
        var notes: [String] = []
        for model in diagnostics.models {
            if let overlap = model.overlap, overlap.effectiveRows < 5 * smallest {
                notes.append(
                    "\(model.node) was learnt from \(short(overlap.effectiveRows)) effective rows of \(overlap.rows).")
            }
            if model.marginDistance > max(0.05, 4 * model.marginNoise) {
                notes.append(
                    "Draws of \(model.node) are \(short(model.marginDistance)) off its rows, where chance makes "
                        + "\(short(model.marginNoise)).")
            }
        }
        for invariance in diagnostics.models.flatMap(\.invariances) + diagnostics.free
        where invariance.spread > 2 * invariance.chance + 0.05 {
            notes.append(
                "\(invariance.of) depends on \(invariance.value) by \(short(invariance.spread)), on which it should not: "
                    + "a model is off, or the graph is wrong.")
        }
        for check in diagnostics.independence where check.correlation > check.bound {
            notes.append(
                "\(check.set.joined(separator: ", ")) and \(check.earlier.joined(separator: ", ")) correlate by "
                    + "\(short(check.correlation)) in rows drawn on the way, which they should not.")
        }
        return notes
    }

    // MARK: Saved networks

    public func save(_ trained: Trained, to folder: String) throws {
        let modules = String(decoding: CanonicalJSON.encode(trained.modules), as: UTF8.self)
        try OutputFile.whole(folder) { scratch in
            try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: false)
            try trained.network.write(to: scratch, notes: ["query": query.text, "modules": modules])
        }
    }

    /// A network of the same outcomes, treatments and conditions as the query's.
    public func load(_ folder: String) throws -> Trained {
        try reading(folder) {
            let (network, notes) = try SamplingNetwork.read(from: folder)
            let saved = try CausalQuery(parsing: notes["query"] ?? "")
            guard Set(saved.outcomes) == Set(query.outcomes), Set(saved.treatments) == Set(query.treatments),
                Set(saved.conditions) == Set(query.conditions)
            else {
                throw Failure(
                    code: "MISMATCH", file: folder, element: query.text,
                    message: "expected the query that the network was trained for, \(saved.text)",
                    remedy: "ask that query with other values, or train a network for this one", exit: .badData)
            }
            let data = Data((notes["modules"] ?? "{}").utf8)
            let modules = (try? JSONDecoder().decode([String: [String]].self, from: data)) ?? [:]
            return Trained(network: network, modules: modules, notes: [])
        }
    }

    // MARK: Drawing

    /// Draws and writes them; the ending of `output` tells the format.
    public func sample(_ trained: Trained, to output: String) throws -> SamplingSummary {
        let network = trained.network
        let settings = try EffectSettings(query, table: request.settings, network: network, modules: trained.modules)
        try reading(request.settings ?? "the query") {
            try network.check(settings.table, allowsExtrapolation: request.allowsExtrapolation)
        }
        console.begin("draw")
        let drawn = network.sample(
            at: settings.table, draws: request.draws, stream: RandomStream(seed: request.seed).stream("sample/draw"))
        let file = DrawnTable(drawn, network: network, query: query, modules: trained.modules)
        try OutputFile.whole(output) { try file.write(to: $0, query: query.text, seed: request.seed) }
        console.end("\(drawn.rows) rows")
        trained.notes.forEach(console.note)
        return SamplingSummary(
            query: query.text, output: output, settings: settings.table.rows, draws: request.draws,
            models: network.models.count, diagnostics: network.diagnostics, notes: trained.notes)
    }
}

/// What `sample --json` prints.
public struct SamplingSummary: Encodable, Sendable {
    let identifiable = true
    let query: String
    let output: String
    let settings: Int
    /// Of each setting.
    let draws: Int
    /// Of the network; the diagnostics also tell of those trained on the way.
    let models: Int
    let diagnostics: SamplingDiagnostics
    let notes: [String]

    private enum CodingKeys: String, CodingKey {
        case identifiable, query, output, settings, draws, models, diagnostics, notes
    }

    public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }
}
