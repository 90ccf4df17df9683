import Foundation
import Testing

/// Results on standard output, everything else on standard error, in the style that was asked for.
struct ProgressTests {
    private let temporary: TemporaryFolder
    private let run: [String]

    init() throws {
        temporary = try TemporaryFolder()
        run = ["run", try SmallScreen.shared.get().path("config.yaml"), "-o", temporary.path("run")]
    }

    /// One JSON object a line.
    static func events(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { line in
            try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "not an object: \(line)")
        }
    }

    private var expectedOutput: String { "Report: \(temporary.path("run"))/report.html\n" }

    @Test func oneJSONObjectALine() throws {
        let result = try Binary.run(run + ["--progress", "jsonl"])
        let events = try Self.events(result.error)
        let stages = ["read", "preprocess", "structure", "fit", "predict", "explain", "report"]
        for event in ["begin", "end"] {
            #expect(events.filter { $0["event"] as? String == event }.map { $0["stage"] as? String } == stages)
        }
        let fractions = events.filter { $0["event"] as? String == "progress" && $0["stage"] as? String == "fit" }
            .compactMap { $0["fraction"] as? Double }
        #expect(!fractions.isEmpty)
        #expect(fractions == fractions.sorted())
        #expect(fractions.allSatisfy { (0...1).contains($0) })
        #expect(result.output == expectedOutput)
    }

    @Test func quietSaysNothing() throws {
        let result = try Binary.run(run + ["--quiet"])
        #expect(result.error.isEmpty)
        #expect(result.output == expectedOutput)
    }

    @Test func plainLinesHaveNoEscapes() throws {
        let result = try Binary.run(run + ["--progress", "lines"])
        #expect(!result.error.contains("\u{1B}"))
        #expect(!result.error.contains("\r"))
        #expect(result.error.contains("fit: "))
        #expect(result.output == expectedOutput)
    }

    @Test func plainLinesWhereThereIsNoTerminal() throws {
        #expect(!(try Binary.run(run)).error.contains("\u{1B}"))
    }

    @Test func resultsAsJSON() throws {
        let result = try Binary.run(run + ["--json", "--quiet"])
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: String]
        #expect(object == ["report": temporary.path("run") + "/report.html"])
    }

    /// On a terminal: a bar, in colour unless `NO_COLOR` is set. The terminal is that of `script` (util-linux).
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "needs the tool script"))
    func aBarOnATerminal() throws {
        let command = ([Binary.path] + run).map { "'\($0)'" }.joined(separator: " ")
        func said(_ environment: [String: String]) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
            process.arguments = ["-q", "-e", "-c", command, "/dev/null"]
            process.environment = ["PATH": "/usr/bin:/bin", "TERM": "xterm"].merging(environment) { $1 }
            process.standardInput = FileHandle.nullDevice
            let (output, error) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardError = error
            try process.run()
            return Binary.wait(for: process, output, error).output
        }
        let colourful = try said([:])
        #expect(colourful.contains("\u{1B}[32m"))
        #expect(colourful.contains("━") || colourful.contains("─"))
        try FileManager.default.removeItem(atPath: temporary.path("run"))
        let plain = try said(["NO_COLOR": "1"])
        #expect(plain.contains("✓ fit"))
        #expect(!plain.contains("\u{1B}[32m"))
    }
}
