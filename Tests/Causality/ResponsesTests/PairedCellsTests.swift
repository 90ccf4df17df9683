import Probability
import Testing

@testable import Responses

/// Mean shifts of many interventions from the same undisturbed cells.
struct PairedCellsTests {
    /// 0 → 1 → 2, and 3 apart; every mechanism but the first bends.
    let mechanisms: CausalMechanisms = {
        func bent(_ parent: Int) -> CausalMechanisms.Mechanism {
            .init(
                parents: [parent], intercept: 0.2, weights: [0.3], unitWeights: [1, -0.5], unitOffsets: [0.4, 1],
                unitOutputs: [0.8, 0.5])
        }
        let root = CausalMechanisms.Mechanism(parents: [], intercept: 0.1, weights: [])
        return CausalMechanisms(mechanisms: [root, bent(0), bent(1), root], noise: [1, 0.5, 0.5, 1])!
    }()

    @Test func oneAfterTheOtherIsEachAlone() {
        let paired = PairedCells(mechanisms, count: 60, stream: RandomStream(seed: 3))
        let interventions: [([Float], [CausalMechanisms.Replacement])] = [
            ([0, 1, 0, 0], []), ([2, 0, 0, -1], []), ([0, 0, 0, 0], [.init(gene: 1, mean: 2, deviation: 0.1)]),
            ([0, 0, 0, 0], []),
        ]
        for (shifts, replacements) in interventions {
            let own = paired.meanShift(of: shifts, replacements: replacements)
            let alone = mechanisms.meanShift(
                of: shifts, replacements: replacements, cells: 60, stream: RandomStream(seed: 3))
            #expect(own == alone)
        }
    }

    @Test func whatIsNotReachedStays() {
        let paired = PairedCells(mechanisms, count: 60, stream: RandomStream(seed: 3))
        let shift = paired.meanShift(of: [0, 1, 0, 0])
        #expect(shift[0] == 0 && shift[3] == 0)
        // The gene itself moves by what is added to it.
        #expect(abs(shift[1] - 1) < 1e-5)
        #expect(shift[2] > 0.1)
        #expect(paired.meanShift(of: [0, 0, 0, 0]) == [0, 0, 0, 0])
    }

    @Test func allCellsMadeAnewSayTheSame() {
        // The same noise through every gene, as if all had been reached.
        let n = 60
        var own = RandomStream(seed: 3).stream("mean shift")
        let half = own.normals(n / 2 * 4)
        let noise = (0..<4).flatMap { gene -> [Float] in
            let normals = Array(half[gene * n / 2..<(gene + 1) * n / 2])
            return normals + normals.map { -$0 }
        }
        var (base, moved) = (noise, noise)
        mechanisms.fill(&base, cells: n, shifts: [0, 0, 0, 0])
        mechanisms.fill(&moved, cells: n, shifts: [1.5, 0, -1, 0])
        let shift = PairedCells(mechanisms, count: n, stream: RandomStream(seed: 3)).meanShift(of: [1.5, 0, -1, 0])
        for gene in 0..<4 {
            let expected = (0..<n).reduce(0) { $0 + Double(moved[gene * n + $1]) - Double(base[gene * n + $1]) }
            // Rounding of a mean of sixty numbers near 1.
            #expect(abs(Double(shift[gene]) - expected / Double(n)) < 1e-6)
        }
    }
}
