import Matrices

/// Measured rows with the noise that the mechanisms leave of them: what is asked of the same rows under many interventions.
///
/// Each row keeps its own noise (abduction), some mechanisms change (action), and values follow along the graph (prediction):
/// x′_j = F_j(x′_pa) + n_j + shift_j, or what it is set to. Nodes that no intervention reaches are not computed.
///
/// Source: Pearl 2009, "Causality", section 7.1.
public struct AbductedRows: Sendable {
    private let model: StructuralModel
    /// rows × d, standardised.
    private let values: Matrix<Float>
    private let noise: Matrix<Float>

    /// - Parameter rows: rows × d, in the units of the data.
    public init(_ rows: Matrix<Float>, by model: StructuralModel, workers: Int) throws(MechanismError) {
        self.model = model
        values = model.context.standardised(rows)
        noise = model.context.standardised(noise: try model.noise(of: rows, workers: workers))
    }

    /// How far each row differs from itself under interventions.
    /// - Parameters:
    ///   - shifts: What is added to each of some nodes, in the units of the data; their parents still matter.
    ///   - settings: The value of each node that is set.
    /// - Returns: rows × d, in the units of the data; 0 where nothing reaches.
    public func changes(shifts: [Int: Float] = [:], settings: [Int: Float] = [:]) -> Matrix<Float> {
        let context = model.context
        var after = values
        var changes = Matrix<Float>(rows: values.rows, columns: values.columns)
        var isReached = [Bool](repeating: false, count: values.columns)
        for node in context.order {
            let parents = context.graph.parents[node]
            let isMoved = parents.contains { isReached[$0] }
            guard isMoved || shifts[node] != nil || settings[node] != nil else { continue }
            isReached[node] = true
            let scale = Float(context.deviations[node])
            if let setting = settings[node] {
                let set = Float((Double(setting) - context.means[node]) / context.deviations[node])
                for row in 0..<after.rows { after[row, node] = set }
            } else {
                let shift = (shifts[node] ?? 0) / scale
                if isMoved {
                    let means = model.mechanisms.means(of: node, parents: after.selectingColumns(parents))
                    for row in 0..<after.rows { after[row, node] = means[row] + noise[row, node] + shift }
                } else {
                    for row in 0..<after.rows { after[row, node] += shift }
                }
            }
            for row in 0..<after.rows { changes[row, node] = (after[row, node] - values[row, node]) * scale }
        }
        return changes
    }
}
