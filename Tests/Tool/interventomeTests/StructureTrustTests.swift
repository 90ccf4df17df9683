import Foundation
import Testing

/// `structure --resamples`.
@Suite struct StructureTrustTests {
    @Test func resamplesAddTwoColumns() throws {
        let panel = try StructurePanel()
        let input = try panel.table(panel.cells(40))
        let call = ["--resamples", "20", "--json"]
        let result = try panel.structure(input, ["-o", panel.path("edges.tsv")] + call)
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains(#""resamples":20"#))
        let text = try String(contentsOfFile: panel.path("edges.tsv"), encoding: .utf8)
        let rows = text.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(rows[0] == ["source", "target", "probability", "low", "high"] && rows.count == 1 + 4 * 3)
        for row in rows.dropFirst() {
            let (low, high) = (try #require(Double(row[3])), try #require(Double(row[4])))
            #expect(low >= 0 && low <= high && high <= 1)
        }
        // The same bytes with one thread.
        let again = try panel.structure(input, ["-o", panel.path("again.tsv"), "-@", "1"] + call)
        #expect(again.status == 0)
        #expect(try String(contentsOfFile: panel.path("again.tsv"), encoding: .utf8) == text)
    }

    @Test func withoutThemTheTableIsAsEver() throws {
        let panel = try StructurePanel()
        let result = try panel.structure(
            try panel.table(panel.cells(40)), ["-o", panel.path("edges.tsv"), "--json"])
        #expect(result.status == 0 && !result.output.contains("resamples"))
        let text = try String(contentsOfFile: panel.path("edges.tsv"), encoding: .utf8)
        #expect(text.hasPrefix("source\ttarget\tprobability\n"))
    }

    @Test func fewerThanAQuantileNeedsAreRefused() throws {
        let panel = try StructurePanel()
        let input = try panel.table(panel.cells(40))
        func expectRefused(_ call: [String], status: Int32, code: String, says: String) throws {
            let result = try panel.structure(input, ["-o", panel.path("edges.tsv"), "-q"] + call)
            expectFourLines(result, status: status, code: code, says: says)
            #expect(!FileManager.default.fileExists(atPath: panel.path("edges.tsv")))
        }
        try expectRefused(
            ["--resamples", "19"], status: 64, code: "USAGE", says: "found 19: fewer hold no 5 % quantile")
        try expectRefused(["--resamples", "10001"], status: 64, code: "USAGE", says: "20 to 10000, or 0 for none")
        try expectRefused(
            ["--set", "structure.resamples=19"], status: 78, code: "BAD_CONFIGURATION", says: "no 5 % quantile")
        let none = try panel.structure(input, ["-o", panel.path("edges.tsv"), "--resamples", "0"])
        #expect(none.status == 0, "\(none.error)")
    }
}
