import Foundation
import Matrices
import Probability
import Testing

@testable import PredictedCells

struct CellOrderTests {
    @Test func everyBaseCellIsDrawnOnceBeforeOneIsDrawnAgain() {
        let order = CellOrder(25, of: 10, stream: RandomStream(seed: 1))
        #expect(Set(order.drawn[..<10]) == Set(0..<10))
        #expect(Set(order.drawn[10..<20]) == Set(0..<10))
        #expect(Set(order.drawn[20...]).count == 5)
    }

    @Test func valuesKeepTheirOrder() {
        let values: [Float] = [3, -1, 2, 8]
        let order = CellOrder(4, of: 4, stream: RandomStream(seed: 2))
        let ranked = order.ranked(by: values, stream: RandomStream(seed: 3)).map { values[order.drawn[$0]] }
        #expect(ranked == [-1, 2, 3, 8])
    }

    @Test func tiesFallAtRandom() {
        let values: [Float] = [0, 0, 0, 0, 5]
        let order = CellOrder(5, of: 5, stream: RandomStream(seed: 2))
        let orders = (0..<40).map { order.ranked(by: values, stream: RandomStream(seed: $0)) }
        #expect(orders.allSatisfy { order.drawn[$0[4]] == 4 })
        #expect(Set(orders.map { $0[0] }).count == 4)
    }

    /// Cells beyond the base keep how two genes go together.
    @Test func mixedCellsKeepCorrelations() {
        var stream = RandomStream(seed: 5)
        var (a, b) = ([Float](), [Float]())
        for _ in 0..<1000 {
            let factor = stream.normal()
            a.append(Float(0.8 * factor + 0.6 * stream.normal()))
            b.append(Float(0.8 * factor + 0.6 * stream.normal()))
        }
        let order = CellOrder(8000, of: 1000, stream: RandomStream(seed: 6))
        func ranks(_ values: [Float], _ seed: UInt64) -> [Float] {
            var ranks = [Float](repeating: 0, count: 8000)
            for (rank, cell) in order.ranked(by: values, stream: RandomStream(seed: seed)).enumerated() {
                ranks[cell] = Float(rank)
            }
            return ranks
        }
        let (first, second) = (ranks(a, 7), ranks(b, 8))
        // Mixing pairs of a sample keeps normal scores' correlation; that of 1,000 cells and 7,000 pairs varies by 0.015.
        #expect(abs(pearsonCorrelation(first, second) - spearmanCorrelation(a, b)) < 0.05)
        #expect(Set(zip(first, second).map { "\($0) \($1)" }).count == 8000)
    }
}
