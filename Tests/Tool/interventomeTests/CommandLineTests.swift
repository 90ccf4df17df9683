import Foundation
import Testing

/// The real binary, as a user calls it.
struct CommandLineTests {
    @Test func anUnknownVerbIsWrongUsage() throws {
        let result = try Binary.run(["prdict"])
        #expect(result.status == 64)
        let lines = result.error.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.first?.hasPrefix("error: ") == true)
        #expect(lines.last?.hasPrefix("  try: ") == true)
        #expect(result.output.isEmpty)
    }

    @Test func errorsAreJSONOnRequest() throws {
        let result = try Binary.run(["info", "--json", "--thread", "many"])
        let object = try JSONSerialization.jsonObject(with: Data(result.error.utf8)) as? [String: [String: Any]]
        #expect(object?["error"]?["code"] as? String == "USAGE")
        #expect(result.status == 64)
    }

    @Test func infoNamesTheVersion() throws {
        let result = try Binary.run(["info", "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect(
            object?["version"] as? String
                == (try Binary.run(["--version"])).output.split(separator: " ").last.map(String.init)?
                .trimmingCharacters(in: .newlines))
        #expect(result.status == 0)
    }
}
