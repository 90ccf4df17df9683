import Concurrency
import Foundation
import Graphs
import Matrices
import Probability

/// A structural causal model whose mechanisms were read off data: noise, new rows, interventions and counterfactuals.
///
/// All are one sweep along the graph: a node is computed once, when its parents are known, z_i = F_i(z_pa(i)) + n_i, or
/// z_i = a where it is set to a. That is the fixed point of z = F(z) + n (section 6 of the paper), which plain iteration
/// reaches after as many rounds as the graph is deep.
///
/// Rows, noise and interventions are in the units of the data.
public struct StructuralModel: Sendable {
    public let context: MechanismContext
    public let mechanisms: any NodeMechanisms
    /// Residuals of the context rows, standardised: n of each node, rising.
    public let residuals: [[Float]]

    public init(
        _ context: MechanismContext, by model: some MechanismModel,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws {
        self.init(context, mechanisms: try model.mechanisms(of: context, workers: workers), workers: workers)
    }

    public init(_ context: MechanismContext, mechanisms: any NodeMechanisms, workers: Int) {
        self.context = context
        self.mechanisms = mechanisms
        residuals = concurrentMap(context.names.count, workers: workers) { node in
            if let leftOut = mechanisms.leftOutResiduals(of: node) { return leftOut.sorted() }
            let means = mechanisms.means(of: node, parents: Self.parents(of: node, context.graph, context.values))
            return means.indices.map { context.values[$0, node] - means[$0] }.sorted()
        }
    }

    private init(_ model: StructuralModel, mechanisms: any NodeMechanisms) {
        context = model.context
        residuals = model.residuals
        self.mechanisms = mechanisms
    }

    /// The same model with functions drawn from what is believed of them, and the noise as it was.
    public func drawn(stream: RandomStream) -> StructuralModel {
        StructuralModel(self, mechanisms: mechanisms.drawn(stream: stream))
    }

    /// What the parents leave unexplained of each value: x − F(x).
    /// - Returns: rows × d.
    public func noise(
        of rows: Matrix<Float>, workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws(MechanismError) -> Matrix<Float> {
        try check(rows)
        let values = context.standardised(rows)
        return context.restored(noise: standardisedNoise(of: values, workers: workers))
    }

    /// The rows that this noise gives, with some nodes set to a value.
    /// - Parameters:
    ///   - noise: rows × d.
    ///   - interventions: The value of each node that is set.
    public func values(
        noise: Matrix<Float>, interventions: [Int: Float] = [:]
    ) throws(MechanismError) -> Matrix<Float> {
        try check(noise)
        return context.restored(sweep(noise: context.standardised(noise: noise), interventions))
    }

    /// Noise like that of the context: each node's residuals by their inverse distribution function, nodes independent.
    /// - Parameter evenly: Whether each node's rows are spread evenly over its distribution, in random order (McKay,
    ///   Beckman & Conover 1979), instead of drawn one by one: the mean over few rows is then as good as that over many.
    public func drawnNoise(rows: Int, evenly: Bool = false, stream: RandomStream) -> Matrix<Float> {
        var noise = Matrix<Float>(rows: rows, columns: context.names.count)
        for (node, residuals) in residuals.enumerated() {
            var own = stream.stream("noise").stream(node)
            let last = residuals.count - 1
            // Of the line through the sorted residuals.
            let mean =
                (residuals.reduce(0.0) { $0 + Double($1) } - 0.5 * Double(residuals[0] + residuals[last]))
                / Double(last)
            let strata = evenly ? own.permutation(rows) : []
            for row in 0..<rows {
                let share = evenly ? (Double(strata[row]) + own.uniform()) / Double(rows) : own.uniform()
                let place = share * Double(last)
                let below = Int(place)
                let (low, high) = (Double(residuals[below]), Double(residuals[min(below + 1, last)]))
                noise[row, node] = Float(low + (place - Double(below)) * (high - low) - mean)
            }
        }
        return context.restored(noise: noise)
    }

    /// New rows, with some nodes set to a value.
    /// - Parameter evenly: As in `drawnNoise`.
    public func generated(
        rows: Int, interventions: [Int: Float] = [:], evenly: Bool = false, stream: RandomStream
    ) throws(MechanismError) -> Matrix<Float> {
        try values(noise: drawnNoise(rows: rows, evenly: evenly, stream: stream), interventions: interventions)
    }

    /// What given rows would have been with some nodes set to a value: each keeps its own noise. Without interventions
    /// these are the rows themselves, up to rounding.
    public func counterfactual(
        of rows: Matrix<Float>, interventions: [Int: Float],
        workers: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws(MechanismError) -> Matrix<Float> {
        try values(noise: noise(of: rows, workers: workers), interventions: interventions)
    }

    // MARK: Standardised

    private func standardisedNoise(of values: Matrix<Float>, workers: Int) -> Matrix<Float> {
        let means = concurrentMap(context.names.count, workers: workers) { node in
            mechanisms.means(of: node, parents: Self.parents(of: node, context.graph, values))
        }
        var noise = values
        for row in 0..<noise.rows { for node in means.indices { noise[row, node] -= means[node][row] } }
        return noise
    }

    private func sweep(noise: Matrix<Float>, _ interventions: [Int: Float]) -> Matrix<Float> {
        var values = noise
        for node in context.order {
            if let value = interventions[node] {
                let set = Float((Double(value) - context.means[node]) / context.deviations[node])
                for row in 0..<values.rows { values[row, node] = set }
            } else {
                let means = mechanisms.means(of: node, parents: Self.parents(of: node, context.graph, values))
                for row in 0..<values.rows { values[row, node] += means[row] }
            }
        }
        return values
    }

    private static func parents(of node: Int, _ graph: DirectedGraph, _ values: Matrix<Float>) -> Matrix<Float> {
        values.selectingColumns(graph.parents[node])
    }

    private func check(_ rows: Matrix<Float>) throws(MechanismError) {
        guard rows.columns == context.names.count else {
            throw MechanismError(
                code: "GRAPH_MISMATCH",
                message: "expected rows of the \(context.names.count) nodes, found \(rows.columns) columns",
                remedy: "give the same columns as those of the context")
        }
        try MechanismContext.demandFinite(rows, context.names)
    }
}
