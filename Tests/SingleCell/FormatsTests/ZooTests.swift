import AnnotatedData
import Formats
import Foundation
import Matrices
import Testing

/// Valid files in many encodings and malformed ones, with what each holds or which error a good reader gives.
@Suite(.enabled(if: RealData.folder != nil, "needs shared/data beside the package"))
struct ZooTests {
    struct Entry {
        let name: String
        let facts: [String: Any]
        var kind: String { facts["kind"] as? String ?? "" }
    }

    /// The h5ad, 10x HDF5, loom and delimited files.
    static func entries() throws -> [Entry] {
        try RealData.json("formats/zoo/expected.json").compactMap { name, facts in
            guard let facts = facts as? [String: Any],
                ["h5ad", "10x_h5", "loom", "csv"].contains(facts["format"] as? String ?? "")
            else { return nil }
            return Entry(name: name, facts: facts)
        }.sorted { $0.name < $1.name }
    }

    func read(_ name: String) throws -> ReadingResult {
        try readAnnotated(RealData.folder!.appendingPathComponent("formats/zoo/\(name)").path)
    }

    @Test func validFilesHoldWhatTheyShould() throws {
        // Files with one digest hold one matrix.
        var byDigest: [String: (name: String, matrix: Matrix<Float>)] = [:]
        for entry in try Self.entries() where ["valid", "warn"].contains(entry.kind) {
            let result: ReadingResult
            do {
                result = try read(entry.name)
            } catch {
                Issue.record("\(entry.name): \(error)")
                continue
            }
            let data = result.data
            let matrix = try #require(data.x).dense
            if let shape = entry.facts["shape"] as? [Int] {
                #expect([data.cells.count, data.genes.count] == shape, "\(entry.name)")
            }
            if let genes = entry.facts["genes"] as? [String] {
                #expect(Array(data.genes.names.prefix(genes.count)) == genes, "\(entry.name)")
            }
            if let cells = entry.facts["cells"] as? [String] {
                #expect(Array(data.cells.names.prefix(cells.count)) == cells, "\(entry.name)")
            }
            let isRounded = result.notices.contains { $0.code == "PRECISION" }
            if let sum = entry.facts["sum"] as? Double, !isRounded {
                #expect(matrix.values.reduce(0) { $0 + Double($1) } == sum, "\(entry.name)")
            }
            if let count = entry.facts["nnz"] as? Int {
                #expect(matrix.values.count { $0 != 0 } == count, "\(entry.name)")
            }
            if let digest = entry.facts["sha256"] as? String {
                if let known = byDigest[digest] {
                    #expect(matrix == known.matrix, "\(entry.name) and \(known.name)")
                } else {
                    byDigest[digest] = (entry.name, matrix)
                }
            }
            if let warning = entry.facts["warning"] as? String {
                #expect(result.notices.contains { $0.code == warning }, "\(entry.name): \(result.notices)")
            }
            checkColumns(data.cells, entry.facts["obs"] as? [String: Any] ?? [:], entry.name)
            if entry.facts["format"] as? String == "h5ad" { try checkOtherElements(result, entry, &byDigest) }
        }
    }

    /// Layers, raw, obsm, obsp and uns, where the file's facts name them.
    private func checkOtherElements(
        _ result: ReadingResult, _ entry: Entry, _ byDigest: inout [String: (name: String, matrix: Matrix<Float>)]
    ) throws {
        let (data, name) = (result.data, entry.name)
        func check(_ matrix: CellMatrix?, _ facts: [String: Any], _ what: String) throws {
            let dense = try #require(matrix, "\(name) \(what)").dense
            guard let digest = facts["sha256"] as? String, let known = byDigest[digest] else {
                if let digest = facts["sha256"] as? String { byDigest[digest] = ("\(name) \(what)", dense) }
                return
            }
            #expect(dense == known.matrix, "\(name) \(what) and \(known.name)")
        }
        for (layer, facts) in entry.facts["layers"] as? [String: [String: Any]] ?? [:] {
            try check(data.layers[layer], facts, layer)
        }
        if let facts = entry.facts["raw"] as? [String: Any] {
            let raw = try #require(data.raw, "\(name)")
            #expect([raw.x.rows, raw.x.columns] == facts["shape"] as? [Int], "\(name)")
            let genes = facts["genes"] as? [String] ?? []
            #expect(Array(raw.genes.names.suffix(genes.count)) == genes, "\(name)")
            try check(raw.x, facts, "raw")
        }
        for (key, facts) in entry.facts["obsm"] as? [String: [String: Any]] ?? [:] {
            guard case .numbers(let array)? = data.cellEmbeddings[key] else {
                Issue.record("\(name): no array \(key) in obsm")
                continue
            }
            #expect(array.shape == facts["shape"] as? [Int], "\(name)")
            let first = facts["first"] as? [Double] ?? []
            // The file has single precision, and the facts are rounded when they are parsed.
            #expect(array.doubles.prefix(first.count).map { Float($0) } == first.map { Float($0) }, "\(name)")
        }
        for (key, facts) in entry.facts["obsp"] as? [String: [String: Any]] ?? [:] {
            guard case .sparse(let graph)? = data.cellGraphs[key] else {
                Issue.record("\(name): no graph \(key) in obsp")
                continue
            }
            #expect([graph.rows, graph.columns] == facts["shape"] as? [Int], "\(name)")
            #expect(graph.values.doubles.reduce(0, +) == facts["sum"] as? Double, "\(name)")
        }
        for (path, expected) in entry.facts["uns"] as? [String: Any] ?? [:] {
            let found = path.split(separator: "/").reduce(AnnotationValue.dictionary(data.unstructured)) { value, key in
                if case .dictionary(let members) = value { members[String(key)] ?? .null } else { .null }
            }
            #expect(Self.texts(found) == (expected as? [Any] ?? [expected]).map { "\($0)" }, "\(name) \(path)")
        }
        if let title = entry.facts["obs_index_name"] as? String { #expect(data.cells.namesTitle == title, "\(name)") }
        if let stored = entry.facts["stored"] as? Int {
            #expect(data.x?.storedValues.count == stored, "\(name)")
        }
        if let type = entry.facts["data_dtype"] as? String {
            let names = [">i4": "int32", "f2": "float16", "f8": "float64", "i1": "int8", "i2": "int16", "u2": "uint16"]
            #expect(result.dtype == names[type] ?? "uint64", "\(name)")
        }
    }

    /// Early files have lists of one value for single ones.
    private static func texts(_ value: AnnotationValue) -> [String] {
        switch value {
        case .string(let text): [text]
        case .integer(let number): ["\(number)"]
        case .float(let number): ["\(number)"]
        case .strings(let texts): texts
        case .numbers(let array):
            if case .integers(let numbers) = array.values {
                numbers.map { "\($0)" }
            } else {
                array.doubles.map { "\($0)" }
            }
        default: ["\(value)"]
        }
    }

    private func checkColumns(_ table: AnnotationTable, _ expected: [String: Any], _ file: String) {
        for (name, facts) in expected {
            guard let facts = facts as? [String: Any] else { continue }
            let texts: [String?]
            switch table[name] {
            case .categories(let codes, let levels, let ordered)?:
                texts = codes.map { $0 < 0 ? nil : levels[Int($0)] }
                #expect(facts["categories"] as? [String] == levels, "\(file) \(name)")
                #expect(facts["ordered"] as? Bool == ordered, "\(file) \(name)")
            case .strings(let values)?: texts = values
            case .integers(let values)?: texts = values.map { $0.map { "\($0)" } }
            case .floats(let values)?: texts = values.map { $0.isNaN ? nil : "\($0)" }
            case .booleans(let values)?: texts = values.map { $0.map { $0 ? "true" : "false" } }
            case nil:
                Issue.record("\(file): no column \(name)")
                continue
            }
            let values = (facts["values"] as? [Any] ?? []).map { value -> String? in
                switch value {
                case is NSNull: nil
                case let text as String: text
                case let number as NSNumber where facts["type"] as? String == "bool":
                    number.boolValue ? "true" : "false"
                case let number as NSNumber:
                    if case .floats? = table[name] { "\(number.doubleValue)" } else { "\(number)" }
                default: "?"
                }
            }
            #expect(Array(texts.prefix(values.count)) == values, "\(file) \(name)")
        }
    }

    @Test func malformedFilesAreRefusedByName() throws {
        for entry in try Self.entries() where entry.kind == "malformed" {
            let expected = entry.facts["error"] as? String
            do {
                let result = try read(entry.name)
                let isNoted = result.notices.contains { $0.code == expected }
                #expect(isNoted && entry.facts["accept_with_warning"] as? Bool == true, "\(entry.name) was read")
            } catch let error as FormatError {
                #expect(error.code == expected, "\(entry.name): \(error)")
                #expect(error.file != nil && !error.message.isEmpty && !error.remedy.isEmpty)
            }
        }
    }

    @Test func doubtfulFilesAreReadOrRefused() throws {
        for entry in try Self.entries() where entry.kind == "valid_or_error" {
            do {
                let result = try read(entry.name)
                #expect([result.data.cells.count, result.data.genes.count] == entry.facts["shape"] as? [Int])
            } catch let error as FormatError {
                let isNamed = ["FILTER_UNAVAILABLE", "CYCLE", "LIMIT"].contains(error.code)
                #expect(isNamed, "\(entry.name): \(error)")
            }
        }
    }

    @Test func allContainersHoldOneMatrix() throws {
        let facts = try RealData.json("formats/same_matrix/expected.json")
        var first: Matrix<Float>?
        for name in [
            "csr_gzip.h5ad", "csc_nocomp.h5ad", "csr_lzf.h5ad", "dense_gzip.h5ad", "cells_by_genes.csv.gz",
            "genes_by_cells.tsv.gz", "10x_v2.h5", "10x_v3.h5", "kang.loom",
        ] {
            let result = try readAnnotated(RealData.folder!.appendingPathComponent("formats/same_matrix/\(name)").path)
            let matrix = try #require(result.data.x).dense
            #expect(matrix.rows == facts["n_obs"] as? Int && matrix.columns == facts["n_vars"] as? Int)
            #expect(matrix.values.reduce(0) { $0 + Double($1) } == facts["sum"] as? Double, "\(name)")
            // The given figure was summed in single precision.
            let squares = matrix.values.reduce(0) { $0 + Double($1) * Double($1) }
            #expect(abs(squares / (facts["sum_sq"] as? Double ?? 0) - 1) < 1e-6, "\(name)")
            #expect(result.data.cells.names.first == facts["first_cell"] as? String)
            #expect(result.data.genes.names.last == facts["last_gene"] as? String)
            if let first { #expect(matrix == first, "\(name)") } else { first = matrix }
        }
    }

    @Test func realScreensAreRead() throws {
        let folder = RealData.folder!.appendingPathComponent("screens")
        let shapes = [
            "drug_screen_macseq_mcf10a_counts": [308, 500], "drug_screen_sciplex_a549_dex_counts": [500, 198],
            "ifnb_kang18_muscat_counts": [1556, 1267], "perturbseq_cropseq_mcf10a_28genes_counts": [6229, 28],
            "perturbseq_norman_mcfaline_lognorm": [4565, 500], "sachs05_flow": [7466, 11],
            "tggates_hepatocyte": [1740, 196],
        ]
        for (name, shape) in shapes {
            let result = try readAnnotated(folder.appendingPathComponent("\(name).h5ad").path)
            #expect(result.data.x?.rows == shape[0] && result.data.x?.columns == shape[1])
            guard case .string? = result.data.unstructured["note"] else {
                Issue.record("\(name) has no note")
                continue
            }
            #expect(result.notices.isEmpty, "\(name): \(result.notices)")
        }
    }
}
