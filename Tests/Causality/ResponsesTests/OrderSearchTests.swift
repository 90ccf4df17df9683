import Foundation
import Probability
import Testing

@testable import Responses

struct OrderSearchTests {
    func system(_ world: PlantedWorld) throws -> ResponseSystem {
        let summary = try ScreenSummary(world.moments())
        return ResponseSystem(
            summary, curves: 1,
            strengths: summary.design.contexts.map { $0.map { .init(perturbation: $0.perturbation, value: 1) } },
            priors: .sparse(summary.design))
    }

    @Test func everyOrderLeadsToTheSameGraph() throws {
        let system = try system(.five)
        var scores: [Double] = []
        var orders: [[Int]] = [[4, 3, 2, 1, 0], [0, 1, 2, 3, 4], OrderSearch.firstOrder(system, workers: 1)]
        var stream = RandomStream(seed: 4)
        for _ in 0..<4 { orders.append(stream.permutation(5)) }
        for order in orders {
            var search = OrderSearch(system, order: order, workers: 1)
            let start = search.score
            search.climb(rounds: 20, &stream)
            #expect(search.score >= start)
            scores.append(search.score)
            let parents = search.regressions.map { regression in
                Set(regression.active.compactMap { system.gene(ofColumn: $0) })
            }
            #expect(parents == [[], [0], [1], [1], [2, 3]])
            #expect(Set(search.order) == Set(0..<5))
        }
        // The same columns in another order: rounding of scores of some 1,000.
        #expect((scores.max() ?? 0) - (scores.min() ?? 0) < 1e-6)
    }

    @Test func theScoreIsThatOfRegressionsAlongTheOrder() throws {
        let system = try system(.five)
        var stream = RandomStream(seed: 5)
        var search = OrderSearch(system, order: [3, 1, 4, 0, 2], workers: 1)
        search.draw(rounds: 2, &stream)
        let fresh = OrderSearch(system, order: search.order, workers: 1)
        // Greedy choices from elsewhere may end elsewhere, here they do not.
        #expect(abs(search.score - fresh.score) < 1e-6)
        for (place, gene) in search.order.enumerated() {
            let earlier = Set(search.order[..<place])
            let parents = search.regressions[gene].active.compactMap { system.gene(ofColumn: $0) }
            #expect(earlier.isSuperset(of: parents))
        }
    }

    @Test func genesPassAsManyOthersAtOnceAsTheyMay() throws {
        let d = 210
        var world = PlantedWorld.linear(
            Array(repeating: [Double](repeating: 0, count: d), count: d), noise: Array(repeating: 0.5, count: d),
            effects: [[0: 2]])
        world.cellsPerContext = world.cellsPerContext.map { min($0, 40) }
        let system = try system(world)
        #expect(OrderSearch.usualReach(genes: 500) == 500 && OrderSearch.usualReach(genes: 501) == 100)
        var search = OrderSearch(system, order: Array(0..<d), reach: 100, workers: 2)
        let gains = search.gains(ofMoving: 104)
        // Hardly any gene regulates another: wherever it may go, little changes.
        #expect(gains.indices.allSatisfy { (gains[$0] > -.infinity) == (abs($0 - 104) <= 100) })
        var near = OrderSearch(system, order: Array(0..<d), reach: 7, workers: 2)
        let few = near.gains(ofMoving: 3)
        #expect(few.indices.allSatisfy { (few[$0] > -.infinity) == ($0 <= 10) })
        var far = OrderSearch(system, order: Array(0..<d), workers: 2)
        #expect(far.gains(ofMoving: 104).allSatisfy { $0 > -.infinity })
    }

    @Test func threadsChangeNothing() throws {
        let d = 24
        var weights = Array(repeating: [Double](repeating: 0, count: d), count: d)
        for gene in 1..<d { for other in max(0, gene - 4)..<gene { weights[other][gene] = 0.4 } }
        let world = PlantedWorld.linear(
            weights, noise: Array(repeating: 0.5, count: d), effects: (0..<d).map { [$0: 2] })
        let system = try system(world)
        let searches = [1, 4].map { workers -> OrderSearch in
            var stream = RandomStream(seed: 6)
            var search = OrderSearch(system, order: Array((0..<d).reversed()), workers: workers)
            search.climb(rounds: 3, &stream)
            search.draw(rounds: 1, &stream)
            return search
        }
        #expect(searches[0].order == searches[1].order)
        #expect(searches[0].score == searches[1].score)
        #expect(searches[0].regressions.map(\.active) == searches[1].regressions.map(\.active))
    }

    @Test func whatMovesPromiseTheyGive() throws {
        // Genes that stand in for one another: each is a noisy copy of the one before.
        let d = 8
        var weights = Array(repeating: [Double](repeating: 0, count: d), count: d)
        for gene in 1..<d { weights[gene - 1][gene] = 0.95 }
        let world = PlantedWorld.linear(
            weights, noise: Array(repeating: 0.5, count: d), effects: (0..<d).map { [$0: 2] })
        let system = try system(world)
        var stream = RandomStream(seed: 6)
        var search = OrderSearch(system, order: Array(0..<d), workers: 1)
        for _ in 0..<120 {
            let gene = stream.index(below: d)
            let gains = search.gains(ofMoving: gene)
            let open = gains.indices.filter { gains[$0] > -.infinity && search.order[$0] != gene }
            guard !open.isEmpty else { continue }
            let place = open[stream.index(below: open.count)]
            let before = search.score
            search.move(gene, to: place)
            // The same steps twice: rounding of scores of some 1,000.
            #expect(abs(search.score - before - gains[place]) < 1e-6)
        }
    }

    @Test func theFirstOrderPutsCausesFirst() throws {
        let order = try OrderSearch.firstOrder(system(.five), workers: 2)
        let places = (0..<5).map { order.firstIndex(of: $0)! }
        let kept = PlantedWorld.five.edges.count { places[$0.0] < places[$0.1] }
        // A beginning, not an answer: most edges point forward.
        #expect(kept >= 3)
    }

    @Test func evidenceOfEquivalentOrdersIsShared() throws {
        // Two genes seen in control cells only: nothing tells cause from effect.
        var world = PlantedWorld.linear([[0, 0.8], [0, 0]], noise: [1, 1], effects: [[0: 2]])
        world.cellsPerContext = [300, 0]
        let posterior = try world.fitted(draws: 60)
        let (forward, backward) = (posterior.edgeLogOdds[1], posterior.edgeLogOdds[2])
        let shares = [forward, backward].map { 1 / (1 + exp(-$0)) }
        // Half each; four standard deviations of 60 draws that follow on one another.
        #expect(shares[0] > 0.2 && shares[0] < 0.8)
        #expect(abs(shares[0] + shares[1] - 1) < 0.01)
        let drawn = posterior.draws.count { ResponsePosterior.graph($0)[0, 1] }
        #expect(drawn > 10 && drawn < 50)
    }

    @Test func evidenceIsAveragedAsProbabilities() {
        var average = EvidenceAverage(count: 3)
        average.add([log(3), 40, -.infinity])
        average.add([-log(3), 60, 0])
        let logOdds = average.logOdds
        #expect(abs(logOdds[0]) < 1e-12)
        // (e⁻⁴⁰ + e⁻⁶⁰)/2 of doubt, and half of one half.
        #expect(abs(logOdds[1] - (40 + log(2))) < 1e-6)
        #expect(abs(logOdds[2] - log(0.25 / 0.75)) < 1e-12)
    }
}
