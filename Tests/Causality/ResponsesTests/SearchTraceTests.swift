import Foundation
import Probability
import Testing

@testable import Responses

/// What is said of how the search ended.
struct SearchTraceTests {
    @Test func aFinishedSearchSaysSo() throws {
        let posterior = try PlantedWorld.five.fitted()
        let trace = posterior.search
        #expect(trace.doubts.isEmpty)
        // Two beginnings of which neither moved for ever, and no doses that would ask for more.
        #expect(trace.scores.count == 2)
        #expect(trace.rounds == trace.scores.joined().count)
        for climb in trace.scores {
            #expect(climb.count < StructureFit.moves)
            #expect(zip(climb, climb.dropFirst()).allSatisfy { $0 <= $1 })
            // The last round gained nothing.
            #expect(abs((climb.last ?? 0) - posterior.score) < 1e-6)
        }
    }

    @Test func roundsThatRunOutAreADoubt() throws {
        let system = try OrderSearchTests().system(.five)
        var search = OrderSearch(system, order: [4, 3, 2, 1, 0], workers: 1)
        var stream = RandomStream(seed: 4)
        let climb = search.climb(rounds: 1, &stream)
        #expect(!climb.isFinished && climb.scores == [search.score])
        var trace = SearchTrace()
        trace.add(climb, unfinished: "not yet")
        #expect(trace.doubts == ["not yet"])
        #expect(search.climb(rounds: 20, &stream).isFinished)
    }

    @Test func endsFarApartAreADoubt() {
        #expect(SearchTrace([.init(scores: [1, 20]), .init(scores: [15])]).doubts.isEmpty)
        let apart = SearchTrace([.init(scores: [1, 20]), .init(scores: [-5])])
        #expect(apart.doubts.count == 1 && apart.doubts[0].contains("25 nats"))
    }
}
