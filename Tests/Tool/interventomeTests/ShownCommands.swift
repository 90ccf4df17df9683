import Foundation
import Testing

/// The fenced commands of pages of markdown, to be run in order and in one folder, with what they are shown to print.
struct ShownCommands {
    struct Block {
        var language: String
        var text: String
        /// What the page shows right below as printed.
        var output: String?

        /// Sets up, builds or tests the package: nothing to be run from within a test.
        var isOfPipelines: Bool { text.hasPrefix("bash Pipelines/") }
    }

    let blocks: [Block]

    init(_ pages: [String]) { blocks = pages.flatMap(Self.blocks) }

    /// Runs every command, beside `Reference`; a block of YAML whose first line is `# NAME.yaml` becomes that file. What is
    /// printed must agree with what is shown.
    /// - Returns: How many blocks of commands were run.
    func run() throws -> Int {
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            at: folder.url.appendingPathComponent("Reference"),
            withDestinationURL: Binary.package.appendingPathComponent("Reference"))
        var count = 0
        for block in blocks {
            if block.language == "yaml", let name = block.text.firstMatch(of: /^# (\S+\.yaml)\n/)?.1 {
                try block.text.write(toFile: folder.path(String(name)), atomically: true, encoding: .utf8)
            }
            guard block.language == "bash", !block.isOfPipelines else { continue }
            count += 1
            let output = try Self.shell(block.text, in: folder.url)
            if let shown = block.output {
                #expect(Self.agree(output, shown), "\(block.text) printed:\n\(output)")
            }
        }
        return count
    }

    private static func shell(_ command: String, in folder: URL) throws -> String {
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
}

struct ShownCommandsTests {
    @Test func agreementIsNotTooKind() {
        #expect(ShownCommands.agree("a 0.54\n", "a 0.50"))
        #expect(!ShownCommands.agree("a 0.56", "a 0.50"))
        #expect(!ShownCommands.agree("a b", "a"))
        let blocks = ShownCommands.blocks(of: "x\n```bash\nls\n```\n\n```text\nout\n```\n\n```bash\npwd\n```\n\nend\n")
        #expect(blocks.map(\.text) == ["ls\n", "pwd\n"])
        #expect(blocks.map(\.output) == ["out\n", nil])
    }

    @Test func commandsRunInOneFolderAndAreHeldToWhatIsShown() throws {
        let page = """
            ```yaml
            # a.yaml
            x: 1
            ```

            ```bash
            cat a.yaml
            ```

            ```text
            # a.yaml
            x: 1
            ```

            ```bash
            bash Pipelines/test
            ```

            """
        #expect(try ShownCommands([page]).run() == 1)
        withKnownIssue { _ = try ShownCommands(["```bash\necho a\n```\n\n```text\nb\n```\n"]).run() }
        withKnownIssue { _ = try ShownCommands(["```bash\nfalse\n```\n"]).run() }
    }
}
