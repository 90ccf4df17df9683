import Graphs
import Identification
import Interventions

/// Asks of effects between genes whether they can be told from hidden causes, on every graph of a model.
///
/// Perturbations with known targets are experiments that set these genes (Lee, Correa & Bareinboim 2019, "General
/// identifiability with arbitrary surrogate experiments"); what drugs act on is inferred and sets nothing.
public struct IdentifiableEffects: Sendable {
    private let hidden: [HiddenCause]
    private let genes: [String]
    private let experiments: [[String]]
    /// Distinct acyclic graphs, and how many of the model's each stands for.
    private let views: [(graph: DirectedGraph, count: Int)]
    private let diagrams: [CausalDiagram]
    private let graphCount: Int

    /// - Throws: `IdentificationError` for a hidden cause without a name, of the name of a gene or of another cause, or on
    ///   genes that the model has not.
    public init(model: some PerturbationModel, hidden: [HiddenCause]) throws(IdentificationError) {
        try self.init(
            genes: model.genes, graphs: model.graphs,
            experiments: Set(model.knownTargets.values.map { $0.sorted() }.filter { !$0.isEmpty })
                .sorted { $0.lexicographicallyPrecedes($1) }, hidden: hidden)
    }

    init(
        genes: [String], graphs: [DirectedGraph], experiments: [[String]], hidden: [HiddenCause]
    ) throws(IdentificationError) {
        self.hidden = hidden.map { HiddenCause(name: $0.name, genes: $0.genes.isEmpty ? genes : $0.genes) }
        self.genes = genes
        self.experiments = experiments
        // A graph with a cycle tells causes from effects in no order.
        let ordered = graphs.filter { $0.topologicalOrder != nil }
        graphCount = ordered.count
        views = Dictionary(grouping: ordered, by: \.edges).values.map { (graph: $0[0], count: $0.count) }
            .sorted { a, b in
                a.count == b.count ? a.graph.edges.lexicographicallyPrecedes(b.graph.edges) : a.count > b.count
            }
        var diagrams: [CausalDiagram] = []
        for view in views { diagrams.append(try Self.diagram(view.graph, genes: genes, hidden: self.hidden)) }
        self.diagrams = diagrams
    }

    private static func diagram(
        _ graph: DirectedGraph, genes: [String], hidden: [HiddenCause]
    ) throws(IdentificationError) -> CausalDiagram {
        try CausalDiagram(
            DiagramDescription(
                nodes: genes + hidden.map(\.name),
                directed: graph.edges.map { .init(genes[$0.source], genes[$0.target]) }
                    + hidden.flatMap { cause in cause.genes.map { .init(cause.name, $0) } },
                latent: hidden.map(\.name)))
    }

    /// Of the effects that explanations rest on: what arrives at a gene from a target elsewhere, and what probable regulators
    /// do; sorted by source and target.
    public func findings(
        _ perturbations: [PerturbationExplanation], _ genes: [GeneExplanation]
    ) throws(IdentificationError) -> [EffectIdentifiability] {
        var pairs: Set<[String]> = []
        for gene in perturbations.flatMap(\.genes) { pairs.formUnion(gene.from.map { [$0.target, gene.gene] }) }
        for gene in genes {
            pairs.formUnion(gene.regulators.filter { $0.probability >= 0.5 }.map { [$0.gene, gene.gene] })
        }
        var found: [EffectIdentifiability] = []
        for pair in pairs.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            if let one = try finding(source: pair[0], target: pair[1]) { found.append(one) }
        }
        return found
    }

    /// nil where the source leads to the target on no graph.
    public func finding(source: String, target: String) throws(IdentificationError) -> EffectIdentifiability? {
        guard let from = genes.firstIndex(of: source), let to = genes.firstIndex(of: target), from != to else {
            return nil
        }
        let query = CausalQuery(outcomes: [target], treatments: [source])
        var counts: [EffectIdentifiability.Evidence: Int] = [:]
        var first: [EffectIdentifiability.Evidence: (view: Int, answer: IdentificationAnswer)] = [:]
        for (view, one) in views.enumerated() where one.graph.descendants(of: from).contains(to) {
            var answer = try diagrams[view].identify(query)
            var evidence = EffectIdentifiability.Evidence.observation
            if !answer.isIdentifiable {
                answer = try diagrams[view].identify(query, experiments: experiments)
                evidence = answer.isIdentifiable ? .experiment : .none
            }
            counts[evidence, default: 0] += one.count
            if first[evidence] == nil { first[evidence] = (view, answer) }
        }
        let leading = counts.values.reduce(0, +)
        // What is less sure wins a tie.
        let order: [EffectIdentifiability.Evidence] = [.none, .experiment, .observation]
        guard let evidence = order.max(by: { (counts[$0] ?? 0) < (counts[$1] ?? 0) }), let found = first[evidence]
        else { return nil }
        let diagram = diagrams[found.view]
        return EffectIdentifiability(
            source: source, target: target, probability: Double(leading) / Double(graphCount), evidence: evidence,
            agreement: Double(counts[evidence] ?? 0) / Double(leading),
            experiments: evidence == .experiment
                ? found.answer.derivation.usedExperiments.filter { !$0.isEmpty }.map { diagram.names(of: $0) } : [],
            formula: evidence == .none ? nil : found.answer.derivation.estimand.text,
            missing: evidence == .none ? try missing(for: query, on: views[found.view].graph) : [])
    }

    /// Hidden causes with which measured the effect would be identifiable, none of them to spare.
    private func missing(for query: CausalQuery, on graph: DirectedGraph) throws(IdentificationError) -> [String] {
        var measured = hidden
        for cause in hidden {
            let fewer = measured.filter { $0.name != cause.name }
            let still = hidden.filter { one in !fewer.contains { $0.name == one.name } }
            let diagram = try Self.diagram(graph, genes: genes, hidden: still)
            if try diagram.identify(query, experiments: experiments).isIdentifiable { measured = fewer }
        }
        return measured.map(\.name)
    }
}
