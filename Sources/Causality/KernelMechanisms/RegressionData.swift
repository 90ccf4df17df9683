import Mechanisms

/// What the regression of one node is made from.
struct RegressionData: Sendable {
    let inputs: RegressionInputs
    let targets: [Double]

    /// Context rows that a regression reads: beyond them, as many spread evenly over all. The cube of their number is what
    /// a regression costs.
    static let mostRows = 1000

    init(inputs: RegressionInputs, targets: [Double]) {
        (self.inputs, self.targets) = (inputs, targets)
    }

    /// Of these context rows.
    static func rows(of context: MechanismContext) -> Int { min(context.values.rows, mostRows) }

    init(node: Int, of context: MechanismContext) {
        let count = Self.rows(of: context)
        let rows = (0..<count).map { $0 * context.values.rows / count }
        inputs = RegressionInputs(
            context.values.selectingColumns(context.graph.parents[node]).selectingRows(rows))
        targets = rows.map { Double(context.values[$0, node]) }
    }
}
