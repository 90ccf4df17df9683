import Foundation
import Testing

/// `inspect`, `check` and `convert` on real files, as a user calls them.
struct FileVerbsTests {
    private let screen: SmallScreen
    private let temporary: TemporaryFolder

    init() throws {
        screen = try SmallScreen.shared.get()
        temporary = try TemporaryFolder()
    }

    private func inspection(_ path: String) throws -> [String: Any] {
        let result = try Binary.run(["inspect", "--json", "--digest", path])
        try #require(result.status == 0, "\(result.error)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    /// Every format that is written is read again as the same matrix under the same names.
    @Test(arguments: ["copy.h5ad", "copy.h5", "copy.csv", "copy.tsv.gz", "copy"])
    func everyFormatHoldsTheSameMatrix(_ name: String) throws {
        let (source, copy) = (screen.path("screen.h5ad"), temporary.path(name))
        let result = try Binary.run(["convert", source, copy, "--json"])
        try #require(result.status == 0, "\(result.error)")
        expectNothingHalfWritten(in: temporary.url.path)
        let (one, other) = (try inspection(source), try inspection(copy))
        for key in ["sha256", "lastCell", "lastGene"] {
            #expect(one[key] as? String == other[key] as? String, "\(key)")
        }
        for key in ["cells", "genes", "nonzero"] { #expect(one[key] as? Int == other[key] as? Int, "\(key)") }
        #expect(one["firstGenes"] as? [String] == other["firstGenes"] as? [String])
        let said = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let codes = (said["notes"] as? [[String: String]])?.compactMap { $0["code"] } ?? []
        #expect(codes.contains("NOT_WRITTEN") == (name != "copy.h5ad"))
        // A second time only by force, and then with the same bytes.
        #expect(try Binary.run(["convert", source, copy]).status == 73)
        let before = try Snapshot(temporary.url.path)
        #expect(try Binary.run(["convert", source, copy, "--force", "-@", "1"]).status == 0)
        #expect(try Snapshot(temporary.url.path) == before)
    }

    @Test func conversionsThatCannotBe() throws {
        let source = screen.path("screen.h5ad")
        expectFourLines(
            try Binary.run(["convert", source, temporary.path("copy.xlsx")]), status: 64, code: "USAGE", says: ".h5ad")
        expectFourLines(
            try Binary.run(["convert", source, temporary.path("copy.h5ad"), "--layer", "none"]), status: 65,
            code: "MISSING_ELEMENT", in: "/layers/none", says: "--layer")
        expectFourLines(
            try Binary.run(["convert", temporary.path("no.h5ad"), temporary.path("copy.h5ad")]), status: 66,
            code: "NOT_FOUND")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path).isEmpty)
    }

    @Test func checkAnswersByItsExitCode() throws {
        let sound = try Binary.run(["check", screen.path("screen.h5ad"), "--set", "preprocess.scale=counts"])
        #expect(sound.status == 0, "\(sound.output)")
        #expect(sound.output.hasSuffix("no problem found\n"))
        let unsound = try Binary.run(
            [
                "check", screen.path("screen.h5ad"), "--json", "--set", "preprocess.scale=counts", "--set",
                "screen.controlLabels=[nobody]",
            ])
        #expect(unsound.status == 1)
        let object = try JSONSerialization.jsonObject(with: Data(unsound.output.utf8)) as? [String: Any]
        let problem = try #require((object?["problems"] as? [[String: String]])?.first)
        #expect(problem["code"] == "NO_CONTROLS" && problem["effect"] == "stops")
        #expect(problem["remedy"]?.contains("screen.controlLabels") == true)
        #expect(unsound.error.isEmpty)
        #expect(try Binary.run(["check", temporary.path("missing.h5ad")]).status == 66)
    }

    /// What AMBIGUOUS asks for can be given where it is asked.
    @Test func theOptionThatSettlesItIsTaken() throws {
        let path = temporary.path("table.csv")
        try Data("name,a,b\nx,1,2\ny,3,4\n".utf8).write(to: URL(fileURLWithPath: path))
        let asked = try Binary.run(["inspect", path])
        expectFourLines(asked, status: 65, code: "AMBIGUOUS", says: "read.orientation")
        let turned = try Binary.run(["inspect", path, "--json", "--set", "read.orientation=genesByCells"])
        let object = try JSONSerialization.jsonObject(with: Data(turned.output.utf8)) as? [String: Any]
        #expect(object?["firstCells"] as? [String] == ["a", "b"])
    }
}
