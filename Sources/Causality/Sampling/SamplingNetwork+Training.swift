import Generators
import Identification
import Probability

extension SamplingNetwork {
    /// Trains ID-GEN's network for an effect that is identifiable, or IDC-GEN's where conditions stay.
    /// - Parameters:
    ///   - derivation: Of the query, not refused.
    ///   - outcomes: The query's; the derivation holds conditions among its outcomes.
    ///   - nodes: With their kinds, in the order of the diagram.
    ///   - table: Observed rows with a column for each node that the derivation needs.
    /// - Returns: A network with its diagnostics; whether overlap suffices is for the caller to ask.
    public static func trained(
        _ derivation: Derivation, outcomes: [String], nodes: [Node], table: NodeTable, options: SamplingOptions,
        stream: RandomStream, workers: Int? = nil
    ) throws(GeneratorError) -> SamplingNetwork {
        let diagram = derivation.diagram
        precondition(nodes.map(\.name) == diagram.names, "the nodes are not those of the diagram")
        var construction = NetworkConstruction(
            diagram: diagram, nodes: nodes, options: options, stream: stream, workers: workers,
            treatments: derivation.root.treatments, harmless: derivation.anyValue)
        let treatments = Array(derivation.root.treatments.intersection(derivation.needed))
        let conditions = Array(derivation.conditions)
        let asked = outcomes.map { diagram.number(of: $0)! }.sorted()
        let joint = asked + conditions
        var network: SamplingNetwork
        if conditions.isEmpty || !treatments.isEmpty {
            let models = try construction.network(
                derivation.root, from: .init(table: table, path: ""))
            network = SamplingNetwork(
                nodes: nodes, models: models, outcomes: Array(derivation.root.outcomes), treatments: treatments,
                conditions: [], support: table, diagnostics: .init())
            network.diagnostics = construction.findings.diagnostics(
                of: network, observed: table, stream: stream, workers: workers)
        } else {
            network = SamplingNetwork(
                nodes: nodes, models: [], outcomes: [], treatments: [], conditions: conditions, support: table,
                diagnostics: .init())
        }
        guard !conditions.isEmpty else { return network }
        // IDC-GEN: rows of the joint effect with the treatments over their range, then models given the conditions.
        var rows = table.keeping(joint.map { nodes[$0].name })
        if !treatments.isEmpty {
            let chosen = NetworkConstruction.balancedRows(
                options.resampledRows(from: table.rows), of: table.rows, stream: stream.stream("treatments"))
            let settings = table.keeping(treatments.map { nodes[$0].name }).selecting(chosen)
            rows = network.evaluated(inputs: settings, stream: stream.stream("joint effect"), workers: workers)
        }
        let models = try construction.conditionalModels(
            of: asked, given: treatments + conditions, from: .init(table: rows, path: treatments.isEmpty ? "" : "joint")
        )
        let free = network.diagnostics.free
        network = SamplingNetwork(
            nodes: nodes, models: models, outcomes: asked, treatments: treatments, conditions: conditions,
            support: table, diagnostics: .init())
        network.diagnostics = construction.findings.diagnostics(
            of: network, observed: table, stream: stream, workers: workers)
        network.diagnostics.free = free
        return network
    }
}
