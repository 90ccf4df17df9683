import Foundation
import Testing

/// `preprocess` as a user calls it.
struct PreprocessVerbTests {
    private let screen: SmallScreen
    private let temporary: TemporaryFolder

    init() throws {
        screen = try SmallScreen.shared.get()
        temporary = try TemporaryFolder()
    }

    private func preprocess(_ options: [String]) throws -> Binary.Result {
        try Binary.run(
            [
                "preprocess", screen.path("screen.h5ad"), "-o", temporary.path("out.h5ad"), "--pseudobulk",
                temporary.path("bulk.tsv"), "--set", "preprocess.scale=counts", "--top-genes", "5", "--hvg", "seuratV3",
                "--hvg", "seurat", "--json",
            ] + options)
    }

    @Test func bytesDoNotDependOnThreads() throws {
        let two = try preprocess(["-@", "2"])
        try #require(two.status == 0, "\(two.error)")
        expectNothingHalfWritten(in: temporary.url.path)
        let before = try Snapshot(temporary.url.path)
        #expect(try preprocess(["--force", "-@", "1"]).status == 0)
        #expect(try Snapshot(temporary.url.path) == before)
    }

    @Test func whatWasKeptAndDroppedIsTold() throws {
        let result = try preprocess(["--min-counts", "1000000", "--force"])
        #expect(result.status == 65 && result.error.contains("NO_CELLS"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path).isEmpty)
        let done = try preprocess([])
        let said = try #require(try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any])
        #expect(said["genes"] as? Int == 5 && said["scaleBefore"] as? String == "counts")
        #expect((said["droppedGenes"] as? [[String: Any]])?.last?["option"] as? String == "topGenes")
    }

    @Test(arguments: [
        "--target-sum=nan", "--target-sum=-1", "--top-genes=9223372036854775807", "--min-genes=-1", "--percent-top=0",
    ])
    func aNumberOutOfRange(option: String) throws {
        let result = try Binary.run(
            ["preprocess", screen.path("screen.h5ad"), "-o", temporary.path("out.h5ad"), option])
        expectFourLines(result, status: 78, code: "BAD_CONFIGURATION")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path).isEmpty)
    }
}
