import Foundation
import Graphs
import Matrices
import Networks
import Probability
import Testing

@testable import KernelMechanisms
@testable import Mechanisms

struct FittedMechanismsTests {
    private static let names = ["a", "b", "c"]

    private static func rows() -> Matrix<Float> {
        var stream = RandomStream(seed: 5)
        var values = Matrix<Float>(rows: 40, columns: 3, values: stream.normals(120))
        for row in 0..<40 {
            values[row, 1] = 10 + 3 * Float(sin(Double(values[row, 0]))) + 0.1 * values[row, 1]
            values[row, 2] -= values[row, 1]
        }
        return values
    }

    private static func model(_ method: any MechanismModel) throws -> StructuralModel {
        let context = try MechanismContext(
            values: rows(), names: names,
            graph: DirectedGraph(nodeCount: 3, edges: [Edge(0, 1), Edge(0, 2), Edge(1, 2)]))
        return try StructuralModel(context, by: method, workers: 1)
    }

    private static func evidence() -> EvidenceKernelModel {
        var model = EvidenceKernelModel()
        model.mostSteps = 5
        return model
    }

    /// Largest difference of cells that were drawn after writing and reading.
    private func difference(_ method: any MechanismModel) throws -> Float {
        let model = try Self.model(method)
        let data = try FittedMechanisms.tensors(of: model, rows: Self.rows()).encoded()
        let read = try FittedMechanisms(SafeTensors(data: data), workers: 1).model
        #expect(read.context.names == Self.names)
        #expect(read.context.graph == model.context.graph)
        #expect(read.context.values == model.context.values)
        let stream = RandomStream(seed: 1)
        let old = try model.generated(rows: 30, interventions: [0: 1], stream: stream)
        let new = try read.generated(rows: 30, interventions: [0: 1], stream: stream)
        return zip(old.values, new.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test func whatIsReadAnswersAsWhatWasWritten() throws {
        #expect(try difference(LeastSquaresModel()) == 0)
        // Hyperparameters in single precision, values of the order of 10.
        #expect(try difference(Self.evidence()) < 1e-3)
    }

    @Test func otherFilesAreRefused() throws {
        let good = try FittedMechanisms.tensors(of: Self.model(Self.evidence()), rows: Self.rows())
        func code(_ change: (inout SafeTensors) -> Void) -> String? {
            var tensors = good
            change(&tensors)
            do {
                _ = try FittedMechanisms(tensors, workers: 1)
                return nil
            } catch {
                return (error as? WeightsError)?.code ?? (error as? MechanismError)?.code
            }
        }
        #expect(code { _ in } == nil)
        #expect(code { $0.metadata["schema"] = "other" } == "MALFORMED")
        #expect(code { $0.metadata["names"] = #"["a", "b"]"# } == "MALFORMED")
        #expect(code { $0.metadata["edges"] = "[[0, 7]]" } == "MALFORMED")
        #expect(code { $0.metadata["edges"] = "[[0, 1], [1, 0]]" } == "CYCLIC_GRAPH")
        #expect(code { $0.metadata["edges"] = "[[0, 1]]" } == "MALFORMED", "parameters of another graph")
        #expect(code { $0.entries.removeAll { $0.name == "squared_residuals" } } == "MALFORMED")
        #expect(
            code { tensors in
                let parameters = tensors["parameters"]!
                tensors.entries.removeAll { $0.name == "parameters" }
                tensors.entries.append(
                    .init(
                        name: "parameters", shape: parameters.shape,
                        values: parameters.values.map { _ in Float.infinity }))
            } == "MALFORMED")
        #expect(
            code { tensors in
                var values = tensors["context"]!.values
                values[4] = .nan
                tensors.entries[0] = .init(name: "context", shape: [40, 3], values: values)
            } == "NONFINITE")
    }
}
