import Concurrency
import Foundation
import Matrices
import Mechanisms
import Probability

/// The mechanisms of all nodes, each by its own Gaussian process.
struct RegressionMechanisms: NodeMechanisms {
    /// By node.
    let regressions: [KernelRegression]
    private let evidence: [KernelEvidence]
    /// Where functions were drawn.
    private var functions: [DrawnFunction]?

    init(_ regressions: [KernelRegression], workers: Int) {
        evidence = concurrentMap(regressions.count, workers: workers) { KernelEvidence(regressions[$0]) }
        // Means do without the factors, which all nodes and graphs together would be much of.
        self.regressions = regressions.map(\.withoutFactor)
    }

    func means(of node: Int, parents: Matrix<Float>) -> [Float] {
        Self.inStretches(of: parents) { queries in
            functions?[node].values(at: queries) ?? regressions[node].means(at: queries)
        }
    }

    func deviations(of node: Int, parents: Matrix<Float>) -> [Float] {
        guard functions == nil else { return Array(repeating: 0, count: parents.rows) }
        let regression = regressions[node].withFactor
        return Self.inStretches(of: parents) { queries in
            regression.variances(at: queries).map { $0.squareRoot() }
        }
    }

    /// Rows by rows: a covariance with each context row is held for those in hand only.
    private static func inStretches(
        of parents: Matrix<Float>, _ body: (RegressionInputs) -> [Double]
    ) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(parents.rows)
        for first in stride(from: 0, to: parents.rows, by: stretch) {
            let rows = Array(first..<min(first + stretch, parents.rows))
            result += body(RegressionInputs(parents.selectingRows(rows))).map { Float($0) }
        }
        return result
    }

    private static let stretch = 1024

    func leftOutResiduals(of node: Int) -> [Float]? { evidence[node].leftOut.residuals.map { Float($0) } }

    func drawn(stream: RandomStream) -> any NodeMechanisms {
        var result = self
        result.functions = regressions.enumerated().map { node, regression in
            DrawnFunction(regression, stream: stream.stream(node))
        }
        return result
    }
}

extension RegressionInputs {
    /// From rows × parents.
    init(_ rows: Matrix<Float>) {
        self.init(
            rows: rows.rows, parents: rows.columns,
            values: (0..<rows.columns).flatMap { parent in (0..<rows.rows).map { Double(rows[$0, parent]) } })
    }
}
