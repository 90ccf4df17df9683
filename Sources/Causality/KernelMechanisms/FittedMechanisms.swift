import Foundation
import Matrices
import Mechanisms
import Networks

/// A structural model in a file: its context rows and graph, with what was read of every node's regression.
///
/// | tensor | shape | meaning |
/// |---|---|---|
/// | `context` | n × d | rows in the units of the data |
/// | `parameters` | Σ (5 + 2 k) | `KernelParameters.vector` of each node, one after another |
/// | `squared_residuals` | d × rows | `KernelRegression.squaredResiduals` |
///
/// Mechanisms by least squares have their context only: they are as fast to make as to read. Kernels are kept in single
/// precision, so answers agree with those of the model that was written to about six digits.
public struct FittedMechanisms: Sendable {
    public let model: StructuralModel

    private static let schema = "fitted mechanisms 1"

    private enum Kind: String {
        case kernels, linear
    }

    /// - Parameter rows: Of the model's context, as they were given.
    public static func tensors(of model: StructuralModel, rows: Matrix<Float>) throws -> SafeTensors {
        let context = model.context
        var entries = [SafeTensors.Entry(name: "context", shape: [rows.rows, rows.columns], values: rows.values)]
        var kind = Kind.linear
        var scale = 1.0
        if let mechanisms = model.mechanisms as? RegressionMechanisms {
            let regressions = mechanisms.regressions
            (kind, scale) = (.kernels, mechanisms.deviationScale)
            let parameters = regressions.flatMap { $0.parameters.vector.map { Float($0) } }
            let squares = regressions.flatMap { $0.squaredResiduals.map { Float($0) } }
            entries += [
                SafeTensors.Entry(name: "parameters", shape: [parameters.count], values: parameters),
                SafeTensors.Entry(
                    name: "squared_residuals", shape: [regressions.count, squares.count / max(1, regressions.count)],
                    values: squares),
            ]
        }
        func text(_ value: some Encodable) throws -> String {
            String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        }
        return SafeTensors(
            entries: entries,
            metadata: [
                "schema": schema, "kind": kind.rawValue, "names": try text(context.names),
                "edges": try text(context.graph.edges.map { [$0.source, $0.target] }), "deviation scale": "\(scale)",
            ])
    }

    public init(file: String, workers: Int) throws {
        try self.init(SafeTensors(file: file), file: file, workers: workers)
    }

    public init(_ tensors: SafeTensors, file: String? = nil, workers: Int) throws {
        func malformed(_ element: String, _ message: String) -> WeightsError {
            WeightsError(
                code: "MALFORMED", file: file, element: element, message: message,
                remedy: "use a file that `interventome mechanisms fit` has written")
        }
        func decoded<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
            do {
                return try JSONDecoder().decode(type, from: Data((tensors.metadata[name] ?? "").utf8))
            } catch {
                throw malformed(name, "expected a list in the file's metadata, found something else")
            }
        }
        guard tensors.metadata["schema"] == Self.schema, let kind = Kind(rawValue: tensors.metadata["kind"] ?? "")
        else {
            throw malformed("schema", "expected \(Self.schema), found another file")
        }
        let names = try decoded([String].self, "names")
        guard let rows = tensors["context"], rows.shape.count == 2, rows.shape[1] == names.count else {
            throw malformed("context", "expected rows of \(names.count) genes, found others")
        }
        let edges = try decoded([[Int]].self, "edges").map { edge in
            guard edge.count == 2, edge.allSatisfy(names.indices.contains) else {
                throw malformed("edges", "expected pairs of genes, found \(edge)")
            }
            return (source: names[edge[0]], target: names[edge[1]])
        }
        let context = try MechanismContext(
            values: Matrix(rows: rows.shape[0], columns: names.count, values: rows.values), names: names,
            graph: MechanismContext.graph(of: edges, names: names))
        guard kind == .kernels else {
            model = try StructuralModel(context, by: LeastSquaresModel(), workers: workers)
            return
        }
        guard let numbers = tensors["parameters"]?.values, numbers.count == Self.parameterCount(of: context),
            let squares = tensors["squared_residuals"]?.values,
            squares.count == names.count * RegressionData.rows(of: context),
            squares.allSatisfy({ $0 >= 0 && $0.isFinite })
        else { throw malformed("parameters", "expected those of \(names.count) regressions, found others") }
        guard let scale = Double(tensors.metadata["deviation scale"] ?? ""), scale.isFinite, scale > 0 else {
            throw malformed("deviation scale", "expected a positive number, found something else")
        }
        var first = 0
        var regressions: [KernelRegression] = []
        for node in names.indices {
            let data = RegressionData(node: node, of: context)
            let bounds = KernelParameters.bounds(parents: data.inputs.parents)
            let vector = numbers[first..<first + bounds.count].map { Double($0) }
            first += bounds.count
            // Bounds in single precision may lie a rounding beyond.
            guard zip(vector, bounds).allSatisfy({ $1.lowerBound - 1e-5 <= $0 && $0 <= $1.upperBound + 1e-5 }) else {
                throw malformed(
                    "parameters", "expected numbers within their bounds, found \(vector) for \(names[node])")
            }
            let count = data.targets.count
            regressions.append(
                KernelRegression(
                    KernelParameters(vector: vector), inputs: data.inputs, targets: data.targets,
                    squaredResiduals: squares[node * count..<(node + 1) * count].map { Double($0) }))
        }
        model = StructuralModel(
            context, mechanisms: RegressionMechanisms(regressions, deviationScale: scale, workers: workers),
            workers: workers)
    }

    private static func parameterCount(of context: MechanismContext) -> Int {
        context.graph.parents.reduce(0) { $0 + KernelParameters.bounds(parents: $1.count).count }
    }
}
