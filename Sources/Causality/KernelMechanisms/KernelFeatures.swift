import Foundation
import Matrices

/// What a network is told of a node's regression under some hyperparameters: numbers of the node and of each parent, all of
/// the order of 1.
struct KernelFeatures: Sendable {
    let node: [Float]
    /// One row a parent.
    let parents: [[Float]]

    static let nodeCount = 21
    static let parentCount = 10

    init(_ regression: KernelRegression, _ evidence: KernelEvidence) {
        let n = Double(regression.targets.count)
        let (residuals, variances) = evidence.leftOut
        let squares = residuals.map { $0 * $0 }
        let standardised = zip(squares, variances).map { $0 / $1 }
        let parameters = regression.parameters.vector
        let fixed = KernelParameters.nodeCount
        var node = [log(n) - 5.5, log(1 + Double(regression.inputs.parents)) - 1]
        node += parameters[..<fixed].map { 0.2 * $0 }
        node += evidence.gradient[..<fixed].map { 0.5 * asinh($0) }
        // With the sampling error of a row's worth of evidence as the unit.
        node += evidence.gradient[..<4].map { asinh($0 / n.squareRoot()) }
        node += [
            regression.logEvidence / n, regression.fit / n,
            0.2 * log(Self.mean(squares) + 1e-9), 0.2 * Self.mean(variances.map { log($0) }),
            log(Self.mean(standardised) + 1e-9),
        ]
        // Of kurtosis.
        let fourth = Self.mean(standardised.map { $0 * $0 }) / pow(Self.mean(standardised) + 1e-9, 2)
        self.node = Self.bounded(node)
        parents = (0..<regression.inputs.parents).map { parent in
            let values = Array(regression.inputs.column(parent))
            let squares = values.map { $0 * $0 }
            let joint = fixed + parent
            let additive = joint + regression.inputs.parents
            return Self.bounded([
                0.3 * parameters[joint], 0.3 * parameters[additive],
                0.5 * asinh(evidence.gradient[joint]), 0.5 * asinh(evidence.gradient[additive]),
                abs(pearsonCorrelation(values, regression.targets)),
                n.squareRoot() * abs(pearsonCorrelation(values, residuals)) * 0.3,
                n.squareRoot() * abs(pearsonCorrelation(squares, residuals)) * 0.3,
                log(Self.mean(squares.map { $0 * $0 }) / pow(Self.mean(squares) + 1e-9, 2) + 0.1) - 1,
                log(squares.max()! + 0.1) - 2, log(fourth + 0.1) - 1,
            ])
        }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    private static func bounded(_ values: [Double]) -> [Float] {
        values.map { $0.isFinite ? Float(max(-8, min(8, $0))) : 0 }
    }
}
