import Probability
import Testing

@testable import Structure

@Suite struct GeneSubsetsTests {
    @Test(arguments: [(30, 10, 1), (30, 10, 3), (101, 40, 2), (7, 2, 1), (9, 3, 1), (101, 100, 1), (320, 100, 1)])
    func everyPairMeets(_ genes: Int, _ size: Int, _ coverage: Int) {
        let subsets = GeneSubsets(geneCount: genes, size: size, coverage: coverage, stream: RandomStream(seed: 1))
            .subsets
        var meetings = Array(repeating: 0, count: genes * genes)
        for subset in subsets {
            #expect(subset.count <= size && Set(subset).count == subset.count && subset == subset.sorted())
            for a in subset { for b in subset { meetings[a * genes + b] += 1 } }
        }
        #expect(meetings.allSatisfy { $0 >= coverage })
    }

    /// Schönheim's bound says how few subsets there can be: ⌈d/k ⌈(d − 1)/(k − 1)⌉⌉.
    @Test(arguments: [(101, 100, 3), (200, 100, 6), (500, 100, 30), (1000, 100, 132), (2000, 100, 552)])
    func subsetsAreFew(_ genes: Int, _ size: Int, _ count: Int) {
        let subsets = GeneSubsets(geneCount: genes, size: size, coverage: 1, stream: RandomStream(seed: 1)).subsets
        #expect(subsets.count == count)
        let inner = (genes - 1 + size - 2) / (size - 1)
        #expect(Double(count) <= 1.35 * Double((genes * inner + size - 1) / size))
    }

    @Test func aSeedDealsGenesOut() {
        func subsets(_ seed: UInt64) -> GeneSubsets {
            GeneSubsets(geneCount: 40, size: 10, coverage: 1, stream: RandomStream(seed: seed))
        }
        #expect(subsets(1) == subsets(1) && subsets(1) != subsets(2))
    }

    @Test func aSmallPanelIsReadAtOnce() {
        #expect(
            GeneSubsets(geneCount: 5, size: 9, coverage: 4, stream: RandomStream(seed: 1)).subsets == [[0, 1, 2, 3, 4]])
    }
}
