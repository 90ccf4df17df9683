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
                domains: [domain, domain], percentile: 97.4, unlike: ["high correlation (spread of pairs)"]
            )
            .section)
        guard case .paragraph(let distance) = section.blocks[0], case .gallery(let all, _) = section.blocks[2],
            case .folded(let card) = section.blocks[3], case .gallery(let figures, _) = card.blocks[0],
            case .table(let counts) = card.blocks[1], section.blocks.count == 4
        else {
            Issue.record("\(section.blocks)")
            return
        }
        #expect(distance.contains("97 %") && distance.contains("high correlation (spread of pairs)"))
        #expect(all.count == 1 && figures.count == 2 && counts.rows.count == 2)
        #expect(card.summary == "2 kinds, expected calibration error 0.012 to 0.012")
        #expect(counts.rows[0][1] == .count(1000) && counts.columns[10].title == "0.9 – 1")
        guard case .lines(let figure) = figures[0] else { return }
        // An empty bin has no dot.
        #expect(figure.series[0].points.count == 9 && figure.caption.contains("1,500 worlds"))
        #expect(figure.series[1].points == [.init(x: 0, y: 0), .init(x: 1, y: 1)])
    }

    /// A pool of 1000 pairs at 0.2 of which 0.1 are edges and 3000 at 0.4 of which 0.5 are: 4000 at 0.35 of which 0.4 are.
    @Test func kindsArePooledByPairs() throws {
        func domain(_ count: Int, _ probability: Double, _ frequency: Double) -> TrustFindings.Domain {
            TrustFindings.Domain(
                name: "one", worlds: 20, error: 0.1,
                bins: [
                    .init(count: count, probability: probability, frequency: frequency),
                    .init(count: 0, probability: 0, frequency: 0),
                ])
        }
        let domains = [domain(1000, 0.2, 0.1), domain(3000, 0.4, 0.5)]
        let pooled = try #require(TrustFindings.pooled(domains))
        // Sums of a few decimal fractions.
        #expect(abs(pooled.bins[0].probability - 0.35) < 1e-12 && abs(pooled.bins[0].frequency - 0.4) < 1e-12)
        #expect(abs(pooled.error - 0.05) < 1e-12 && pooled.worlds == 40 && pooled.bins[0].count == 4000)
        #expect(pooled.bins[1] == .init(count: 0, probability: 0, frequency: 0))
        #expect(TrustFindings.pooled([domains[0], self.domain]) == nil)
        // One kind needs no fold.
        let section = try #require(TrustFindings(domains: [self.domain], percentile: nil).section)
        #expect(section.blocks.count == 3)
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
