import Foundation
import Graphs
import Testing

@testable import Runs

struct EdgeTableTests {
    /// Names of genes as files have them: with tabs, line breaks, quotes and what looks like a comment.
    @Test func namesOfAnyKindAreReadBack() throws {
        let genes = ["plain", "a\tb", "c\nd", "e\"f", "#g", "β, γ", "1"]
        let probabilities = (0..<49).map { Float($0 % 8 == 0 ? 0 : $0) / 64 }
        let beliefs = EdgeBeliefs(genes: genes, probabilities: probabilities)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).tsv")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(EdgeTable.text(beliefs).utf8).write(to: file)
        #expect(try EdgeTable.read(file.path, genes: genes) == beliefs)
    }
}
