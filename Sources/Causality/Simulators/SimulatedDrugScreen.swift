import AnnotatedData
import Foundation
import Graphs
import Matrices
import Probability
import Screens

/// A drug screen on single cells with known truth: counts, descriptors of the drugs, and what made them.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | A | graph of `truth.edges` | causal genes | i → j, acyclic |
/// | f_j, σ_j | `mechanisms`, `noiseScales` | causal genes | log expression of gene j is N(f_j(x_pa) , σ_j²) |
/// | I, m(γ) | `truth.drugs` | drugs × causal genes | shift interventions: N(f_j + m_j, σ_j²) |
/// | E, EC50, h | `maximumEffect`, `halfMaximalDose`, `hillCoefficient` | | m = E · cʰ / (EC50ʰ + cʰ) |
/// | γ | `features` | drugs × features | random two-layer embedding of (E, ln EC50, h), plus noise |
///
/// Source: Schneider et al. 2025, "Generative Intervention Models for Causal Perturbation Modeling", synthetic experiment.
/// Deviation from the paper: drugs come in classes that share targets, so that a new drug's descriptors tell something; the
/// model's values are log expression, seen through gamma-Poisson counts among genes that take no part.
public struct SimulatedDrugScreen: Sendable, Equatable {
    /// Cells × (causal, then background) genes; columns `perturbation` (a drug or `control`), `dose_value`, `dose_unit`.
    public let cells: AnnotatedMatrix
    public let features: FeatureTable
    public let truth: ScreenTruth

    public init(options: DrugScreenOptions, stream: RandomStream) {
        guard options.causalGenes > 0, options.drugs >= 0, let randomGraph = options.randomGraph else {
            preconditionFailure("a screen has causal genes, drugs and a graph of a family that it can draw")
        }
        var graphStream = stream.stream("graph")
        let graph = randomGraph.draw(nodeCount: options.causalGenes, stream: &graphStream)
        var mechanismStream = stream.stream("mechanisms")
        let mechanisms = graph.parents.map { Self.mechanism(parents: $0.count, options, &mechanismStream) }
        let noiseScales = graph.parents.map { _ in
            mechanismStream.uniform(options.noiseScales.lowerBound, options.noiseScales.upperBound)
        }
        let causal = WorldTruth.names(prefix: "g", count: options.causalGenes)
        let edges = graph.edges.map { edge in
            var weight: Double?
            if case .linear(let weights, _) = mechanisms[edge.target] {
                weight = graph.parents[edge.target].firstIndex(of: edge.source).map { Double(weights[$0]) }
            }
            return WorldTruth.Edge(source: causal[edge.source], target: causal[edge.target], weight: weight)
        }
        truth = ScreenTruth(
            causalGenes: causal, backgroundGenes: WorldTruth.names(prefix: "bg", count: options.backgroundGenes),
            edges: edges, noiseScales: noiseScales,
            drugs: Self.drugs(causal, options, stream.stream("drugs")), doses: options.doses,
            doseUnit: options.doseUnit)
        features = Self.features(truth, options, stream.stream("features"))

        let conditions = Self.conditions(truth, options)
        let expression = Self.expression(
            graph, mechanisms, truth, conditions: conditions, stream: stream.stream("expression"))
        cells = Self.annotated(
            Self.counts(expression, options, stream.stream("counts")), truth: truth, conditions: conditions)
    }

    private static func mechanism(
        parents: Int, _ options: DrugScreenOptions, _ stream: inout RandomStream
    ) -> Mechanism {
        let scale = 1 / Double(max(1, parents)).squareRoot()
        func weight(_ stream: inout RandomStream) -> Double {
            let size = stream.uniform(options.weights.lowerBound, options.weights.upperBound)
            return stream.bernoulli(0.5) ? size : -size
        }
        switch options.mechanism {
        case .linear:
            return .linear(weights: (0..<parents).map { _ in Float(weight(&stream) * scale) }, bias: 0)
        case .perceptron:
            // Slopes of order 1 / 0.5, the usual spread of log expression here, reach the tangent's bend.
            let units = 8
            return .perceptron(
                hidden: (0..<units * parents).map { _ in Float(2 * stream.normal() * scale) },
                outer: (0..<units).map { _ in Float(weight(&stream) / Double(units).squareRoot()) })
        }
    }

    /// Classes first, then the drugs of each in turn, so that classes are as equal in number as can be.
    private static func drugs(
        _ genes: [String], _ options: DrugScreenOptions, _ stream: RandomStream
    ) -> [ScreenTruth.Drug] {
        let classNames = WorldTruth.names(prefix: "class", count: max(1, options.classes))
        let classes = classNames.indices.map { number in
            var own = stream.stream("class").stream(number)
            let range = options.targetsPerClass
            let count = min(genes.count, range.lowerBound + own.index(below: range.count))
            return own.choice(count, of: genes.count).sorted().map { gene in
                let size = own.uniform(options.maximumEffects.lowerBound, options.maximumEffects.upperBound)
                return ScreenTruth.Target(gene: genes[gene], maximumEffect: own.bernoulli(0.5) ? size : -size)
            }
        }
        return WorldTruth.names(prefix: "drug", count: options.drugs).enumerated().map { number, name in
            var own = stream.stream("drug").stream(number)
            let place = number % classes.count
            let targets = classes[place].map { target in
                ScreenTruth.Target(
                    gene: target.gene,
                    maximumEffect: target.maximumEffect
                        * (1 + own.uniform(-options.effectSpread, options.effectSpread)))
            }
            let range = options.halfMaximalDoses
            return ScreenTruth.Drug(
                name: name, drugClass: classNames[place], targets: targets,
                halfMaximalDose: exp(own.uniform(log(range.lowerBound), log(range.upperBound))),
                hillCoefficient: own.uniform(options.hillCoefficients.lowerBound, options.hillCoefficients.upperBound))
        }
    }

    /// tanh(W₁ z) with z = (E of every causal gene, ln EC50, h), then W₂, then noise.
    private static func features(
        _ truth: ScreenTruth, _ options: DrugScreenOptions, _ stream: RandomStream
    ) -> FeatureTable {
        let inputs = truth.causalGenes.count + 2
        let hidden = 2 * options.features
        var weights = stream.stream("embedding")
        let first = (0..<hidden * inputs).map { _ in weights.normal() * 0.5 }
        let second = (0..<options.features * hidden).map { _ in weights.normal() / Double(max(1, hidden)).squareRoot() }
        var values = Matrix<Float>(rows: truth.drugs.count, columns: options.features)
        for (row, drug) in truth.drugs.enumerated() {
            var noise = stream.stream("noise").stream(row)
            var input = truth.causalGenes.map { gene in
                drug.targets.first { $0.gene == gene }?.maximumEffect ?? 0
            }
            input += [log(drug.halfMaximalDose), drug.hillCoefficient]
            let inner = (0..<hidden).map { unit in
                tanh(input.indices.reduce(0) { $0 + first[unit * inputs + $1] * input[$1] })
            }
            for feature in 0..<options.features {
                let value = inner.indices.reduce(0) { $0 + second[feature * hidden + $1] * inner[$1] }
                values[row, feature] = Float(value + options.featureNoise * noise.normal())
            }
        }
        return FeatureTable(
            perturbations: truth.drugs.map(\.name),
            features: WorldTruth.names(prefix: "feature", count: options.features), values: values)
    }
}
