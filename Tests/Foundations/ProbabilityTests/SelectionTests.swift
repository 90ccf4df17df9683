import Probability
import Testing

struct SelectionTests {
    /// 24,000 permutations of 4: each of 24 orders expected 1,000 times. χ² with 23 degrees of freedom exceeds 65 with
    /// probability 6e-6; one order twice as likely as the others (χ² near 960) cannot hide.
    @Test func permutationsAreUniform() {
        var stream = RandomStream(seed: 3)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 { counts[stream.permutation(4), default: 0] += 1 }
        #expect(counts.count == 24)
        #expect(counts.values.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 } < 65)
    }

    /// Each of 10 values is among 3 chosen with probability 0.3: 5 standard errors of 20,000 draws are 0.0162.
    @Test func choosesWithoutReplacement() {
        var stream = RandomStream(seed: 4)
        var chosen = Array(repeating: 0, count: 10)
        for _ in 0..<20_000 {
            let values = stream.choice(3, of: 10)
            #expect(Set(values).count == 3)
            for value in values { chosen[value] += 1 }
        }
        for count in chosen { #expect(abs(Double(count) / 20_000 - 0.3) < 0.0162) }
        #expect(stream.choice(0, of: 0).isEmpty)
    }

    /// 5 standard errors of a share of 0.6 in 20,000 draws are 0.0173.
    @Test func indicesFollowTheirWeights() {
        var stream = RandomStream(seed: 5)
        let draws = (0..<20_000).map { _ in stream.index(weights: [0, 3, 0, 2, 0]) }
        #expect(draws.allSatisfy { $0 == 1 || $0 == 3 })
        #expect(abs(Double(draws.count { $0 == 1 }) / 20_000 - 0.6) < 0.0173)
    }
}
