import AnnotatedData
import Graphs
import Matrices
import Probability
import Screens

/// A drug screen on single cells with known truth: counts or values, descriptors of the drugs, and what made them.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | A | graph of `truth.edges` | causal genes | i → j, acyclic |
/// | f_j, σ_j | `mechanisms`, `noiseScales` | causal genes | gene j is N(f_j(x_pa) , σ_j²) |
/// | I, m(γ) | `truth.drugs` | drugs × causal genes | shift interventions: N(f_j + m_j, σ_j²) |
/// | E, EC50, h | `maximumEffect`, `halfMaximalDose`, `hillCoefficient` | | m = E · cʰ / (EC50ʰ + cʰ) |
/// | γ | `features` | drugs × features | random two-layer embedding of (E, ln EC50, h), plus noise |
///
/// Source: Schneider et al. 2025, "Generative Intervention Models for Causal Perturbation Modeling", synthetic experiment,
/// whose settings are `DrugScreenOptions.preset(.gim)`.
/// Deviation from the paper: by default drugs come in classes that share targets, so that a new drug's descriptors tell
/// something, and the model's values are log expression, seen through gamma-Poisson counts among genes that take no part.
public struct SimulatedDrugScreen: Sendable, Equatable {
    /// Cells × (causal, then background) genes; columns `perturbation` (a drug or `control`), `dose_value`, `dose_unit`.
    public let cells: AnnotatedMatrix
    /// Treated cells that are out of the screen's distribution; the column `split` says how: `partial_ood` (other doses) or
    /// `full_ood` (other drugs). Nil where the options ask for none.
    public let test: AnnotatedMatrix?
    /// Of the drugs of the screen and of the test.
    public let features: FeatureTable
    public let truth: ScreenTruth

    /// Whether all values are: large weights on long paths overflow.
    public var isFinite: Bool {
        [cells, test].allSatisfy { $0?.x?.storedValues.allSatisfy(\.isFinite) ?? true }
    }

    public init(options: DrugScreenOptions, stream: RandomStream) {
        guard options.causalGenes > 0, options.drugs >= 0, let randomGraph = options.randomGraph else {
            preconditionFailure("a screen has causal genes, drugs and a graph of a family that it can draw")
        }
        var graphStream = stream.stream("graph")
        let graph = randomGraph.draw(nodeCount: options.causalGenes, stream: &graphStream)
        var mechanismStream = stream.stream("mechanisms")
        var mechanisms = graph.parents.map { Self.mechanism(parents: $0.count, options, &mechanismStream) }
        let noiseScales = graph.parents.map { _ in
            mechanismStream.uniform(options.noiseScales.lowerBound, options.noiseScales.upperBound)
        }
        if options.standardised {
            mechanisms = Self.standardised(
                mechanisms, graph, noiseScales: noiseScales, stream: stream.stream("standardisation"))
        }
        let causal = WorldTruth.names(prefix: "g", count: options.causalGenes)
        let edges = graph.edges.map { edge in
            var weight: Double?
            if case .linear(let weights, _) = mechanisms[edge.target] {
                weight = graph.parents[edge.target].firstIndex(of: edge.source).map { Double(weights[$0]) }
            }
            return WorldTruth.Edge(source: causal[edge.source], target: causal[edge.target], weight: weight)
        }
        let drugs = Self.drugs(causal, options, stream.stream("drugs"))
        let areWeightsAll = options.mechanism == .linear && !options.standardised
        truth = ScreenTruth(
            causalGenes: causal, backgroundGenes: WorldTruth.names(prefix: "bg", count: options.backgroundGenes),
            edges: edges, noiseScales: noiseScales,
            mechanisms: areWeightsAll
                ? nil
                : causal.indices.map { gene in
                    mechanisms[gene].described(gene: causal[gene], parents: graph.parents[gene].map { causal[$0] })
                },
            drugs: drugs, doses: options.doses, doseUnit: options.doseUnit,
            heldOutDrugs: options.hasTest ? drugs.dropFirst(options.drugs).map(\.name) : nil,
            heldOutDoses: options.hasTest ? options.heldOutDoses : nil)
        features = Self.features(truth, options, stream.stream("features"))

        let biology = (graph: graph, mechanisms: mechanisms, truth: truth)
        func measured(_ conditions: [Condition], _ own: RandomStream) -> CellMatrix {
            let expression = Self.expression(
                biology.graph, biology.mechanisms, biology.truth, conditions: conditions,
                stream: own.stream("expression"))
            let genes = stream.stream("counts").stream("genes")
            let cells = own.stream("counts").stream("cells")
            return switch options.measurement {
            case .counts: .sparse(Self.counts(expression, options, genes: genes, cells: cells))
            case .values: .dense(Self.values(expression, options, genes: genes, cells: cells))
            }
        }
        let screened = Self.conditions(options)
        cells = Self.annotated(measured(screened, stream), truth, screened, names: "cell")
        if options.hasTest {
            let tested = Self.testConditions(options)
            var cells = Self.annotated(measured(tested, stream.stream("test")), truth, tested, names: "test")
            cells.cells["split"] = .categories(
                codes: tested.map { ($0.drug ?? 0) < options.drugs ? 0 : 1 }, levels: ["partial_ood", "full_ood"],
                ordered: false)
            test = cells
        } else {
            test = nil
        }
    }
}
