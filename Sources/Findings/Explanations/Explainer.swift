import Graphs
import Interventions

/// Takes a fitted model's predictions apart.
///
/// For each target its intervention is switched off and the prediction made again; the difference is what this target
/// does. With shift interventions in a linear model the effects of targets add up and the parts are exact; with hard ones
/// they need not, and what is left is reported as unexplained. What is told from likeness to measured treatments stands
/// apart: where it answers alone the parts of the shift are 0, and targets say what the causal model holds by itself.
public struct Explainer: Sendable {
    public let model: any PerturbationModel
    private let beliefs: EdgeBeliefs
    private let paths: EffectPaths
    /// Of every measured treatment, by gene.
    private let targets: [[String: InterventionModel.Target]]

    public init(model: any PerturbationModel) throws {
        self.model = model
        beliefs = model.edgeBeliefs
        paths = EffectPaths(model)
        targets = try model.contexts.indices.map { index in
            Dictionary(
                try model.targets(ofMeasured: index).map { ($0.gene, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// - Parameters:
    ///   - topGenes: how many genes are kept, by size of shift; nil: all.
    ///   - predicted: the prediction where it is known already.
    ///   - topContributions: how many origins are kept for each gene.
    ///   - topPaths: how many paths from each of them.
    public func explain(
        _ query: PerturbationQuery, predicted: PredictedPerturbation? = nil, topGenes: Int? = 20,
        topContributions: Int = 5, topPaths: Int = 2, seed: UInt64 = 0
    ) throws -> PerturbationExplanation {
        let prediction = try predicted ?? model.predict(query, seed: seed)
        let attribution = try model.attribution(query, seed: seed)
        // What predictions take from the causal model, its parts do, too.
        let weight = prediction.causalWeight
        let genes = model.genes
        let d = genes.count
        let targets = (0..<d).map { target in
            var squares = 0.0
            var errors = 0.0
            for gene in 0..<d {
                squares += attribution.parts[target * d + gene] * attribution.parts[target * d + gene]
                errors += attribution.errors[target * d + gene] * attribution.errors[target * d + gene]
            }
            return PerturbationExplanation.Target(
                gene: genes[target], probability: prediction.targetProbability[target],
                location: prediction.interventionLocation[target], attributed: (squares / Double(d)).squareRoot(),
                attributedError: (errors / Double(d)).squareRoot())
        }
        let order = (0..<d).sorted { (abs(prediction.shift[$0]), $1) > (abs(prediction.shift[$1]), $0) }
        let shifts = order.prefix(topGenes ?? d).map { gene in
            let direct = weight * attribution.parts[gene * d + gene]
            let others = (0..<d).filter { $0 != gene }
            let mediated = weight * others.reduce(0) { $0 + attribution.parts[$1 * d + gene] }
            let squares = others.reduce(0) {
                $0 + attribution.errors[$1 * d + gene] * attribution.errors[$1 * d + gene]
            }
            let ranked = others.filter { attribution.parts[$0 * d + gene] != 0 }
                .sorted { (abs(attribution.parts[$0 * d + gene]), $1) > (abs(attribution.parts[$1 * d + gene]), $0) }
            return PerturbationExplanation.GeneShift(
                gene: genes[gene], shift: prediction.shift[gene], lower: prediction.lower[gene],
                upper: prediction.upper[gene], direct: direct,
                directError: weight * attribution.errors[gene * d + gene], mediated: mediated,
                mediatedError: weight * squares.squareRoot(), residual: prediction.residual[gene],
                unexplained: prediction.shift[gene] - direct - mediated - prediction.residual[gene],
                from: ranked.prefix(topContributions).map {
                    .init(
                        target: genes[$0], value: weight * attribution.parts[$0 * d + gene],
                        error: weight * attribution.errors[$0 * d + gene],
                        paths: paths.strongest(from: $0, to: gene, atMost: topPaths))
                })
        }
        return PerturbationExplanation(
            perturbation: query.perturbation, dose: query.dose, isMeasured: prediction.isMeasured,
            causalShare: Self.causalShare(prediction), isOutOfSupport: prediction.isOutOfSupport,
            halfEffectiveDose: prediction.halfEffectiveDose,
            hillSlope: prediction.hillSlope,
            targets: targets.sorted {
                ($0.attributed, $0.probability, $1.gene) > ($1.attributed, $1.probability, $0.gene)
            },
            genes: Array(shifts),
            nearest: model.nearestMeasured(query).prefix(5).map {
                .init(perturbation: $0.perturbation, distance: $0.distance)
            },
            distanceName: prediction.distanceName, method: attribution.method)
    }

    /// How much of the sizes of shifts the causal model makes.
    private static func causalShare(_ prediction: PredictedPerturbation) -> Double {
        let told = prediction.residual.reduce(0) { $0 + abs($1) }
        let made = zip(prediction.shift, prediction.residual).reduce(0) { $0 + abs($1.0 - $1.1) }
        // Nothing moves: the weight alone says who tells so.
        return made + told > 0 ? made / (made + told) : prediction.causalWeight
    }

    /// - Parameter minimumProbability: edges below it are left out.
    public func explain(gene name: String, minimumProbability: Double = 0.1) throws -> GeneExplanation {
        guard let gene = model.genes.firstIndex(of: name) else {
            throw InterventionError(
                code: "UNKNOWN_GENE", element: name,
                message: "one of the model's \(model.genes.count) genes expected, found \(name)",
                remedy: "ask for a gene of the model")
        }
        func regulators(_ edges: [(source: Int, target: Int)], _ other: (Int, Int) -> Int)
            -> [GeneExplanation.Regulator]
        {
            edges.map { edge in
                GeneExplanation.Regulator(
                    gene: model.genes[other(edge.source, edge.target)],
                    probability: Double(beliefs[edge.source, edge.target]),
                    effect: model.effect(of: edge.source, on: edge.target),
                    agreement: paths.share(Edge(edge.source, edge.target)))
            }
            .filter { $0.probability >= minimumProbability }
            .sorted { ($0.probability, abs($0.effect), $1.gene) > ($1.probability, abs($1.effect), $0.gene) }
        }
        let others = model.genes.indices.filter { $0 != gene }
        var strongest: [String: GeneExplanation.Perturber] = [:]
        for (index, context) in model.contexts.enumerated() {
            guard let target = targets[index][name] else { continue }
            let found = GeneExplanation.Perturber(
                perturbation: context.perturbation, dose: context.dose, probability: target.probability,
                location: target.location, posterior: target.posterior)
            if abs(found.location) > abs(strongest[context.perturbation]?.location ?? 0)
                || strongest[context.perturbation] == nil
            {
                strongest[context.perturbation] = found
            }
        }
        return GeneExplanation(
            gene: name, regulators: regulators(others.map { ($0, gene) }) { source, _ in source },
            regulated: regulators(others.map { (gene, $0) }) { _, target in target },
            perturbations: strongest.values.filter { $0.probability >= minimumProbability }
                .sorted {
                    ($0.probability, abs($0.location), $1.perturbation)
                        > ($1.probability, abs($1.location), $0.perturbation)
                })
    }
}
