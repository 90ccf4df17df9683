import Foundation
import Graphs
import Probability
import Testing

struct AcyclicGraphChainTests {
    private func beliefs(_ probabilities: [Float]) -> EdgeBeliefs {
        let count = Int(Double(probabilities.count).squareRoot())
        return EdgeBeliefs(genes: (0..<count).map { "g\($0)" }, probabilities: probabilities)
    }

    /// Graphs of a long chain beside the probabilities of all 25 or 543, by Pearson's χ².
    @Test(
        arguments: [
            [0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0],
            [0, 0.9, 0.2, 0.8, 0, 0.7, 0.6, 0.1, 0],
            // A cycle of three of which each edge is nearly certain: graphs far apart, each likely.
            [0, 0.99, 0.02, 0.02, 0, 0.99, 0.99, 0.02, 0],
            [0, 0.9, 0.2, 0.5, 0.8, 0, 0.7, 0.3, 0.6, 0.1, 0, 0.6, 0.4, 0.5, 0.7, 0],
        ] as [[Float]])
    func drawsEachAcyclicGraphAsOftenAsItIsProbable(_ probabilities: [Float]) {
        let beliefs = beliefs(probabilities)
        let graphs = allAcyclicGraphs(beliefs.genes.count)
        let weights = graphs.map { exp(beliefs.logProbability(of: $0)) }
        let total = weights.reduce(0, +)
        var chain = AcyclicGraphChain(beliefs, stream: RandomStream(seed: 7))
        chain.advance(sweeps: 20)
        let draws = 8_000
        var counts: [[Edge]: Int] = [:]
        for _ in 0..<draws {
            chain.advance(sweeps: 3)
            counts[chain.draw().edges, default: 0] += 1
        }
        #expect(counts.values.reduce(0, +) == draws)
        // Graphs expected fewer than 5 times are taken together, as the approximation by χ² asks.
        var (chiSquare, classes, rare, expectedRare) = (0.0, 0, 0, 0.0)
        for (graph, weight) in zip(graphs, weights) {
            let expected = Double(draws) * weight / total
            let seen = counts[graph.edges] ?? 0
            if expected < 5 {
                rare += seen
                expectedRare += expected
            } else {
                chiSquare += pow(Double(seen) - expected, 2) / expected
                classes += 1
            }
        }
        if expectedRare >= 5 {
            chiSquare += pow(Double(rare) - expectedRare, 2) / expectedRare
            classes += 1
        }
        // Mean k and deviation √(2k) of χ² with k = classes − 1: five deviations are a chance of about one in 10⁵ for
        // draws that are independent, and what is left of dependence after three sweeps widens it little.
        let freedom = Double(classes - 1)
        #expect(chiSquare < freedom + 5 * (2 * freedom).squareRoot(), "χ² \(chiSquare) of \(classes) classes")
    }

    @Test func certainEdgesStayAndImpossibleOnesNeverCome() {
        var probabilities = Array(repeating: Float(0), count: 36)
        for node in 0..<5 { probabilities[node * 6 + node + 1] = 1 }
        var chain = AcyclicGraphChain(beliefs(probabilities), stream: RandomStream(seed: 1))
        chain.advance(sweeps: 50)
        for _ in 0..<20 {
            chain.advance(sweeps: 1)
            #expect(chain.draw().edges == (0..<5).map { Edge($0, $0 + 1) })
        }
    }

    @Test func panelsOfAnySizeGiveAcyclicGraphs() {
        var stream = RandomStream(seed: 5)
        for count in [0, 1, 2, 30] {
            let beliefs = beliefs((0..<count * count).map { _ in Float(stream.uniform(0, 0.3)) })
            var chain = AcyclicGraphChain(beliefs, stream: RandomStream(seed: 2))
            var again = AcyclicGraphChain(beliefs, stream: RandomStream(seed: 2))
            for _ in 0..<3 {
                chain.advance(sweeps: 2)
                again.advance(sweeps: 2)
                let graph = chain.draw()
                #expect(graph.nodeCount == count && graph.isAcyclic)
                #expect(graph == again.draw())
            }
        }
    }

    /// Where edges close no cycle with others, each is there as often as it is believed.
    @Test func edgesThatCloseNoCycleKeepTheirProbability() {
        // 0 → {1, 2} → 3 with nothing the other way.
        var probabilities = Array(repeating: Float(0), count: 16)
        for (place, probability) in [(1, 0.3), (2, 0.6), (7, 0.8), (11, 0.5)] {
            probabilities[place] = Float(probability)
        }
        var chain = AcyclicGraphChain(beliefs(probabilities), stream: RandomStream(seed: 3))
        var counts = Array(repeating: 0, count: 16)
        chain.advance(sweeps: 20)
        for _ in 0..<10_000 {
            chain.advance(sweeps: 2)
            for edge in chain.draw().edges { counts[edge.source * 4 + edge.target] += 1 }
        }
        // Four deviations of a share of 10,000 are at most 0.02; dependence between draws is allowed half as much again.
        for (count, probability) in zip(counts, probabilities) {
            #expect(abs(Double(count) / 10_000 - Double(probability)) < 0.03)
        }
    }
}
