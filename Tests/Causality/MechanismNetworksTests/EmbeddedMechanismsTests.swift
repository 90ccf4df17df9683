import Graphs
import Matrices
import Mechanisms
import Networks
import Probability
import Tensors
import Testing

@testable import MechanismNetworks

/// The shortcuts, against the decoder as it is written and against PyTorch.
struct EmbeddedMechanismsTests {
    private let golden: GoldenFixture
    private let graph: DirectedGraph

    init() throws {
        golden = try GoldenFixture()
        graph = DirectedGraph(
            nodeCount: GoldenFixture.parents.count,
            edges: GoldenFixture.parents.enumerated().flatMap { node, parents in parents.map { Edge($0, node) } })
    }

    private func model(workers: Int = 1) -> EmbeddedMechanisms {
        golden.network.mechanisms(
            of: golden.matrix("rows"), parents: GoldenFixture.parents, weights: golden.weights, workers: workers)
    }

    private func means(_ model: EmbeddedMechanisms, at points: Matrix<Float>) -> Matrix<Float> {
        var result = points
        for node in 0..<points.columns {
            let means = model.means(of: node, parents: points.selectingColumns(GoldenFixture.parents[node]))
            for row in 0..<points.rows { result[row, node] = means[row] }
        }
        return result
    }

    @Test func meansAreThoseOfTheEquations() {
        let found = means(model(), at: golden.matrix("points"))
        #expect(largestDifference(found.values, golden["means"]) < GoldenFixture.tolerance)
    }

    /// Far from the data and on both sides of it, more rows than go through at once, and none.
    @Test func meansAreThoseOfTheDecoder() {
        var stream = RandomStream(seed: 3)
        let points = Matrix<Float>(
            rows: 2100, columns: 6, values: (0..<2100 * 6).map { _ in Float(4 * stream.normal()) })
        let found = means(model(), at: points)
        // Two orders of single-precision sums through ten blocks.
        #expect(largestDifference(found.values, golden.plainMeans(at: points).values) < 1e-4)
        #expect(model().means(of: 2, parents: Matrix(rows: 0, columns: 2, values: [])).isEmpty)
        #expect(model().means(of: 0, parents: Matrix(rows: 0, columns: 0, values: [])).isEmpty)
    }

    /// One sweep with shortcuts, where PyTorch iterated as often as there are nodes and embedded the data in each round.
    @Test func sweepsReachTheFixedPointsOfTheIteration() throws {
        let rows = golden.matrix("rows")
        let names = (0..<6).map { "x\($0)" }
        let context = try MechanismContext(values: rows, names: names, graph: graph)
        // The rows have mean 0 and standard deviation 1 to rounding.
        let structural = StructuralModel(context, mechanisms: model(), workers: 1)
        let set = [GoldenFixture.setting.node: GoldenFixture.setting.value]
        for (name, found) in [
            ("own_noise", try structural.noise(of: golden.matrix("points"), workers: 1)),
            ("generated", try structural.values(noise: golden.matrix("noise"))),
            ("intervened", try structural.values(noise: golden.matrix("noise"), interventions: set)),
            (
                "counterfactual",
                try structural.counterfactual(
                    of: golden.matrix("points"), interventions: set, workers: 1)
            ),
        ] { #expect(largestDifference(found.values, golden[name]) < GoldenFixture.tolerance, "\(name)") }
    }

    /// Networks and graphs drawn at random, a node with six parents among them, and one head.
    @Test(arguments: [1, 2, 3] as [UInt64]) func sweepsReachTheFixedPointsOfRandomWorlds(seed: UInt64) {
        let stream = RandomStream(seed: seed)
        var options = FixedPointOptions()
        options.encoder = .init(width: 10, heads: 2, keySize: 3, hidden: 9, layers: 1, dropout: 0)
        options.decoder = .init(width: 14, heads: Int(seed), keySize: 5, hidden: 11, layers: 2, dropout: 0)
        (options.headWidth, options.dataLayers) = (5, 2)
        var weights = Weights()
        let network = FixedPointNetwork(options, weights: &weights, stream: stream.stream("weights"))
        var draw = stream.stream("draws")
        let parents = (0..<9).map { node in
            (0..<node).filter { node == 7 ? $0 != 3 : draw.bernoulli($0 % 2 == 0 ? 0.4 : 0.2) }
        }
        func normal(_ rows: Int) -> Matrix<Float> {
            Matrix(rows: rows, columns: 9, values: (0..<rows * 9).map { _ in Float(draw.normal()) })
        }
        let (rows, noise) = (normal(15), normal(8))
        let tape = Tape(weights: weights, recording: false)
        func constant(_ x: Matrix<Float>) -> Tensor { tape.constant(x.values, shape: [x.rows, x.columns]) }
        let embedding = network.decoder.embedding(
            network.encoder.tokens(constant(rows), parents: parents), parents: parents)
        var z = constant(noise)
        for _ in parents { z = network.decoder.means(at: z, embedding, parents: parents) + constant(noise) }
        let mechanisms = network.mechanisms(of: rows, parents: parents, weights: weights, workers: 2)
        var swept = noise
        for (node, parents) in parents.enumerated() {
            let means = mechanisms.means(of: node, parents: swept.selectingColumns(parents))
            for row in 0..<swept.rows { swept[row, node] += means[row] }
        }
        // Two orders of single-precision sums, through up to nine nodes one after the other.
        #expect(largestDifference(swept.values, z.values) < 1e-4)
        #expect(largestDifference(swept.values, noise.values) > 0.1)
    }

    @Test func bytesAreTheSameWithAnyNumberOfWorkers() {
        let points = golden.matrix("points")
        #expect(means(model(workers: 1), at: points) == means(model(workers: 3), at: points))
    }

    /// Shares that compete and shares that do not, for every node with parents.
    @Test func bothKindsOfSharesOccur() {
        func shares(_ scores: [Float]) -> [Float] {
            // One head: queries are the scores, keys 1, values 1.
            let d = scores.count + 1
            var x = Array(repeating: Float(0), count: 3 * d)
            for node in 0..<d { (x[3 * node + 1], x[3 * node + 2]) = (node < scores.count ? scores[node] : 0, 1) }
            x[3 * scores.count] = 1
            let parents = (0..<d).map { $0 == scores.count ? Array(0..<scores.count) : [] }
            return Tape().constant(x, shape: [d, 3]).parentAttention(heads: 1, parents: parents).values
        }
        // e⁻³ + e⁻² < 1 stays as it is; e¹ + e⁰ > 1 becomes 1; of no parents nothing comes.
        #expect(abs(shares([-3, -2])[2] - (0.049787 + 0.135335)) < 1e-5)
        #expect(abs(shares([1, 0])[2] - 1) < 1e-6)
        #expect(shares([1, 0])[0] == 0)
        #expect(shares([-500])[1] == 0)
    }
}
