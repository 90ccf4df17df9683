import Foundation
import Testing

@testable import Tensors

/// What holds for every operation. With INTERVENTOME_GRADIENT_TABLE set, the errors of the gradient checks are printed.
struct OperationsTests {
    /// Adjoints against central differences, in all shapes and with three draws each; the tolerance is that of
    /// `checkGradients`.
    @Test(arguments: Operation.all) func slopesAreThoseOfDifferences(_ operation: Operation) {
        var worst = 0.0
        for shapes in operation.shapes {
            // With these seeds no two values lie closer than a step where the largest is sought.
            for seed in [1, 4, 7] as [UInt64] {
                worst = max(worst, gradientError(shapes, range: operation.range, seed: seed, operation.body))
            }
        }
        #expect(worst < 3e-3)
        if ProcessInfo.processInfo.environment["INTERVENTOME_GRADIENT_TABLE"] != nil {
            print("gradient-check | \(operation.name) | \(operation.shapes) | \(worst)")
        }
    }

    /// The list above holds every public operation on tensors.
    @Test func noOperationIsLeftOut() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appending(path: "Sources/Foundations/Tensors")
        let declaration = /public (?:static )?(?:prefix )?func ([^\s(]+)\s?\(/
        var names = Set<String>()
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasPrefix("Tensor+") {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            names.formUnion(text.matches(of: declaration).map { String($0.1) })
        }
        #expect(names.count >= 30)
        #expect(names.subtracting(Operation.all.map(\.function)).isEmpty)
    }

    private struct Golden: Decodable {
        var shapes: [[Int]]
        var inputs: [[Float]]
        var weights: [Float]
        var value: [Double]
        var gradients: [[Double]]
    }

    /// Values and gradients of PyTorch in double precision: `Pipelines/Golden/tensors.py`.
    @Test func valuesAndSlopesArePyTorchs() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Reference/Golden/Tensors/operations.json"))
        let cases = try JSONDecoder().decode([String: Golden].self, from: data)
        #expect(cases.count >= 34)
        for (name, golden) in cases {
            let operation = try #require(Operation.all.first { $0.name == name }, "\(name)")
            let tape = Tape()
            let inputs = zip(golden.inputs, golden.shapes).map { tape.variable($0, shape: $1) }
            let y = operation.body(tape, inputs)
            tape.backward(from: (y * tape.constant(golden.weights, shape: y.shape)).sum())
            for (found, expected) in zip(
                [y.values] + inputs.map(tape.gradient), [golden.value] + golden.gradients)
            {
                // Single precision, relative to the largest value: some tens of roundings of 6e−8.
                let scale = max(1, expected.map(abs).max() ?? 0)
                let worst = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 0
                #expect(found.count == expected.count && worst <= 4e-6 * scale, "\(name): \(worst) of \(scale)")
            }
        }
    }
}
