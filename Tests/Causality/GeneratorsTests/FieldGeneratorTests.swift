import Foundation
import Generators
import Probability
import Testing

/// Flow matching and diffusion.
struct FieldGeneratorTests {
    static let width = 3

    /// Coordinates of a vector: a side (±1 at random, common to all) + c + .3 noise of their own.
    func table(_ rows: Int) -> NodeTable {
        let (c, u, e) = (normals(rows, "c"), uniforms(rows, "side"), normals(rows * Self.width, "noise"))
        let values = e.indices.map { at -> Float in
            let row = at / Self.width
            let side: Float = u[row] < 0.5 ? 1 : -1
            return side + c[row] + 0.3 * e[at]
        }
        return NodeTable([
            "c": NodeColumn(.scalar, c), "v": NodeColumn(.vector(width: Self.width), values),
        ])
    }

    @Test(arguments: [GeneratorForm.flow, .diffusion]) func bothSidesAreFound(_ form: GeneratorForm) throws {
        var options = quickOptions(form, steps: 1200)
        options.networks.fieldWidth = 64
        let generator = try options.trained(
            outcome: Node("v", .vector(width: Self.width)), inputs: [Node("c", .scalar)], table: table(2000),
            stream: RandomStream(seed: 1))
        #expect(type(of: generator).form == form)
        let rows = 1500
        let drawn = generator.draw(
            given: NodeTable(["c": NodeColumn(.scalar, [1]).repeated(rows)]), stream: RandomStream(seed: 2),
            workers: nil)
        let means = (0..<rows).map { row in
            (0..<Self.width).reduce(Float(0)) { $0 + drawn.values[row * Self.width + $1] } / Float(Self.width)
        }
        let upper = means.filter { $0 > 1 }
        // The sides are equally likely and have means 2 and 0; a short training is off by a tenth or two, while one normal
        // would put its mean .8 away from 1 and have a deviation of .6 on a side.
        #expect(abs(Double(upper.count) / Double(rows) - 0.5) < 0.15)
        #expect(abs(mean(upper) - 2) < 0.35)
        #expect(abs(mean(means.filter { $0 <= 1 })) < 0.35)
        #expect(deviation(upper) < 0.5)
    }

    @Test(arguments: [GeneratorForm.flow, .diffusion]) func threadsDoNotMatter(_ form: GeneratorForm) throws {
        let data = table(300)
        func draws(_ workers: Int) throws -> [Float] {
            let generator = try quickOptions(form, steps: 20).trained(
                outcome: Node("v", .vector(width: Self.width)), inputs: [Node("c", .scalar)], table: data,
                stream: RandomStream(seed: 1), workers: workers)
            let asked = NodeTable(["c": NodeColumn(.scalar, [1]).repeated(8500)])
            return generator.draw(given: asked, stream: RandomStream(seed: 2), workers: workers).values
        }
        #expect(try draws(1) == draws(2))
    }
}
