import Foundation
import Testing

/// The help of every verb, as it was when it was last looked at: a change is seen, and made on purpose.
struct HelpTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Help")
    private static let remedy =
        "if this is as it should be: RECORD_HELP=1 swift test --filter HelpTests, look at the changes, and commit them"

    /// Every verb, found by following the lists of subcommands: `["simulate", "screen"]`; the tool itself is `[]`.
    private static func verbs(below verb: [String] = []) throws -> [[String]] {
        let text = try help(verb)
        guard let list = text.range(of: "SUBCOMMANDS:\n") else { return [verb] }
        let names = text[list.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { !$0.isEmpty }
            // The lines between that go on with a description are indented further.
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        return [verb] + (try names.flatMap { try verbs(below: verb + [$0]) })
    }

    private static func help(_ verb: [String]) throws -> String {
        let result = try Binary.run(["help"] + verb, environment: ["COLUMNS": "80"])
        #expect(result.status == 0)
        #expect(result.error.isEmpty)
        return result.output
    }

    @Test func everyHelpTextIsAsRecorded() throws {
        let isRecording = ProcessInfo.processInfo.environment["RECORD_HELP"] != nil
        let verbs = try Self.verbs()
        let names = verbs.map { (["interventome"] + $0).joined(separator: "-") + ".txt" }
        let manager = FileManager.default
        if isRecording {
            try? manager.removeItem(at: Self.folder)
            try manager.createDirectory(at: Self.folder, withIntermediateDirectories: true)
        }
        for (verb, name) in zip(verbs, names) {
            let text = try Self.help(verb)
            let file = Self.folder.appendingPathComponent(name)
            if isRecording { try Data(text.utf8).write(to: file) }
            let recorded = (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
            #expect(text == recorded, "Help/\(name) differs; \(Self.remedy)")
        }
        let found = Set((try? manager.contentsOfDirectory(atPath: Self.folder.path)) ?? [])
        #expect(found == Set(names), "verbs came or went; \(Self.remedy)")
        #expect(
            !isRecording, "the help texts were recorded anew; look at the changes and run again without RECORD_HELP")
    }

    @Test func everyVerbOfTheContractThatIsThereHasHelp() throws {
        let verbs = try Self.verbs().compactMap(\.first)
        for verb in ["demo", "run", "inspect", "simulate", "info"] { #expect(verbs.contains(verb)) }
        #expect(try Binary.run(["--help"]).output == Self.help([]))
        #expect(try Binary.run(["run", "--help"]).output == Self.help(["run"]))
    }
}
