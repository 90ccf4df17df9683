import Generators
import Probability

/// Draws a network at several values of its free inputs, which should not matter.
struct FreeInputCheck {
    let invariances: [SamplingDiagnostics.Invariance]

    private static let values = 5
    private static let rows = 4000

    /// Treatments and conditions lie at observed rows, the same for every value of the free inputs.
    init(_ network: SamplingNetwork, observed: NodeTable, stream: RandomStream, workers: Int?) {
        guard !network.free.columns.isEmpty else {
            invariances = []
            return
        }
        let chosen = NetworkConstruction.balancedRows(Self.rows, of: observed.rows, stream: stream.stream("rows"))
        let set = network.treatments + network.conditions
        let settings = observed.keeping(set.map { network.nodes[$0].name }).selecting(chosen)
        func draws(_ values: NodeTable?, _ name: String) -> NodeTable {
            var inputs = settings
            if let values { for (name, column) in values.columns { inputs[name] = column.repeated(inputs.rows) } }
            return network.evaluated(inputs: inputs, stream: stream.stream(name), workers: workers)
        }
        let all = draws(nil, "all")
        let again = draws(nil, "again")
        let fixed = (0..<Self.values).map { place in
            draws(network.free.selecting([place * (network.free.rows - 1) / (Self.values - 1)]), "value \(place)")
        }
        let names = network.free.columns.keys.sorted().joined(separator: ", ")
        invariances = network.outcomes.map { number in
            let name = network.nodes[number].name
            let spread = fixed.map { MarginDistance(all[name], $0[name]).distance }.max() ?? 0
            return .init(
                of: name, value: names, spread: spread, chance: MarginDistance(all[name], again[name]).distance)
        }
    }
}
