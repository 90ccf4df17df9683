import Foundation
import Testing

/// `weights import` of checkpoints of the package `avici`, which `Pipelines/Golden/edge_predictor.py` makes and exports.
@Suite struct WeightsImportTests {
    private let temporary: TemporaryFolder
    private var output: String { temporary.path("net.safetensors") }

    init() throws { temporary = try TemporaryFolder() }

    private func fixture(_ name: String) -> String {
        Binary.package.appending(path: "Reference/Golden/AVICI/\(name).safetensors").path
    }

    @Test(arguments: ["weights", "count_weights"])
    func exportedCheckpointsAreTaken(name: String) throws {
        let result = try Binary.run(["weights", "import", fixture(name), "-o", output])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("avici, 2 double layers of 16 channels"))
        let shown = try Binary.run(["weights", "show", output])
        #expect(shown.output == result.output)
        let card =
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: temporary.path("net.card.json")))) as? [String: Any]
        #expect((card?["network"] as? [String: Any])?["layers"] as? Int == 2)
        let again = try Binary.run(["weights", "import", fixture(name), "-o", output])
        expectFourLines(again, status: 73, code: "OUTPUT_EXISTS", in: "net.safetensors")
    }

    @Test func whatIsNoSuchNetworkIsRefused() throws {
        // A checkpoint's tensors without a card.
        expectFourLines(
            try Binary.run(["weights", "import", fixture("inputs"), "-o", output]), status: 65, code: "MISMATCH",
            in: "inputs.safetensors", says: "card")
        let pairwise = Binary.package.appending(path: "Reference/Weights/pairwise.safetensors").path
        expectFourLines(
            try Binary.run(["weights", "import", pairwise, "-o", output]), status: 65, code: "MISMATCH",
            in: "pairwise.safetensors", says: "network of AVICI")
        let whole = try Data(contentsOf: URL(fileURLWithPath: fixture("weights")))
        let cut = temporary.path("cut.safetensors")
        try whole.prefix(whole.count - 64).write(to: URL(fileURLWithPath: cut))
        let damaged = try Binary.run(["weights", "import", cut, "-o", output])
        #expect(damaged.status == 65 && damaged.error.contains("cut.safetensors"))
        // One layer fewer than the tensors have: the file's own words do not decide what is checked.
        var text = whole
        let range = try #require(text.range(of: Data(#"\"layers\": 2"#.utf8)))
        text.replaceSubrange(range, with: Data(#"\"layers\": 1"#.utf8))
        let other = temporary.path("other.safetensors")
        try text.write(to: URL(fileURLWithPath: other))
        expectFourLines(
            try Binary.run(["weights", "import", other, "-o", output]), status: 65, code: "MISMATCH",
            in: "other.safetensors", says: "others")
        #expect(!FileManager.default.fileExists(atPath: output))
    }
}
