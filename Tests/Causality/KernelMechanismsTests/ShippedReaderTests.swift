import Foundation
import Graphs
import Matrices
import Mechanisms
import Probability
import Testing

@testable import KernelMechanisms

/// The weights that ship, on two functions whose truth is known.
struct ShippedReaderTests {
    private let model: AmortisedKernelModel

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        model = try AmortisedKernelModel(file: root.appending(path: "Reference/Mechanisms/kernels.safetensors").path)
    }

    /// Root mean squared errors of c = f(a, b) + noise of 0.3 from 150 rows, in units of c: as read, and by least squares.
    private func errors(_ function: (Double, Double) -> Double) throws -> (read: Double, linear: Double, held: Double) {
        var stream = RandomStream(seed: 12)
        func rows(_ count: Int) -> Matrix<Float> {
            var values = Matrix<Float>(rows: count, columns: 3, values: stream.normals(3 * count))
            for row in 0..<count {
                values[row, 2] =
                    0.3 * values[row, 2] + Float(function(Double(values[row, 0]), Double(values[row, 1])))
            }
            return values
        }
        let context = try MechanismContext(
            values: rows(150), names: ["a", "b", "c"],
            graph: DirectedGraph(nodeCount: 3, edges: [Edge(0, 2), Edge(1, 2)]))
        let queries = rows(200)
        let truth = (0..<200).map { row in
            (function(Double(queries[row, 0]), Double(queries[row, 1])) - context.means[2]) / context.deviations[2]
        }
        let parents = context.standardised(queries).selectingColumns([0, 1])
        func error(_ means: [Float]) -> Double {
            (zip(means, truth).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) } / 200).squareRoot()
        }
        let read = try model.mechanisms(of: context, workers: 1)
        let means = read.means(of: 2, parents: parents)
        let deviations = read.deviations(of: 2, parents: parents)
        let held = truth.indices.count { abs(Double(means[$0]) - truth[$0]) <= 1.645 * Double(deviations[$0]) }
        return (
            error(means),
            error(try LeastSquaresModel().mechanisms(of: context, workers: 1).means(of: 2, parents: parents)),
            Double(held) / 200
        )
    }

    @Test func linesAreReadAsLeastSquaresWould() throws {
        let found = try errors { 0.8 * $0 - 1.2 * $1 }
        // A twentieth of the noise above it, in units of c.
        #expect(found.read < found.linear + 0.01)
    }

    @Test func curvesAreRead() throws {
        let found = try errors { sin(1.5 * $0) + 0.5 * $0 * $1 }
        #expect(found.read < found.linear / 3)
        // 90 % are meant; errors of one function hang together, so one function may miss by much.
        #expect(found.held > 0.6)
    }
}
