import Generators
import Probability

/// What is checked while a network is made.
struct ConstructionFindings {
    private var models: [SamplingDiagnostics.Model] = []
    private var independence: [SamplingDiagnostics.Independence] = []

    /// Rows on which models are checked, at most.
    private static let rows = 20_000

    /// Checks a model on the rows that it learnt from.
    /// - Parameters:
    ///   - set: Its inputs that are set from outside.
    ///   - dropped: Values that it does without although they came before it: they should not matter.
    mutating func add(
        _ generator: any ConditionalGenerator, from rows: NetworkConstruction.Rows, set: [Node], dropped: [Node],
        stream: RandomStream
    ) {
        let count = min(Self.rows, rows.table.rows)
        let chosen = NetworkConstruction.balancedRows(count, of: rows.table.rows, stream: stream.stream("rows"))
        let table = rows.table.selecting(chosen)
        let node = generator.outcome
        let drawn = generator.draw(given: table, stream: stream.stream("margin"), workers: nil)
        let margins = MarginDistance(table[node.name], drawn)
        let others = generator.inputs.filter { input in !set.contains { $0.name == input.name } }
        models.append(
            .init(
                node: node.name, inputs: generator.inputs.map(\.name), isFromObserved: rows.path.isEmpty,
                training: generator.training, marginDistance: margins.distance, marginNoise: margins.noise,
                overlap: OverlapWeights.overlap(of: set, with: others, in: rows, stream: stream.stream("overlap")),
                invariances: dropped.map {
                    ValueDependence(
                        of: node, on: $0, given: generator.inputs, in: table, stream: stream.stream($0.name)
                    ).invariance
                }))
    }

    mutating func addIndependence(of set: [Node], from earlier: [Node], in table: NodeTable) {
        guard !earlier.isEmpty else { return }
        let largest = set.flatMap { a in earlier.map { Correlations.largest(table, a, $0) } }.max() ?? 0
        independence.append(
            .init(
                set: set.map(\.name), earlier: earlier.map(\.name), correlation: largest,
                bound: 4 / Double(table.rows).squareRoot()))
    }

    func diagnostics(
        of network: SamplingNetwork, observed: NodeTable, stream: RandomStream, workers: Int?
    ) -> SamplingDiagnostics {
        var diagnostics = SamplingDiagnostics()
        diagnostics.models = models
        diagnostics.independence = independence
        diagnostics.free =
            FreeInputCheck(network, observed: observed, stream: stream.stream("free"), workers: workers)
            .invariances
        return diagnostics
    }
}
