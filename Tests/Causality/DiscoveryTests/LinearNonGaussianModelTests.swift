import Matrices
import Networks
import Probability
import Structure
import Testing

@testable import Discovery

struct LinearNonGaussianModelTests {
    /// Beside the package lingam: the order exactly; weights of the original genes to 1e-8, as normal equations of a
    /// condition below 1e4 stand against SVD.
    @Test func orderAndWeightsAreThoseOfThePackage() throws {
        let golden = try GoldenCells.values()
        for (name, expected) in [("laplace", golden.laplace), ("uniform", golden.uniform)] {
            let data = try GoldenCells(name).data
            let order = CausalOrder(data, workers: Workers(count: 2))
            #expect(order.genes == expected.causalOrder)
            #expect(order.redundant.isEmpty)
            let weights = LinearNonGaussianModel.weights(data, order: order, workers: Workers(count: 2))
            for i in 0..<data.genes {
                for j in 0..<data.genes {
                    let original = weights[i * data.genes + j] * data.deviations[j] / data.deviations[i]
                    #expect(abs(original - expected.weights[i][j]) < 1e-8)
                }
            }
        }
    }

    /// 2 → 0 → 1 with Laplace noise.
    @Test func orientsAChain() throws {
        var stream = RandomStream(seed: 8)
        var values = Matrix<Float>(rows: 500, columns: 3)
        for row in 0..<500 {
            let first = stream.laplace()
            let second = first + stream.laplace()
            values[row, 2] = Float(first)
            values[row, 0] = Float(second)
            values[row, 1] = Float(stream.laplace() - second)
        }
        let data = try DiscoveryData(values: values, interventions: nil, genes: ["a", "b", "c"])
        let scores = try LinearNonGaussianModel().scores(of: data)
        #expect((0..<9).filter { scores[$0] > 0 } == [1, 6])
    }

    /// Of orthonormal columns the lasso's coefficients are the moments, each lessened by α: a path in closed form.
    @Test func pathOfOrthogonalColumns() {
        let path = LassoPath(gram: .identity(3), moments: [0.5, -2, 1]).coefficients
        #expect(path == [[0, 0, 0], [0, -1, 0], [0, -1.5, 0.5], [0.5, -2, 1]])
    }

    /// X'X = [[1, r], [r, 1]] with r = 0.9, X'y = (1, 0.8): the second comes in with a negative sign where
    /// r β₁ − 0.8 = α = 1 − β₁, at β₁ = 1.8/1.9, and ends at (0.8·r − 1, 0.8 − r)/(r² − 1).
    @Test func pathOfCorrelatedColumns() {
        let path = LassoPath(gram: Matrix(rows: 2, columns: 2, values: [1, 0.9, 0.9, 1]), moments: [1, 0.8])
            .coefficients
        let expected = [[0, 0], [1.8 / 1.9, 0], [0.28 / 0.19, -0.1 / 0.19]]
        #expect(path.count == 3)
        for (found, right) in zip(path.joined(), expected.joined()) { #expect(abs(found - right) < 1e-12) }
    }

    @Test func fewerCellsThanGenesAreRefused() throws {
        let cells = try GoldenCells("uniform").cells
        let few = InterventionalCells(genes: cells.genes, values: cells.values.selectingRows(Array(0..<11)))
        let error = #expect(throws: DiscoveryError.self) { try ClassicalMethod.lingam.discover(in: few) }
        #expect(error?.code == "TOO_FEW_CELLS")
    }
}
