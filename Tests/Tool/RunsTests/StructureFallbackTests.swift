import Graphs
import Structure
import Testing

@testable import Runs

/// Fits of screens whose cells say nothing of edges beforehand.
struct StructureFallbackTests {
    @Test func withTooFewCellsEveryEdgeIsAsLikelyAsTheNextAndThatIsSaid() throws {
        let found = try StructurePrediction.orNone(genes: ["a", "b", "c"]) {
            throw StructureError(code: "TOO_FEW_CELLS", element: "X", message: "expected 20, found 3", remedy: "more")
        }
        #expect(found.beliefs[0, 1] == 0.2 && !found.beliefs.isInformative)
        #expect(found.notices.first?.message.contains("expected 20, found 3") == true)
    }

    @Test func otherFailuresStand() {
        #expect(throws: StructureError.self) {
            try StructurePrediction.orNone(genes: ["a", "b"]) {
                throw StructureError(code: "NONFINITE", element: "X", message: "NaN", remedy: "drop it")
            }
        }
    }

    @Test func oneEdgeAboveTheOthersIsInformation() {
        var probabilities = [Float](repeating: 0.1, count: 9)
        probabilities[1] = 0.2
        #expect(EdgeBeliefs(genes: ["a", "b", "c"], probabilities: probabilities).isInformative)
    }
}
