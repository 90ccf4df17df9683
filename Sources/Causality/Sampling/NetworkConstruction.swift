import Generators
import Identification
import Probability

/// ID-GEN: the recursion of ID, in which every product becomes trained models and every current distribution rows.
///
/// | paper (Rahman et al. 2024, algorithms 2 to 4) | code | meaning |
/// |---|---|---|
/// | D | `Rows` | a draw of the current distribution |
/// | X̂ | `Derivation.Step.parameters` | treatments of earlier nested steps; their values are columns of D |
/// | π | numbers of nodes | the one topological order |
/// | ConditionalGMs | `models(of:in:from:)` | a model of every node of a set, given its predecessors |
/// | Update | `resampled(_:from:)` | D′: X_Z drawn apart from all else, S′ by the models |
/// | MergeNetwork | `flatMap` over districts | by name: each node has one model, checked by `SamplingNetwork` |
///
/// Deviation from the paper: inputs are Markov pillows, not all predecessors, unless `usesPillows` is false; and where a
/// nested step is followed by sums only (`isInlined`), the first models stay as private copies: P′(y) of the front door is
/// Σ_x′ P(x′) P(y | x′, s), whose X′ must be drawn anew and never be the X that is set.
struct NetworkConstruction {
    let diagram: CausalDiagram
    /// By number.
    let nodes: [Node]
    let options: SamplingOptions
    let stream: RandomStream
    let workers: Int?
    /// Nodes that the query sets.
    let treatments: NodeSet
    /// Nodes that are set although they change nothing.
    let harmless: NodeSet
    private(set) var findings = ConstructionFindings()
    private var copies = 0
    private var trained: [TrainingKey: any ConditionalGenerator] = [:]

    /// Rows of a current distribution, with the place in the recursion where they were drawn.
    struct Rows {
        let table: NodeTable
        /// Empty for the observed rows.
        let path: String

        func keeping(_ names: [String]) -> Rows { Rows(table: table.keeping(names), path: path) }
    }

    /// Two branches that need the same model of the same rows share it.
    private struct TrainingKey: Hashable {
        let node: Int
        let inputs: NodeSet
        let path: String
    }

    init(
        diagram: CausalDiagram, nodes: [Node], options: SamplingOptions, stream: RandomStream, workers: Int?,
        treatments: NodeSet, harmless: NodeSet
    ) {
        self.diagram = diagram
        self.nodes = nodes
        self.options = options
        self.stream = stream
        self.workers = workers
        self.treatments = treatments
        self.harmless = harmless
    }

    /// The headless network of a step: models of all that it does not set.
    mutating func network(
        _ step: Derivation.Step, from rows: Rows, path: String = ""
    ) throws(GeneratorError) -> [SamplingNetwork.Model] {
        switch step.line {
        case .marginal:
            return try models(of: step.nodes, in: step, from: rows)
        case .ancestors:
            let child = step.children[0]
            let kept = child.nodes.union(child.parameters).map { nodes[$0].name }
            return try network(child, from: rows.keeping(kept), path: path)
        case .harmless:
            return try network(step.children[0], from: rows, path: path)
        case .districts:
            var models: [SamplingNetwork.Model] = []
            for (place, child) in step.children.enumerated() {
                models += try network(child, from: rows, path: "\(path)/\(place)")
            }
            return models
        case .hedge, .experiment:
            preconditionFailure("a network is of an effect that is identifiable from observation alone")
        case .district:
            return try models(of: step.district, in: step, from: rows)
        case .nested:
            let first = try models(of: step.district, in: step, from: rows)
            if options.isInlined, let kept = Self.nodesAfterSums(step.children[0]) {
                return inlined(first, keeping: kept)
            }
            let next = resampled(step, first, from: rows, path: path + "/nested")
            return try network(step.children[0], from: next, path: next.path)
        }
    }

    /// A model of each node of the set, given its predecessors in the current graph and among the parameters.
    private mutating func models(
        of set: NodeSet, in step: Derivation.Step, from rows: Rows
    ) throws(GeneratorError) -> [SamplingNetwork.Model] {
        var models: [SamplingNetwork.Model] = []
        for node in set {
            let inputs = inputs(of: node, in: step)
            let generator = try train(node, inputs, in: step, from: rows)
            models.append(
                .init(
                    place: .init(node: node, copy: 0), inputs: inputs.map { .init(node: $0, copy: 0) },
                    generator: generator))
        }
        return models
    }

    /// IDC-GEN: models of the outcomes given all that is set or conditioned on, and the outcomes before them.
    mutating func conditionalModels(
        of outcomes: [Int], given inputs: [Int], from rows: Rows
    ) throws(GeneratorError) -> [SamplingNetwork.Model] {
        var models: [SamplingNetwork.Model] = []
        for (place, node) in outcomes.enumerated() {
            let known = (inputs + outcomes[..<place]).sorted()
            let generator = try options.generators.trained(
                outcome: nodes[node], inputs: known.map { nodes[$0] }, table: rows.table,
                stream: stream.stream("train").stream("conditional").stream(nodes[node].name), workers: workers)
            findings.add(
                generator, from: rows, set: inputs.map { nodes[$0] }, dropped: [],
                stream: stream.stream("checks").stream("conditional").stream(nodes[node].name))
            models.append(
                .init(
                    place: .init(node: node, copy: 0), inputs: known.map { .init(node: $0, copy: 0) },
                    generator: generator))
        }
        return models
    }

    /// In G^ the edges into parameters are cut, so that a pillow's district holds none of them, but their children's
    /// mechanisms take them.
    private func inputs(of node: Int, in step: Derivation.Step) -> NodeSet {
        let known = step.nodes.union(step.parameters)
        guard options.usesPillows else { return known.below(node) }
        let district = diagram.district(of: node, within: step.nodes.below(node).union([node]))
        return district.union(diagram.parents(of: district)).intersection(known).subtracting([node])
    }

    private mutating func train(
        _ node: Int, _ inputs: NodeSet, in step: Derivation.Step, from rows: Rows
    ) throws(GeneratorError) -> any ConditionalGenerator {
        let key = TrainingKey(node: node, inputs: inputs, path: rows.path)
        if let known = trained[key] { return known }
        let outcome = nodes[node]
        let generator = try options.generators.trained(
            outcome: outcome, inputs: inputs.map { nodes[$0] }, table: rows.table,
            stream: stream.stream("train").stream(rows.path).stream(outcome.name), workers: workers)
        trained[key] = generator
        // Within a nested step S′ is drawn, treatments among it; else districts draw each other's nodes.
        let outside = treatments.union(harmless).intersection(step.treatments)
        let set = (step.line == .nested ? step.fixed : outside).union(step.parameters)
        let dropped = step.nodes.union(step.parameters).below(node).subtracting(inputs).intersection(
            step.parameters.union(harmless))
        findings.add(
            generator, from: rows, set: inputs.intersection(set).map { nodes[$0] }, dropped: dropped.map { nodes[$0] },
            stream: stream.stream("checks").stream(rows.path).stream(outcome.name))
        return generator
    }

    /// The nodes that are left where only sums follow; nil where anything is conditioned on or set.
    private static func nodesAfterSums(_ step: Derivation.Step) -> NodeSet? {
        switch step.line {
        case .marginal: step.nodes
        case .ancestors: nodesAfterSums(step.children[0])
        default: nil
        }
    }

    /// The models of S′ that `kept` needs; what is summed out becomes a private copy.
    private mutating func inlined(
        _ models: [SamplingNetwork.Model], keeping kept: NodeSet
    ) -> [SamplingNetwork.Model] {
        copies += 1
        let district = NodeSet(models.map(\.place.node))
        func place(_ node: Int) -> SamplingNetwork.Place {
            .init(node: node, copy: district.contains(node) && !kept.contains(node) ? copies : 0)
        }
        var needed = kept
        for model in models.reversed() where needed.contains(model.place.node) {
            needed.formUnion(NodeSet(model.inputs.map(\.node)))
        }
        return models.filter { needed.contains($0.place.node) }.map { model in
            .init(
                place: place(model.place.node), inputs: model.inputs.map { place($0.node) }, generator: model.generator)
        }
    }

    /// D′ of a nested step: parameters and X_Z are drawn from their own rows, apart from each other and from all else,
    /// never with the row's S′, and S′ follows by its models.
    private mutating func resampled(
        _ step: Derivation.Step, _ models: [SamplingNetwork.Model], from rows: Rows, path: String
    ) -> Rows {
        let count = options.resampledRows(from: rows.table.rows)
        let stream = stream.stream("resample").stream(path)
        var inputs = NodeTable(rows: count)
        for (label, set) in [("parameters", step.parameters), ("fixed", step.fixed)] {
            let chosen = Self.balancedRows(count, of: rows.table.rows, stream: stream.stream(label))
            for node in set { inputs[nodes[node].name] = rows.table[nodes[node].name].selecting(chosen) }
        }
        let set = Array(step.fixed.union(step.parameters))
        let network = SamplingNetwork(
            nodes: nodes, models: models, outcomes: Array(step.district), treatments: set, conditions: [],
            support: rows.table, diagnostics: .init())
        let table = network.evaluated(inputs: inputs, stream: stream, workers: workers)
        findings.addIndependence(
            of: step.fixed.map { nodes[$0] },
            from: step.district.filter { $0 < step.fixed.first! }.map { nodes[$0] }, in: table)
        return Rows(table: table, path: path)
    }

    /// So many places of rows in random order, each row as often as any other, give or take one.
    static func balancedRows(_ count: Int, of rows: Int, stream: RandomStream) -> [Int] {
        var stream = stream
        var chosen: [Int] = []
        chosen.reserveCapacity(count + rows)
        while chosen.count < count { chosen += stream.permutation(rows) }
        return Array(chosen[..<count])
    }
}
