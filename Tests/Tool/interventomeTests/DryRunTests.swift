import Foundation
import Testing

/// The long verbs say what they would do and do nothing.
struct DryRunTests {
    @Test func theyPlanAndWriteNothing() throws {
        let folder = try TemporaryFolder()
        let output = folder.path("out")
        let sachs = Binary.package.appendingPathComponent("Reference/Screens/sachs.h5ad").path
        let calls: [(arguments: [String], says: String)] = [
            (["demo", "-o", output], "Sachs"),
            (["pretrain", "structure", "-o", output, "--set", "steps=10", "--set", "worldsPerStep=3"], "30 worlds"),
            (["fit", sachs, "-o", output], "7466 cells of 7 perturbations"),
        ]
        for call in calls {
            let result = try Binary.run(call.arguments + ["--dry-run"])
            #expect(result.status == 0, "\(result.error)")
            #expect(result.output.contains(call.says))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
}
