import Foundation
import Generators
import Identification
import Probability
import Sampling
import Testing

/// Effects between numbers and vectors, against closed forms.
struct ContinuousEffectsTests {
    func normals(_ count: Int, _ name: String) -> [Float] {
        var stream = RandomStream(seed: 2).stream(name)
        return stream.normals(count)
    }

    func mean(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) } / Double(values.count) }

    /// Front door x → s → y with u behind x and y. do(x): s = .8 x + .6 ε, y = 1.5 s + 2 u + .5 ε, hence y has mean 1.2 x
    /// and variance 1.5² .36 + 4 + .25 = 5.06.
    func frontDoor(_ rows: Int) -> NodeTable {
        let u = normals(rows, "u")
        let x = zip(u, normals(rows, "x")).map { $0 + $1 }
        let s = zip(x, normals(rows, "s")).map { 0.8 * $0 + 0.6 * $1 }
        let y = zip(zip(s, u), normals(rows, "y")).map { 1.5 * $0.0 + 2 * $0.1 + 0.5 * $1 }
        return NodeTable(
            rows: rows, columns: ["x": x, "s": s, "y": y].mapValues { NodeColumn(.scalar, $0) })
    }

    @Test(arguments: [true, false]) func linearEffectsAreFound(_ isInlined: Bool) throws {
        let diagram = try diagram("x-s s-y", "x-y")
        var options = SamplingOptions()
        options.isInlined = isInlined
        options.resampledRows = 40_000
        options.generators.form = .linearGaussian
        let network = try network(
            diagram, "P(y | do(x))", diagram.names.map { Node($0, .scalar) }, frontDoor(8000), options)
        let draws = 20_000
        let settings = NodeTable(rows: 2, columns: ["x": NodeColumn(.scalar, [-2, 2])])
        let drawn = network.sample(at: settings, draws: draws, stream: RandomStream(seed: 3))["y"].values
        let (low, high) = (Array(drawn[..<draws]), Array(drawn[draws...]))
        let deviation = 5.06.squareRoot()
        // Standard errors: the slope of y on s given x is known to about .03, and that of s on x to .005.
        #expect(abs((mean(high) - mean(low)) / 4 - 1.2) < 0.06)
        #expect(abs((mean(high) + mean(low)) / 2) < 0.05 * deviation)
        let variance = mean(high.map { $0 * $0 }) - mean(high) * mean(high)
        #expect(abs(variance - 5.06) < 0.3)
        // The observed slope of y on x, (1.2 · 2 + 2)/2 = 2.2, is far.
    }

    /// The mechanism of s is a parabola: E[s | do(x)] = x²; regression would find no effect at all.
    @Test func bentEffectsAreFound() throws {
        let diagram = try diagram("z-x z-y x-y")
        let rows = 2500
        let z = normals(rows, "z")
        let x = zip(z, normals(rows, "x")).map { 0.7 * $0 + 0.7 * $1 }
        let y = zip(zip(x, z), normals(rows, "y")).map { $0.0 * $0.0 + 2 * $0.1 + 0.5 * $1 }
        var options = SamplingOptions()
        options.generators.networks.members = 2
        options.generators.networks.width = 32
        options.generators.networks.components = 3
        options.generators.networks.steps = 500
        options.generators.networks.interval = 50
        let network = try network(
            diagram, "P(y | do(x))", diagram.names.map { Node($0, .scalar) },
            NodeTable(rows: rows, columns: ["x": x, "y": y, "z": z].mapValues { NodeColumn(.scalar, $0) }), options)
        let settings = NodeTable(rows: 3, columns: ["x": NodeColumn(.scalar, [-1.5, 0, 1.5])])
        let draws = 4000
        let drawn = network.sample(at: settings, draws: draws, stream: RandomStream(seed: 3))["y"].values
        for (place, truth) in [2.25, 0, 2.25].enumerated() {
            // Draws have a standard error of 2.06/√4000 = .03; a short training is off by a tenth or two. The observed
            // means at ±1.5 are ±2.1 away.
            #expect(abs(mean(Array(drawn[place * draws..<(place + 1) * draws])) - truth) < 0.4)
        }
        let model = try #require(network.diagnostics.models.first { $0.node == "y" })
        #expect(model.training.form == .mixture)
    }

    /// A module of genes as one node in the middle of the front door.
    @Test func vectorsServeAsNodes() throws {
        let diagram = try diagram("x-s s-y", "x-y")
        let (rows, width) = (3000, 4)
        let u = normals(rows, "u")
        let x = zip(u, normals(rows, "x")).map { $0 + $1 }
        let e = normals(rows * width, "s")
        let s = e.indices.map { 0.5 * x[$0 / width] + 0.5 * e[$0] }
        let sums = (0..<rows).map { row in (0..<width).reduce(Float(0)) { $0 + s[row * width + $1] } }
        let y = zip(zip(sums, u), normals(rows, "y")).map { 0.5 * $0.0 + 2 * $0.1 + 0.5 * $1 }
        let kinds: [String: NodeKind] = ["x": .scalar, "s": .vector(width: width), "y": .scalar]
        var options = SamplingOptions()
        options.generators.networks.fieldWidth = 32
        options.generators.networks.fieldSteps = 300
        options.generators.networks.members = 1
        options.generators.networks.steps = 100
        options.generators.networks.flowSteps = 8
        let network = try network(
            diagram, "P(y | do(x))", diagram.names.map { Node($0, kinds[$0]!) },
            NodeTable(
                rows: rows,
                columns: [
                    "x": NodeColumn(.scalar, x), "s": NodeColumn(kinds["s"]!, s), "y": NodeColumn(.scalar, y),
                ]), options)
        #expect(network.models.contains { type(of: $0.generator).form == .flow })
        let draws = 4000
        let settings = NodeTable(rows: 2, columns: ["x": NodeColumn(.scalar, [-1, 1])])
        let drawn = network.sample(at: settings, draws: draws, stream: RandomStream(seed: 3))
        #expect(drawn["s"].rows == 2 * draws)
        let (low, high) = (
            mean(Array(drawn["y"].values[..<draws])), mean(Array(drawn["y"].values[draws...]))
        )
        // dE[y]/dx = ½ · 4 · ½ = 1; the observed slope is 2. Standard errors: .05 of the models, .04 of the draws.
        #expect(abs((high - low) / 2 - 1) < 0.2)
    }
}
