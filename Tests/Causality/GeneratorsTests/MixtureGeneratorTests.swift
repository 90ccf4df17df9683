import Foundation
import Generators
import Probability
import Testing

struct MixtureGeneratorTests {
    let x = Node("x", .scalar)

    /// y = ±1 + x, each sign half the time, with noise of deviation .2: two modes that regression does not see.
    func modes(_ rows: Int) -> NodeTable {
        let (x, u, e) = (normals(rows, "x"), uniforms(rows, "side"), normals(rows, "noise"))
        return NodeTable([
            "x": NodeColumn(.scalar, x),
            "y": NodeColumn(.scalar, x.indices.map { x[$0] + (u[$0] < 0.5 ? 1 : -1) + 0.2 * e[$0] }),
        ])
    }

    @Test func bothModesAreFound() throws {
        let table = modes(2000)
        let generator = try quickOptions().trained(
            outcome: Node("y", .scalar), inputs: [x], table: table, stream: RandomStream(seed: 1))
        #expect(type(of: generator).form == .mixture)
        let rows = 4000
        let drawn = generator.draw(
            given: NodeTable(["x": NodeColumn(.scalar, [0.5]).repeated(rows)]), stream: RandomStream(seed: 4),
            workers: nil)
        let upper = drawn.values.filter { $0 > 0.5 }
        // Half of them within what 2,000 rows and a short training leave open; a single normal would give a deviation of
        // 1.02 · √(1 − 2/π) = .61 on each side instead of .2.
        #expect(abs(Double(upper.count) / Double(rows) - 0.5) < 0.08)
        #expect(abs(mean(upper) - 1.5) < 0.15)
        #expect(deviation(upper) < 0.4)
        let report = generator.training
        let (density, linear) = (
            try #require(report.heldOutLogDensity), try #require(report.alternatives["linear-gaussian"])
        )
        // The truth has .5 ln 2π e .04 + ln 2 = .50, a normal 1.44: most of the .94 must be found.
        #expect(density > linear + 0.5)
    }

    @Test func linearWorldsGetTheLinearModel() throws {
        let (x, e) = (normals(1500, "x"), normals(1500, "noise"))
        let table = NodeTable([
            "x": NodeColumn(.scalar, x), "y": NodeColumn(.scalar, x.indices.map { 2 * x[$0] + e[$0] }),
        ])
        let generator = try quickOptions(steps: 200).trained(
            outcome: Node("y", .scalar), inputs: [self.x], table: table, stream: RandomStream(seed: 1))
        #expect(type(of: generator).form == .linearGaussian)
        #expect(generator.training.alternatives["mixture"] != nil)
    }

    @Test func labelsFollowNumbers() throws {
        let rows = 2000
        let (x, u) = (normals(rows, "x"), uniforms(rows, "label"))
        let y = x.indices.map { u[$0] < 1 / (1 + exp(-2 * x[$0])) ? Float(1) : 0 }
        let table = NodeTable(["x": NodeColumn(.scalar, x), "y": NodeColumn(labels(2), y)])
        let generator = try quickOptions().trained(
            outcome: Node("y", labels(2)), inputs: [self.x], table: table, stream: RandomStream(seed: 1))
        let asked = NodeTable(["x": NodeColumn(.scalar, [-1, 0, 1])])
        let densities = try #require(
            generator.logDensity(of: NodeColumn(labels(2), [1, 1, 1]), given: asked))
        for (found, x) in zip(densities, [-1.0, 0, 1]) {
            // A logit learnt from 2,000 rows has an error of about .1, that is .025 in a probability.
            #expect(abs(exp(found) - 1 / (1 + exp(-2 * x))) < 0.08)
        }
    }

    @Test func countsHaveTheirZeros() throws {
        let rows = 2000
        let (x, u, e) = (uniforms(rows, "x"), uniforms(rows, "zero"), normals(rows, "noise"))
        // 0 with probability x, else around 20.
        let y = x.indices.map { u[$0] < x[$0] ? Float(0) : max(1, (20 * exp(0.3 * e[$0])).rounded()) }
        let table = NodeTable(["x": NodeColumn(.scalar, x), "y": NodeColumn(.counts, y)])
        let generator = try quickOptions().trained(
            outcome: Node("y", .counts), inputs: [self.x], table: table, stream: RandomStream(seed: 1))
        let asked = NodeTable(["x": NodeColumn(.scalar, [0.2]).repeated(4000)])
        let drawn = generator.draw(given: asked, stream: RandomStream(seed: 2), workers: nil).values
        #expect(drawn.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
        // The share of zeros at one x is known to about .03.
        #expect(abs(Double(drawn.count { $0 == 0 }) / 4000 - 0.2) < 0.1)
        let positive = drawn.filter { $0 > 0 }.map { log($0) }
        #expect(abs(mean(positive) - log(20)) < 0.1)
        #expect(abs(deviation(positive) - 0.3) < 0.1)
    }

    @Test func threadsDoNotMatter() throws {
        let table = modes(400)
        let options = quickOptions(.mixture, steps: 60)
        func draws(_ workers: Int) throws -> [Float] {
            let generator = try options.trained(
                outcome: Node("y", .scalar), inputs: [x], table: table, stream: RandomStream(seed: 5), workers: workers)
            // More rows than one chunk of draws has.
            let asked = NodeTable(["x": NodeColumn(.scalar, [0.1]).repeated(9000)])
            return generator.draw(given: asked, stream: RandomStream(seed: 6), workers: workers).values
        }
        #expect(try draws(1) == draws(3))
    }
}
