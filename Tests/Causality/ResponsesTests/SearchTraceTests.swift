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

    /// Nats alone are no doubt: what counts is whether the beginnings found the same.
    @Test func beginningsThatFindOtherThingsAreADoubt() throws {
        let climbs = [SearchTrace.Climb(scores: [1, 20]), .init(scores: [-5])]
        let found = SearchTrace.Findings(edges: [[0, 1], [1, 2], [2, 3]], targets: [[0, 0], [3, 1]])
        #expect(SearchTrace(climbs, findings: [found, found]).doubts.isEmpty)
        // An edge the other way round joins the same genes.
        var turned = found
        turned.edges = [[0, 1], [1, 2], [3, 2]]
        let alike = SearchTrace(climbs, findings: [found, turned])
        #expect(alike.doubts.isEmpty)
        #expect(alike.agreement == .init(edges: 0.5, joinedPairs: 1, targets: 1, difference: 25))
        var other = found
        other.targets = [[0, 0], [2, 1]]
        let apart = SearchTrace(climbs, findings: [found, other])
        #expect(apart.agreement?.targets == 1.0 / 3)
        #expect(apart.doubts.count == 1 && apart.doubts[0].contains("33 % of the targets"))
        #expect(SearchTrace([climbs[0]], findings: [found]).agreement == nil)
        // Where nothing was found nothing differs.
        #expect(SearchTrace(climbs, findings: [.init(), .init()]).doubts.isEmpty)
    }

    @Test func twoBeginningsOfAPlainWorldAgree() throws {
        let agreement = try #require(try PlantedWorld.five.fitted().search.agreement)
        #expect(agreement.edges == 1 && agreement.targets == 1 && agreement.difference < 1e-6)
    }
}
