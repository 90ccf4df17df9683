import Foundation
import Testing

/// Cells from which structure can't be read, or not all of it: an error of four lines, or a notice that says what follows.
@Suite struct StructureBadInputTests {
    private let panel: StructurePanel

    init() throws { panel = try StructurePanel() }

    /// Refused with that code, and nothing written.
    private func expectRefused(
        _ input: String, _ arguments: [String] = [], code: String, in place: String = "", says: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try panel.structure(input, ["-o", panel.path("edges.tsv"), "-q"] + arguments)
        expectFourLines(result, status: 65, code: code, in: place, says: says, sourceLocation: sourceLocation)
        #expect(!FileManager.default.fileExists(atPath: panel.path("edges.tsv")), sourceLocation: sourceLocation)
        let json = try panel.structure(input, ["-o", panel.path("edges.tsv"), "-q", "--json"] + arguments)
        try expectJSONError(json, status: 65, code: code, sourceLocation: sourceLocation)
    }

    /// Read, with a notice of that code in `--json` and as a note on the terminal.
    /// - Returns: The probability of every edge, by `source>target`.
    @discardableResult
    private func expectNotice(
        _ input: String, _ arguments: [String] = [], code: String, says: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String: Double] {
        let result = try panel.structure(
            input, ["-o", panel.path("edges.tsv"), "--json", "--force"] + arguments)
        #expect(result.status == 0, "\(result.error)", sourceLocation: sourceLocation)
        let message = StructurePanel.notes(result)[code] ?? ""
        #expect(message.contains(says), "\(result.output)", sourceLocation: sourceLocation)
        #expect(result.error.contains("note: "), sourceLocation: sourceLocation)
        #expect(
            result.error.replacingOccurrences(of: "\n", with: " ").contains(says), "\(result.error)",
            sourceLocation: sourceLocation)
        let lines = try String(contentsOfFile: panel.path("edges.tsv"), encoding: .utf8).split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: lines.dropFirst().map { line in
                let fields = line.split(separator: "\t")
                return ("\(fields[0])>\(fields[1])", Double(fields[2]) ?? .nan)
            })
    }

    private func mask(_ cells: Int, _ value: (_ cell: Int, _ gene: Int) -> Double) -> [[Double]] {
        (0..<cells).map { cell in (0..<4).map { value(cell, $0) } }
    }

    // MARK: Sizes

    @Test func fewerThanTwentyCells() throws {
        try expectRefused(panel.table(panel.cells(19)), code: "TOO_FEW_CELLS", in: "cells.csv, X", says: "found 19")
        let result = try panel.structure(panel.table(panel.cells(20)), ["-o", panel.path("edges.tsv")])
        #expect(result.status == 0, "\(result.error)")
    }

    @Test func fewerThanTwoGenes() throws {
        let one = panel.cells(40).map { [$0[0]] }
        try expectRefused(panel.table(one, genes: ["a"]), code: "TOO_FEW_GENES", says: "found 1")
        let two = panel.cells(40).map { [$0[0], 3] }
        try expectRefused(panel.table(two, genes: ["a", "b"]), code: "TOO_FEW_GENES", says: "1 of 2")
    }

    @Test func moreGenesThanAPanelMayHave() throws {
        func value(_ cell: Int, _ gene: Int) -> Double { Double((cell * (gene % 17 + 3) + gene) % 23) }
        let names = (0..<2_001).map { "g\($0)" }
        let cells: [[Double]] = (0..<24).map { cell in (0..<2_001).map { value(cell, $0) } }
        let input = try panel.table(cells, genes: names)
        try expectRefused(input, code: "TOO_MANY_GENES", says: "preprocess.topGenes")
        let chosen = try panel.structure(input, ["-o", panel.path("edges.tsv"), "--set", "preprocess.topGenes=12"])
        #expect(chosen.status == 0, "\(chosen.error)")
    }

    // MARK: Values

    @Test func constantGenes() throws {
        let cells = panel.cells(40).map { [$0[0], 2, $0[2], $0[3]] }
        let edges = try expectNotice(
            panel.table(cells), code: "CONSTANT_GENES", says: "1 gene has the same value in all cells (b)")
        #expect(edges.count == 12)
        for (edge, probability) in edges { #expect((probability == 0) == edge.contains("b")) }
    }

    @Test func duplicatedGenes() throws {
        let cells = panel.cells(40).map { [$0[0], $0[1], $0[0], 5 - 2 * $0[1]] }
        let edges = try expectNotice(panel.table(cells), code: "INDISTINGUISHABLE_GENES", says: "(a, c; b, d)")
        #expect(edges.values.allSatisfy { (0...1).contains($0) })
    }

    @Test func valuesThatAreNoNumbers() throws {
        for word in ["nan", "inf", "-inf"] {
            let input = try panel.table(panel.cells(40))
            var lines = try String(contentsOfFile: input, encoding: .utf8).split(separator: "\n").map(String.init)
            lines[8] = "cell7,1,\(word),2,3"
            _ = try panel.file("cells.csv", lines.joined(separator: "\n") + "\n")
            try expectRefused(input, code: "CSV_VALUE", in: "cells.csv, line 9, column 3", says: "found '\(word)'")
        }
        var values = panel.cells(40)
        values[7][1] = .nan
        let store = try panel.store(values, layer: mask(40) { cell, gene in cell == gene ? 1 : 0 })
        try expectRefused(store, code: "NONFINITE", in: "X", says: "'cell7' and gene 'b'")
    }

    @Test func negativeCounts() throws {
        let result = try Binary.run([
            "structure", panel.table(panel.cells(40)), "--weights", StructurePanel.weights, "-o",
            panel.path("edges.tsv"), "-q", "--set", "preprocess.scale=counts",
        ])
        expectFourLines(result, status: 65, code: "NEGATIVE", says: "counts can't be negative")
    }

    @Test func duplicatedNamesOfGenes() throws {
        let edges = try expectNotice(
            panel.table(panel.cells(40), genes: ["a", "b", "a", "d"]), code: "DUPLICATE_NAMES", says: "numbered")
        #expect(edges.count == 12 && edges.keys.contains("a>a-1"))
        let store = try panel.store(
            panel.cells(40), layer: mask(40) { cell, gene in cell == gene ? 1 : 0 }, genes: ["a", "b", "a", "d"])
        #expect(try expectNotice(store, code: "DUPLICATE_NAMES", says: "numbered").keys.contains("a>a-1"))
    }

    // MARK: Interventions

    @Test func labelsOfGenesOutsideThePanel() throws {
        let labels = ["control", "a", "TP53", "MYC", "b", "control"]
        let store = try panel.store(
            panel.cells(60), labels: (0..<60).map { labels[$0 % labels.count] })
        let says = "20 of 60 cells had a perturbation without a known target among the genes"
        let edges = try expectNotice(store, code: "UNKNOWN_TARGETS", says: says)
        #expect(edges.count == 12)
        try expectNotice(store, code: "UNKNOWN_TARGETS", says: "2 perturbations (MYC, TP53)")
        try expectNotice(store, code: "KNOWN_TARGETS", says: "not measured: MYC, TP53")
    }

    @Test func aLayerOfAnotherShape() throws {
        let store = try panel.store(panel.cells(40), layer: mask(39) { _, _ in 0 })
        try expectRefused(store, code: "SHAPE_MISMATCH", in: "layers/interventions", says: "39 × 4")
    }

    @Test func aLayerOfOtherValues() throws {
        for value in [2, -1, 0.5, .nan] {
            let store = try panel.store(
                panel.cells(40), layer: mask(40) { cell, gene in cell == 6 && gene == 2 ? value : 0 })
            try expectRefused(
                store, code: "BAD_VALUE", in: "cells.zarr, layers/interventions",
                says: "found \(Float(value)) in cell cell6, gene c")
        }
    }

    @Test func aLayerWithoutInterventions() throws {
        let store = try panel.store(panel.cells(40), layer: mask(40) { _, _ in 0 })
        try expectNotice(store, code: "NO_INTERVENTIONS", says: "The layer interventions marks no gene in any cell")
    }

    @Test func noCellLeftToItself() throws {
        let each = try panel.store(panel.cells(40), layer: mask(40) { cell, gene in cell % 4 == gene ? 1 : 0 })
        try expectNotice(each, code: "NO_OBSERVATIONAL_CELLS", says: "Every cell was intervened on")
        let one = try panel.store(
            panel.cells(40), layer: mask(40) { _, gene in gene == 3 ? 1 : 0 }, name: "one.zarr")
        try expectNotice(one, code: "ALWAYS_INTERVENED", says: "1 gene was intervened on in every cell (d)")
        let all = try panel.store(panel.cells(40), layer: mask(40) { _, _ in 1 }, name: "all.zarr")
        try FileManager.default.removeItem(atPath: panel.path("edges.tsv"))
        try expectRefused(all, code: "NO_EVIDENCE", in: "layers/interventions")
    }
}
