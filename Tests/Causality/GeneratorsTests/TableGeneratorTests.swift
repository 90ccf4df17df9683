import Foundation
import Generators
import Probability
import Testing

struct TableGeneratorTests {
    let a = Node("a", labels(2))
    let b = Node("b", labels(3))
    let y = Node("y", labels(2))
    /// Stratum (0, 1) has y = 0, 0, 1; stratum (1, 2) has y = 1; the others are empty.
    let table = NodeTable([
        "a": NodeColumn(labels(2), [0, 0, 0, 1]),
        "b": NodeColumn(labels(3), [1, 1, 1, 2]),
        "y": NodeColumn(labels(2), [0, 0, 1, 1]),
    ])

    /// p(y) = (2 + ½)/(4 + 1) = ½ for both labels.
    @Test func probabilitiesFollowTheFormula() throws {
        let generator = TableGenerator(outcome: y, inputs: [a, b], table: table, pseudoCount: 2)
        let asked = NodeTable([
            "a": NodeColumn(labels(2), [0, 1, 1]), "b": NodeColumn(labels(3), [1, 2, 0]),
        ])
        let densities = try #require(
            generator.logDensity(of: NodeColumn(labels(2), [0, 1, 1]), given: asked))
        let expected = [log((2 + 1) / 5.0), log((1 + 1) / 3.0), log(0.5)]
        // Probabilities are kept in single precision.
        for (found, expected) in zip(densities, expected) { #expect(abs(found - expected) < 1e-6) }
    }

    @Test func drawsHaveTheProbabilities() throws {
        let generator = TableGenerator(outcome: y, inputs: [a, b], table: table, pseudoCount: 2)
        let rows = 40_000
        let asked = NodeTable([
            "a": NodeColumn(labels(2), [0]).repeated(rows), "b": NodeColumn(labels(3), [1]).repeated(rows),
        ])
        let drawn = generator.draw(given: asked, stream: RandomStream(seed: 3), workers: nil)
        // p(y = 1) = 2/5; the standard error of 40,000 draws is .0024, four of them .01.
        #expect(abs(mean(drawn.values) - 0.4) < 0.01)
    }

    @Test func aTableNeedsCategories() {
        #expect(TableGenerator.cells(outcome: y, inputs: [a, b]) == 12)
        #expect(TableGenerator.cells(outcome: y, inputs: [Node("x", .scalar)]) == nil)
        let wide = Node("wide", labels(1 << 16))
        #expect(TableGenerator.cells(outcome: y, inputs: [wide, wide, wide, wide]) == nil)
    }
}
