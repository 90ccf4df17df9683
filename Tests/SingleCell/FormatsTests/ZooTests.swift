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

    /// Written for HDF5 2.0, whose type and layout messages the 1.10 and 1.14 libraries do not know: the refusal may say so.
    static let newerThanTheLibrary = ["h5ad_libver_latest.h5ad", "bad_deep_uns.h5ad", "bad_ohdr_checksum.h5ad"]

    static func isTooNew(_ entry: Entry, _ error: any Error) -> Bool {
        newerThanTheLibrary.contains(entry.name) && (error as? FormatError)?.code == "NEWER_HDF5"
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
                if !Self.isTooNew(entry, error) { Issue.record("\(entry.name): \(error)") }
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
                #expect(error.code == expected || Self.isTooNew(entry, error), "\(entry.name): \(error)")
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
                #expect(isNamed || Self.isTooNew(entry, error), "\(entry.name): \(error)")
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
