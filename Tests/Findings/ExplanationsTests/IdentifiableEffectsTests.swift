import Graphs
import Identification
import Testing

@testable import Explanations

struct IdentifiableEffectsTests {
    private static let genes = ["A", "B", "C"]

    private func effects(
        _ graphs: [[(Int, Int)]], hidden: [HiddenCause], experiments: [[String]] = []
    ) throws -> IdentifiableEffects {
        try IdentifiableEffects(
            genes: Self.genes,
            graphs: graphs.map { edges in
                DirectedGraph(nodeCount: 3, edges: edges.map { Edge($0.0, $0.1) })
            }, experiments: experiments, hidden: hidden)
    }

    /// Pearl's front door: what goes through B can be told from what A and C have in common.
    @Test func aMediatorLetsThroughWhatAHiddenCauseBlocks() throws {
        let one = try effects([[(0, 1), (1, 2)]], hidden: [HiddenCause(name: "batch", genes: ["A", "C"])])
        let finding = try #require(try one.finding(source: "A", target: "C"))
        #expect(finding.evidence == .observation && finding.missing.isEmpty && finding.probability == 1)
        #expect(finding.formula?.contains("P(B | A)") == true)
    }

    /// The bow of A → B with a common cause is the smallest hedge (Shpitser & Pearl 2006).
    @Test func aCommonCauseOfBothCantBeToldFromTheEffect() throws {
        let hidden = [HiddenCause(name: "batch", genes: ["A", "B"]), HiddenCause(name: "phase", genes: ["B", "C"])]
        let one = try effects([[(0, 1), (1, 2)]], hidden: hidden)
        let finding = try #require(try one.finding(source: "A", target: "B"))
        #expect(finding.evidence == .none && finding.formula == nil)
        #expect(finding.missing == ["batch"])
        // Two causes of the same pair: measuring one leaves the other.
        let two = try effects(
            [[(0, 1)]], hidden: [hidden[0], HiddenCause(name: "donor", genes: ["A", "B", "C"])])
        let double = try #require(try two.finding(source: "A", target: "B"))
        #expect(double.missing == ["batch", "donor"])
    }

    @Test func cellsInWhichTheSourceWasSetTellItsEffect() throws {
        let one = try effects([[(0, 1), (1, 2)]], hidden: [HiddenCause(name: "batch")], experiments: [["A"], ["C"]])
        let finding = try #require(try one.finding(source: "A", target: "C"))
        #expect(finding.evidence == .experiment && finding.experiments == [["A"]])
        #expect(try one.finding(source: "B", target: "C")?.evidence == EffectIdentifiability.Evidence.none)
    }

    @Test func graphsAreCounted() throws {
        // On two of four graphs A leads to B by itself, on one through C, on one not at all.
        let graphs = [[(0, 1)], [(0, 1)], [(0, 2), (2, 1)], [(1, 0)]]
        let one = try effects(graphs, hidden: [HiddenCause(name: "batch", genes: ["A", "B"])])
        let finding = try #require(try one.finding(source: "A", target: "B"))
        #expect(finding.probability == 0.75 && finding.evidence == .none)
        #expect(abs(finding.agreement - 2.0 / 3) < 1e-12)
        #expect(try one.finding(source: "C", target: "A") == nil)
        #expect(try one.finding(source: "A", target: "A") == nil)
    }

    @Test func namesAreChecked() {
        func code(_ hidden: HiddenCause) -> String? {
            do {
                _ = try effects([[(0, 1)]], hidden: [hidden])
                return nil
            } catch { return (error as? IdentificationError)?.code }
        }
        #expect(code(HiddenCause(name: "batch", genes: ["Z"])) == "UNKNOWN_NODES")
        #expect(code(HiddenCause(name: "A")) != nil)
        #expect(code(HiddenCause(name: "")) == "NO_NAMES")
    }
}
