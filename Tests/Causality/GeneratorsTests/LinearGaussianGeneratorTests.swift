import Foundation
import Generators
import Probability
import Testing

struct LinearGaussianGeneratorTests {
    let x = Node("x", .scalar)
    let group = Node("group", labels(2))

    /// y = 1000 + 2 x + 3 [group = 1] + ½ ε.
    func world(_ rows: Int) -> NodeTable {
        let (x, u, e) = (normals(rows, "x"), uniforms(rows, "group"), normals(rows, "noise"))
        let g = u.map { $0 < 0.3 ? Float(1) : 0 }
        return NodeTable([
            "x": NodeColumn(.scalar, x), "group": NodeColumn(labels(2), g),
            "y": NodeColumn(.scalar, x.indices.map { 1000 + 2 * x[$0] + 3 * g[$0] + 0.5 * e[$0] }),
        ])
    }

    @Test func densitiesAreThoseOfTheTruth() throws {
        let generator = LinearGaussianGenerator(outcome: Node("y", .scalar), inputs: [x, group], table: world(4000))
        let asked = NodeTable(["x": NodeColumn(.scalar, [-1, 2]), "group": NodeColumn(labels(2), [0, 1])])
        let densities = try #require(
            generator.logDensity(of: NodeColumn(.scalar, [998.5, 1007]), given: asked))
        let truth = [(998.5, 998.0), (1007, 1007)].map {
            NormalDistribution(mean: $0.1, standardDeviation: 0.5).logDensity($0.0)
        }
        // Errors of the mean are about ½/√4000 = .008 and weigh (distance/σ)/σ = 2 at most; .05 is three of them.
        for (found, expected) in zip(densities, truth) { #expect(abs(found - expected) < 0.05) }
    }

    @Test func drawsKeepTheSlopeOutsideTheData() {
        let generator = LinearGaussianGenerator(outcome: Node("y", .scalar), inputs: [x, group], table: world(4000))
        let rows = 4000
        let asked = NodeTable([
            "x": NodeColumn(.scalar, [10]).repeated(rows), "group": NodeColumn(labels(2), [1]).repeated(rows),
        ])
        let drawn = generator.draw(given: asked, stream: RandomStream(seed: 2), workers: nil).values
        // Standard errors: of the slope .008 × 10, of the mean of the draws .008.
        #expect(abs(mean(drawn) - 1023) < 0.25)
        // ½/√8000 = .006
        #expect(abs(deviation(drawn) - 0.5) < 0.03)
    }

    @Test func vectorsKeepTheirCorrelation() throws {
        let rows = 4000
        let (e, f) = (normals(rows, "e"), normals(rows, "f"))
        let node = Node("v", .vector(width: 2))
        // Residuals (e, .8 e + .6 f) · (1, 10) have correlation .8.
        let table = NodeTable([
            "x": NodeColumn(.scalar, normals(rows, "x")),
            "v": NodeColumn(.vector(width: 2), (0..<rows).flatMap { [e[$0], 10 * (0.8 * e[$0] + 0.6 * f[$0])] }),
        ])
        let generator = LinearGaussianGenerator(outcome: node, inputs: [x], table: table)
        let drawn = generator.draw(given: table, stream: RandomStream(seed: 2), workers: nil).values
        let first = stride(from: 0, to: drawn.count, by: 2).map { drawn[$0] }
        let second = stride(from: 1, to: drawn.count, by: 2).map { drawn[$0] }
        let products = zip(first, second).map { $0 * $1 }
        let correlation = mean(products) / (deviation(first) * deviation(second))
        // The standard error of a correlation of .8 is .36/√4000 = .006, for the data and for the draws.
        #expect(abs(correlation - 0.8) < 0.03)
        let densities = try #require(generator.logDensity(of: table["v"], given: table))
        // Minus the entropy of two normals with deviations 1 and 10 and correlation .8: 1 + ln 2π + ln 10 + ln .6.
        let entropy = 1 + log(2 * Double.pi) + log(10) + log(0.6)
        // Half the variance of χ²₂ is 1: a standard error of 1/√4000 = .016.
        #expect(abs(densities.reduce(0, +) / Double(rows) + entropy) < 0.06)
    }

    /// Three inputs say the same; the drawn outcome is unharmed.
    @Test func collinearInputsAreNoObstacle() {
        var table = world(500)
        table["copy"] = table["x"]
        let generator = LinearGaussianGenerator(
            outcome: Node("y", .scalar), inputs: [x, Node("copy", .scalar), group], table: table)
        let drawn = generator.draw(given: table, stream: RandomStream(seed: 2), workers: nil).values
        let residuals = table["x"].values.indices.map {
            drawn[$0] - 1000 - 2 * table["x"].values[$0] - 3 * table["group"].values[$0]
        }
        // Errors of about ½/√500 = .02 in the mean, .016 in the deviation.
        #expect(abs(mean(residuals)) < 0.1)
        #expect(abs(deviation(residuals) - 0.5) < 0.08)
    }
}
