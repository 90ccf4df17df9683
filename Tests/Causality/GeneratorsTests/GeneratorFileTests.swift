import Foundation
import Generators
import Networks
import Probability
import Testing

struct GeneratorFileTests {
    static func node(_ form: GeneratorForm) -> Node {
        switch form {
        case .table: Node("y", labels(2))
        case .flow, .diffusion: Node("y", .vector(width: 2))
        default: Node("y", .scalar)
        }
    }

    static func table(_ form: GeneratorForm) -> NodeTable {
        let rows = 200
        let codes = uniforms(rows, "code").map { ($0 * 2).rounded(.down) }
        let node = node(form)
        let values = form == .table ? codes : normals(rows * node.kind.width, "y")
        return NodeTable([
            "x": NodeColumn(labels(2), codes), "y": NodeColumn(node.kind, values),
        ])
    }

    static func generator(_ form: GeneratorForm) throws -> any ConditionalGenerator {
        try quickOptions(form, steps: 10).trained(
            outcome: node(form), inputs: form == .resampling ? [] : [Node("x", labels(2))], table: table(form),
            stream: RandomStream(seed: 1))
    }

    @Test(arguments: GeneratorForm.allCases) func everyFormComesBackFromItsFile(_ form: GeneratorForm) throws {
        let generator = try Self.generator(form)
        #expect(generator.training.form == form)
        let record = GeneratorRecord(generator)
        let read = try JSONDecoder().decode(GeneratorRecord.self, from: JSONEncoder().encode(record))
        #expect(read == record)
        let file = SafeTensors(
            entries: generator.tensors.map { .init(name: "one/" + $0.name, shape: $0.shape, values: $0.values) })
        let back = try read.generator(SafeTensors(data: file.encoded()), prefix: "one/")
        let asked = Self.table(form)
        #expect(
            back.draw(given: asked, stream: RandomStream(seed: 9), workers: 1)
                == generator.draw(given: asked, stream: RandomStream(seed: 9), workers: 1))
    }

    @Test(arguments: GeneratorForm.allCases) func whatIsMissingIsSaid(_ form: GeneratorForm) throws {
        let generator = try Self.generator(form)
        for missing in generator.tensors.indices {
            var tensors = generator.tensors
            tensors.remove(at: missing)
            #expect(throws: GeneratorError.self) {
                _ = try GeneratorRecord(generator).generator(SafeTensors(entries: tensors), prefix: "")
            }
        }
    }
}
