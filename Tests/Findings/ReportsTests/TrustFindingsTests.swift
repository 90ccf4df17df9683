import Testing

@testable import Reports

@Suite struct TrustFindingsTests {
    private let domain = TrustFindings.Domain(
        name: "linear", worlds: 1500, error: 0.0123,
        bins: (0..<10).map { place in
            let middle = (Double(place) + 0.5) / 10
            return TrustFindings.Bin(count: place == 4 ? 0 : 1000 - 100 * place, probability: middle, frequency: middle)
        })

    @Test func nothingKnownGivesNoSection() {
        #expect(TrustFindings(domains: [], percentile: nil).section == nil)
    }

    @Test func everyDomainHasADiagramAndItsCounts() throws {
        let section = try #require(
            TrustFindings(
                domains: [domain, domain], percentile: 97.4, unlike: ["high spread of the correlation of pairs"]
            )
            .section)
        guard case .paragraph(let distance) = section.blocks[0], case .gallery(let figures) = section.blocks[2],
            case .table(let counts) = section.blocks[3]
        else {
            Issue.record("\(section.blocks)")
            return
        }
        #expect(distance.contains("97 %") && distance.contains("high spread of the correlation of pairs"))
        #expect(figures.count == 2 && counts.rows.count == 2)
        #expect(counts.rows[0][1] == .count(1000) && counts.columns[10].title == "0.9 – 1")
        guard case .lines(let figure) = figures[0] else { return }
        // An empty bin has no dot.
        #expect(figure.series[0].points.count == 9 && figure.caption.contains("1,500 worlds"))
        #expect(figure.series[1].points == [.init(x: 0, y: 0), .init(x: 1, y: 1)])
    }

    /// (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n) with z = 1.959964, by hand; 1.96 moves it by 4e-6 at most.
    @Test func intervalsAreWilsons() {
        let interval = TrustFindings.Bin(count: 100, probability: 0.7, frequency: 0.7).interval
        #expect(abs(interval.lower - 0.6041515) < 5e-6 && abs(interval.upper - 0.7810511) < 5e-6)
        let all = TrustFindings.Bin(count: 1, probability: 1, frequency: 1).interval
        #expect(all.upper == 1 && all.lower > 0.2)
    }

    @Test func resampledEdgesStandInATable() throws {
        let edge = TrustFindings.ResampledEdge(
            source: "a", target: "b", probability: 0.9, low: 0.4, high: 0.95, likelyShare: 0.85)
        let section = try #require(
            TrustFindings(domains: [], percentile: nil, resamples: 100, edges: [edge]).section)
        guard case .table(let table) = section.blocks.last else {
            Issue.record("no table")
            return
        }
        #expect(
            table.rows == [[.text("a"), .text("b"), .estimate(Estimate(0.9, lower: 0.4, upper: 0.95)), .share(0.85)]])
    }
}
