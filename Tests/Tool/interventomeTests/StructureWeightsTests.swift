import Foundation
import Testing

/// `structure` with weights of a published kind: those of the fixtures, which `Pipelines/Golden/edge_predictor.py` makes.
@Suite struct StructureWeightsTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private func weights(_ name: String) -> String {
        Binary.package.appending(path: "Reference/Golden/AVICI/\(name).safetensors").path
    }

    /// Cells × 4 genes in words of a table; every value is a whole number where they are counts.
    private func table(_ name: String, areCounts: Bool) throws -> String {
        var lines = ["cell,a,b,c,d"]
        for cell in 0..<40 {
            let values = (0..<4).map { gene -> String in
                let count = (cell * (gene + 3)) % 11
                return areCounts ? "\(count)" : "\(Double(count) * 0.37 - 1.5)"
            }
            lines.append((["cell\(cell)"] + values).joined(separator: ","))
        }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: temporary.path(name)))
        return temporary.path(name)
    }

    private let settings = ["--set", "preprocess.minGenesPerCell=0", "--set", "preprocess.minCellsPerGene=0"]

    @Test func publishedNetworksReadScreens() throws {
        let input = try table("cells.csv", areCounts: false)
        let output = temporary.path("edges.tsv")
        let call = ["structure", input, "--weights", weights("weights"), "--set", "preprocess.scale=scaled"] + settings
        let result = try Binary.run(call + ["-o", output, "--json"])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("neurips-linear 1"))
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        #expect(lines.first == "source\ttarget\tprobability" && lines.count == 1 + 4 * 3)
        let probabilities = lines.dropFirst().compactMap { Double($0.split(separator: "\t")[2]) }
        #expect(probabilities.count == 12 && probabilities == probabilities.sorted(by: >))
        #expect(Set(probabilities).count > 6)
        // The same bytes at any number of threads.
        let again = try Binary.run(call + ["-o", temporary.path("again.tsv"), "-@", "1"])
        #expect(again.status == 0)
        let bytes = try ["edges.tsv", "again.tsv"].map { try Data(contentsOf: temporary.url.appending(path: $0)) }
        #expect(bytes[0] == bytes[1])
    }

    @Test func networksOfCountsTakeCountsOnly() throws {
        let call = ["structure", "--weights", weights("count_weights"), "-o", temporary.path("edges.tsv")] + settings
        let counted = try Binary.run(
            call + [table("counts.csv", areCounts: true), "--set", "preprocess.scale=counts"])
        #expect(counted.status == 0, "\(counted.error)")
        let refused = try Binary.run(
            call + [table("cells.csv", areCounts: false), "--set", "preprocess.scale=scaled", "--force"])
        #expect(refused.status == 65 && refused.error.contains("because: the weights neurips-grn read counts"))
    }

    @Test func damagedWeightsAreRefused() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: weights("weights")))
        let file = temporary.path("cut.safetensors")
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: file))
        let result = try Binary.run([
            "structure", try table("cells.csv", areCounts: false), "--weights", file, "-o", temporary.path("e.tsv"),
            "--set", "preprocess.scale=scaled",
        ])
        #expect(result.status == 65 && result.error.contains("cut.safetensors") && result.error.contains("try: "))
        #expect(!FileManager.default.fileExists(atPath: temporary.path("e.tsv")))
        let card = try Binary.run(["weights", "show", weights("count_weights")])
        #expect(card.status == 0 && card.output.contains("avici, 2 double layers of 16 channels, reads counts"))
    }
}
