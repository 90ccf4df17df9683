import Foundation
import Graphs
import Testing

@testable import Runs

@Suite struct EdgeTableTests {
    private func read(_ text: String) throws -> [Float] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).tsv").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try OutputFile.write(text, to: file)
        return try EdgeTable.read(file, genes: ["a", "b"]).probabilities
    }

    @Test("Columns are found by name, wherever they stand; without probabilities an edge is sure")
    func columns() throws {
        #expect(try read("source\ttarget\tprobability\na\tb\t0.25\n") == [0, 0.25, 0, 0])
        #expect(try read("number\ttarget\tsource\n1\tb\ta\n") == [0, 1, 0, 0])
    }

    @Test("One edge is not several")
    func numbersOfEdges() {
        func words(_ probabilities: [Float]) -> String {
            EdgeBeliefs(genes: ["a", "b"], probabilities: [0] + probabilities + [0]).likelyEdges
        }
        #expect(words([0.4, 0.5]) == "1 edge of probability 0.5 or more")
        #expect(words([0.9, 0.5]) == "2 edges of probability 0.5 or more")
        #expect(words([0.4, 0]) == "0 edges of probability 0.5 or more")
    }

    @Test("What is written is read again, whatever the names hold")
    func names() throws {
        let genes = ["a\tb", "\"c\"", "#d", "e, f"]
        let beliefs = EdgeBeliefs(genes: genes, probabilities: (0..<16).map { $0 % 5 == 0 ? 0 : Float($0) / 16 })
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).tsv").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try OutputFile.write(EdgeTable.text(beliefs), to: file)
        #expect(try EdgeTable.read(file, genes: genes) == beliefs)
    }

    @Test(arguments: ["5", "-0.1", "nan"])
    func whatIsNoProbabilityIsRefused(_ value: String) {
        let failure = #expect(throws: Failure.self) { try read("source\ttarget\tprobability\na\tb\t\(value)\n") }
        #expect(failure?.code == "CSV_VALUE" && failure?.element == "a → b")
    }

    /// Names of genes as files have them: with tabs, line breaks, quotes and what looks like a comment.
    @Test func namesOfAnyKindAreReadBack() throws {
        let genes = ["plain", "a\tb", "c\nd", "e\"f", "#g", "β, γ", "1"]
        let probabilities = (0..<49).map { Float($0 % 8 == 0 ? 0 : $0) / 64 }
        let beliefs = EdgeBeliefs(genes: genes, probabilities: probabilities)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).tsv").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try OutputFile.write(EdgeTable.text(beliefs), to: file)
        #expect(try EdgeTable.read(file, genes: genes) == beliefs)
    }
}
