import Foundation
import Testing

/// Every fenced command of the README is run, in order and in one folder, and must print what the README shows.
struct ReadmeTests {
    struct Block {
        var language: String
        var text: String
        /// What the README shows right below as printed.
        var output: String?
    }

    @Test func theCommandsPrintWhatTheReadmeShows() throws {
        let readme = try String(contentsOf: Binary.package.appendingPathComponent("README.md"), encoding: .utf8)
        let blocks = Self.blocks(of: readme)
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            at: folder.url.appendingPathComponent("Reference"),
            withDestinationURL: Binary.package.appendingPathComponent("Reference"))
        var commands = 0
        for block in blocks {
            if block.language == "yaml", let name = block.text.firstMatch(of: /^# (\S+\.yaml)\n/)?.1 {
                try block.text.write(toFile: folder.path(String(name)), atomically: true, encoding: .utf8)
            }
            guard block.language == "bash", !block.text.hasPrefix("bash Pipelines/") else { continue }
            commands += 1
            let output = try shell(block.text, in: folder.url)
            if let shown = block.output {
                #expect(Self.agree(output, shown), "\(block.text) printed:\n\(output)")
            }
        }
        #expect(commands >= 6)
    }

    /// The two commands of the first screen build the package, so they are run by continuous integration, not from within
    /// a test: `Pipelines/test` is what runs this, and it runs the demo.
    @Test func continuousIntegrationRunsTheTwoCommands() throws {
        let readme = try String(contentsOf: Binary.package.appendingPathComponent("README.md"), encoding: .utf8)
        let commands = Self.blocks(of: readme).filter { $0.text.hasPrefix("bash Pipelines/") }.map(\.text)
        #expect(commands == ["bash Pipelines/demo\n", "bash Pipelines/test\n"])
        let test = try String(contentsOf: Binary.package.appendingPathComponent("Pipelines/test"), encoding: .utf8)
        #expect(test.contains("Pipelines/demo"))
        let ci = try String(contentsOf: Binary.package.appendingPathComponent(".ci/run"), encoding: .utf8)
        #expect(ci.contains("Pipelines/test"))
    }

    private func shell(_ command: String, in folder: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-euo", "pipefail", "-c", command]
        process.currentDirectoryURL = folder
        var environment = ProcessInfo.processInfo.environment
        let binaries = URL(fileURLWithPath: Binary.path).deletingLastPathComponent().path
        environment["PATH"] = binaries + ":" + (environment["PATH"] ?? "")
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(command)")
        return text
    }

    static func blocks(of text: String) -> [Block] {
        text.matches(of: /(?m)^```(\w+)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/).map {
            Block(language: String($0.1), text: String($0.2), output: $0.3.map { String($0) })
        }
    }

    /// The same words; numbers may differ by 5 % or 0.05: processors round differently, and a fit of a few thousand steps
    /// carries that on.
    static func agree(_ a: String, _ b: String) -> Bool {
        let (left, right) = (a.split(whereSeparator: \.isWhitespace), b.split(whereSeparator: \.isWhitespace))
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { x, y in
            if x == y { return true }
            guard let x = Double(x), let y = Double(y) else { return false }
            return abs(x - y) <= max(0.05, 0.05 * abs(y))
        }
    }

    @Test func agreementIsNotTooKind() {
        #expect(Self.agree("a 0.54\n", "a 0.50"))
        #expect(!Self.agree("a 0.56", "a 0.50"))
        #expect(!Self.agree("a b", "a"))
        let blocks = Self.blocks(of: "x\n```bash\nls\n```\n\n```text\nout\n```\n\n```bash\npwd\n```\n\nend\n")
        #expect(blocks.map(\.text) == ["ls\n", "pwd\n"])
        #expect(blocks.map(\.output) == ["out\n", nil])
    }
}
