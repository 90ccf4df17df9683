import Testing

@testable import Discovery

/// Beside numpy and scikit-learn. Tolerance: order of summation in double precision.
struct CorrelationsTests {
    @Test func correlationsAreThoseOfNumpy() throws {
        let golden = try GoldenCells.values()
        for (name, expected) in [("laplace", golden.laplace), ("uniform", golden.uniform)] {
            let data = try GoldenCells(name).data
            let scores = try Correlations().scores(of: data)
            for i in 0..<data.genes {
                for j in 0..<data.genes where i != j {
                    #expect(abs(scores[i * data.genes + j] - abs(expected.correlations[i][j])) < 1e-10)
                }
            }
        }
    }

    @Test func partialCorrelationsAreThoseOfLedoitAndWolf() throws {
        let golden = try GoldenCells.values()
        for (name, expected) in [("laplace", golden.laplace), ("uniform", golden.uniform)] {
            let data = try GoldenCells(name).data
            #expect(abs(ShrunkCorrelations(data).shrinkage - expected.shrinkage) < 1e-10)
            let scores = try PartialCorrelations().scores(of: data)
            for i in 0..<data.genes {
                for j in 0..<data.genes where i != j {
                    #expect(abs(scores[i * data.genes + j] - abs(expected.partialCorrelations[i][j])) < 1e-10)
                }
            }
        }
    }
}
