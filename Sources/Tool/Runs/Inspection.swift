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
    public var notes: [Notice]
    /// With `--digest` only.
    public var nonzero: Int?
    public var lastCell: String?
    public var lastGene: String?
    /// SHA-256 of the dense cells × genes matrix: row-major little-endian float64, repeated entries summed.
    public var sha256: String?

    public static func of(file: String, options: ReadingOptions = .init(), digest: Bool = false) throws -> Inspection {
        let result = try readAnnotated(file, options: options)
        var inspection = Inspection(result)
        if digest { inspection.addDigest(of: result.data) }
        return inspection
    }

    private mutating func addDigest(of data: AnnotatedMatrix) {
        nonzero = data.x?.storedValues.count { $0 != 0 }
        lastCell = data.cells.names.last
        lastGene = data.genes.names.last
        sha256 = data.x.map { x in
            // Row by row: the dense matrix need not exist.
            Fingerprint.ofDoubles(rows: x.rows) { row in x.selectingRows([row]).dense.values.map(Double.init) }
        }
    }

    init(_ result: ReadingResult, screen: ScreenOptions = .init()) {
        let data = result.data
        let values = data.x?.storedValues ?? []
        format = result.format.rawValue
        cells = data.cells.count
        genes = data.genes.count
        stored = values.count
        sum = values.reduce(into: 0.0) { $0 += Double($1) }
        layout = result.layout
        dtype = result.dtype
        layers = data.layers.keys.sorted()
        obs = data.cells.columns.map(Column.init)
        `var` = data.genes.columns.map(Column.init)
        firstCells = Array(data.cells.names.prefix(5))
        firstGenes = Array(data.genes.names.prefix(5))
        let finding = detectScale(of: data)
        scale = Scale(kind: finding.scale?.rawValue ?? "undecided", evidence: finding.evidence)
        notes = result.notices
        do {
            let labels = try CellLabels(data.cells, options: screen)
            let pairs = zip(labels.perturbations, labels.isControl)
            perturbation = Perturbations(
                column: labels.column, control: Set(pairs.filter(\.1).map(\.0)).sorted(),
                labels: Set(pairs.filter { !$0.1 }.map(\.0)).sorted())
            notes += labels.notices
        } catch {
            notes.append(Notice(code: error.code, message: "\(error.message); \(error.remedy)"))
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
