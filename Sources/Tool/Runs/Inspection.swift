import AnnotatedData
import Formats
import Foundation
import Preprocessing
import Screens

/// What a file holds: the answer of `inspect`, with the keys of its JSON.
public struct Inspection: Codable, Sendable, Equatable {
    public struct Column: Codable, Sendable, Equatable {
        public var name: String
        /// `category`, `string`, `integer`, `float` or `boolean`.
        public var kind: String
        public var levels: [String]?
    }

    public struct Scale: Codable, Sendable, Equatable {
        /// `undecided` where the data do not say.
        public var kind: String
        public var evidence: String
    }

    public struct Perturbations: Codable, Sendable, Equatable {
        public var column: String
        public var control: [String]
        public var labels: [String]
    }

    /// Where the measured genes stand on which perturbations are known to intervene.
    public struct Targets: Codable, Sendable, Equatable {
        /// Of obs: that of the perturbations where their labels are genes, or `layers/interventions`.
        public var column: String
        /// Perturbations with a measured target.
        public var perturbations: Int
    }

    public struct FeatureType: Codable, Sendable, Equatable {
        public var name: String
        public var count: Int
    }

    public var format: String
    public var cells: Int
    public var genes: Int
    /// Stored entries of the main matrix.
    public var stored: Int
    public var sum: Double
    public var layout: String
    public var dtype: String
    public var layers: [String]
    public var obs: [Column]
    public var `var`: [Column]
    public var firstCells: [String]
    public var firstGenes: [String]
    public var scale: Scale
    public var perturbation: Perturbations?
    public var dose: DoseFinding?
    public var targets: Targets?
    /// Where the file tells features of several types apart, by falling number.
    public var featureTypes: [FeatureType]?
    /// Features of the type of guides; nil where features have no types.
    public var guides: Int?
    public var notes: [Notice]
    /// With `--digest` only.
    public var nonzero: Int?
    public var lastCell: String?
    public var lastGene: String?
    /// SHA-256 of the dense cells × genes matrix: row-major little-endian float64, repeated entries summed.
    public var sha256: String?

    /// - Parameters:
    ///   - configuration: How the file is read, and where it says who was perturbed by what.
    ///   - digest: Also the figures that tell whether two files hold the same matrix.
    public static func of(
        file: String, configuration: RunConfiguration = .init(), digest: Bool = false
    ) throws -> Inspection {
        let source = try openAnnotated(file, options: configuration.read)
        return try reading(file) { try Inspection(source, screen: configuration.screen, digest: digest) }
    }

    /// Walks through the main matrix once.
    init(_ source: AnnotatedSource, screen: ScreenOptions = .init(), digest: Bool = false) throws {
        let annotation = source.annotation
        format = source.format.rawValue
        cells = annotation.cells.count
        genes = annotation.genes.count
        stored = source.x?.storedCount ?? 0
        sum = 0
        layout = source.layout
        dtype = source.dtype
        layers = source.layers.keys.sorted()
        obs = annotation.cells.columns.map(Column.init)
        `var` = annotation.genes.columns.map(Column.init)
        firstCells = Array(annotation.cells.names.prefix(5))
        firstGenes = Array(annotation.genes.names.prefix(5))
        notes = source.notices
        scale = Scale(kind: "undecided", evidence: "there is no main matrix")
        if let x = source.x {
            var walked = Walk(rows: x.rows, columns: x.columns, digest: digest)
            try x.forEachBlock { walked.add($0) }
            sum = walked.sum
            notes += walked.notices
            if digest { (nonzero, sha256) = (walked.nonzero, walked.digest?.text) }
            let finding = walked.evidence.finding.considering(annotation.unstructured)
            scale = Scale(kind: finding.scale?.rawValue ?? "undecided", evidence: finding.evidence)
        }
        if digest {
            lastCell = annotation.cells.names.last
            lastGene = annotation.genes.names.last
        }
        do {
            let labels = try CellLabels(annotation.cells, options: screen)
            let pairs = zip(labels.perturbations, labels.isControl)
            perturbation = Perturbations(
                column: labels.column, control: Set(pairs.filter(\.1).map(\.0)).sorted(),
                labels: Set(pairs.filter { !$0.1 }.map(\.0)).sorted())
            notes += labels.notices
            findDoses(labels, of: annotation.cells, options: screen)
            findTargets(of: annotation, layers: source.layers.keys.sorted(), options: screen)
        } catch {
            note(error)
        }
        countTypes(of: annotation.genes)
    }

    private mutating func note(_ error: ScreenError) {
        notes.append(Notice(code: error.code, message: "\(error.message); \(OptionNames.qualified(error.remedy))"))
    }

    private mutating func findDoses(_ labels: CellLabels, of cells: AnnotationTable, options: ScreenOptions) {
        do throws(ScreenError) {
            let notices: [Notice]
            (dose, notices) = try labels.doses(of: cells, options: options)
            notes += notices
        } catch {
            note(error)
        }
    }

    private mutating func findTargets(of annotation: AnnotatedMatrix, layers: [String], options: ScreenOptions) {
        guard let found = try? PerturbationScreen.knownTargets(of: annotation, options: options) else { return }
        if layers.contains("interventions"), options.targetColumn == nil, options.useKnownTargets {
            targets = Targets(column: "layers/interventions", perturbations: perturbation?.labels.count ?? 0)
        } else if let column = found.source {
            targets = Targets(column: column, perturbations: found.targets.count)
        }
    }

    private mutating func countTypes(of features: AnnotationTable) {
        guard let types = features["feature_types"]?.labels.compactMap(\.self), !types.isEmpty else { return }
        let counts = Dictionary(types.map { ($0, 1) }, uniquingKeysWith: +)
        featureTypes = counts.map { FeatureType(name: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
        guides = counts[GuideOptions().featureType] ?? 0
    }

    /// What one walk through the main matrix gathers.
    private struct Walk {
        var evidence: ScaleEvidence
        var sum = 0.0
        var nonzero = 0
        var digest: MatrixDigest?
        var notices: [Notice] = []

        init(rows: Int, columns: Int, digest: Bool) {
            evidence = ScaleEvidence(rows: rows, columns: columns)
            self.digest = digest ? MatrixDigest() : nil
        }

        mutating func add(_ block: MatrixBlock) {
            evidence.add(block)
            notices += block.notices
            sum += block.exact?.reduce(0, +) ?? block.matrix.sum
            guard digest != nil else { return }
            nonzero += block.matrix.storedValues.count { $0 != 0 }
            digest?.add(block)
        }
    }

    public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }

    public var text: String {
        func list(_ names: [String]) -> String {
            names.isEmpty ? "none" : names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
        }
        func describe(_ columns: [Column]) -> String {
            list(columns.map { "\($0.name) (\($0.kind)\($0.levels.map { ", \($0.count) levels" } ?? ""))" })
        }
        var lines = [
            "format        \(format), \(layout), \(dtype)",
            "cells         \(cells) (\(list(Array(firstCells.prefix(3)))), …)",
            "genes         \(genes) (\(list(Array(firstGenes.prefix(3)))), …)",
            "stored        \(stored) entries, sum \(sum)",
            "layers        \(list(layers))",
            "obs           \(describe(obs))",
            "var           \(describe(`var`))",
            "scale         \(scale.kind): \(scale.evidence)",
        ]
        if let perturbation {
            lines.append(
                "perturbation  \(perturbation.column): \(perturbation.labels.count) labels (\(list(perturbation.labels)))"
            )
            lines.append("control       \(list(perturbation.control))")
        }
        if let dose {
            let values = list(dose.values.map { Int64(exactly: $0).map(String.init) ?? String($0) })
            lines.append("dose          \(dose.column): \(values)\(dose.unit.map { " \($0)" } ?? ", unit not given")")
        }
        if let targets {
            let count = perturbation?.labels.count ?? 0
            lines.append(
                "targets       \(targets.column): measured genes for \(targets.perturbations) of \(count) perturbations"
            )
        }
        if let featureTypes, featureTypes.count > 1 {
            lines.append("features      \(list(featureTypes.map { "\($0.name) (\($0.count))" }))")
        }
        if let guides, guides > 0 { lines.append("guides        \(guides) features") }
        return (lines + notes.map { "note          \($0.message)" }).joined(separator: "\n")
    }
}

extension Inspection.Column {
    fileprivate init(_ column: AnnotationColumn) {
        name = column.name
        switch column.values {
        case .strings: kind = "string"
        case .categories(_, let levels, _):
            kind = "category"
            self.levels = levels
        case .integers: kind = "integer"
        case .floats: kind = "float"
        case .booleans: kind = "boolean"
        }
    }
}
