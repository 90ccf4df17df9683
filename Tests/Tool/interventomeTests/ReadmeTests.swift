import Foundation
import Testing

/// Every fenced command of the README is run, in order and in one folder, and must print what the README shows.
struct ReadmeTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Binary.package.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func theCommandsPrintWhatTheReadmeShows() throws {
        #expect(try ShownCommands([text("README.md")]).run() >= 6)
    }

    /// The two commands of the first screen build the package, so they are run by continuous integration, not from within
    /// a test: `Pipelines/test` is what runs this, and it runs the demo.
    @Test func continuousIntegrationRunsTheTwoCommands() throws {
        let commands = try ShownCommands([text("README.md")]).blocks.filter(\.isOfPipelines).map(\.text)
        #expect(commands == ["bash Pipelines/demo\n", "bash Pipelines/test\n"])
        #expect(try text("Pipelines/test").contains("Pipelines/demo"))
        #expect(try text(".ci/run").contains("Pipelines/test"))
    }
}
