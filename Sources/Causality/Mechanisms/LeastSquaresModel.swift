import Concurrency
import Matrices

/// Linear mechanisms by least squares: what any other must not be worse than where mechanisms are linear.
public struct LeastSquaresModel: MechanismModel {
    public init() {}

    public func mechanisms(of context: MechanismContext, workers: Int) throws -> any NodeMechanisms {
        LinearMechanisms(
            functions: concurrentMap(context.names.count, workers: workers) { node in
                let parents = context.graph.parents[node]
                guard !parents.isEmpty else { return nil }
                // Of the size of rounding: parents that copy one another share their slope.
                return RidgeRegression(
                    features: context.values.selectingColumns(parents).double,
                    targets: context.values.selectingColumns([node]).double,
                    penalty: 1e-9 * Double(context.values.rows))
            })
    }
}

/// Of standardised nodes; nil stands for a root.
private struct LinearMechanisms: NodeMechanisms {
    let functions: [RidgeRegression?]

    func means(of node: Int, parents: Matrix<Float>) -> [Float] {
        guard let function = functions[node] else { return Array(repeating: 0, count: parents.rows) }
        return function.predict(parents.double).values.map { Float($0) }
    }
}
