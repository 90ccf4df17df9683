import Matrices
import Probability

/// The best graph and draws around it, with the evidence that they give together.
struct ResponseEnsemble: Sendable {
    /// The best, then the draws.
    private(set) var members: [ResponsePosterior.Member] = []
    private(set) var edges: EvidenceAverage
    private(set) var targets: EvidenceAverage
    let score: Double
    /// ρ of `ContextNoise`.
    let contextNoise: Double
    let trace: SearchTrace

    /// Linear or additive mechanisms: orders drawn place by place, regulators and targets flip by flip, coefficients
    /// exactly.
    init(linear fit: StructureFit, prior: PriorMechanisms? = nil, draws: Int, stream: RandomStream) {
        let design = fit.summary.design
        let (d, system) = (design.genes.count, fit.system)
        let (all, kept) = (fit.summary, fit.search.regressions)
        edges = EvidenceAverage(count: d * d)
        targets = EvidenceAverage(count: design.perturbations.count * d)
        score = fit.score
        contextNoise = all.contextNoise
        trace = fit.trace
        let strengths = fit.strengths
        let usual = Self.usualCovariates(all)
        func member(_ regressions: [RegressionSummary], _ stream: RandomStream?) -> ResponsePosterior.Member {
            ResponsePosterior.Member(
                mechanisms: CausalMechanisms(
                    regressions.map { CausalMechanisms.Mechanism($0, system, basis: all.basis) },
                    variances: regressions.map(\.variance), usualCovariates: usual),
                responses: PerturbationResponse.all(
                    regressions, summary: all, strengths: strengths, priors: fit.priors,
                    curvesPerGene: fit.curvesPerGene),
                replacements: Self.replacements(all, stream))
        }
        // The search weighs every set of regulators at once, where a prior for each would cost too much: it holds on the
        // graphs that the search ends in.
        func summary(_ regression: SparseRegression, _ stream: inout RandomStream?) -> RegressionSummary {
            let parents = Set(regression.active.compactMap { system.gene(ofColumn: $0) }).sorted()
            let first = system.columns - system.perturbations
            let sums = prior?.sums(
                system, gene: regression.gene, parents: parents,
                columns: [0] + parents.map { 1 + $0 } + Array(first - system.covariates..<first))
            let own = sums.map { SparseRegression(regression, $0) } ?? regression
            guard var drawing = stream else { return RegressionSummary(own, firstPerturbation: first, system) }
            defer { stream = drawing }
            return RegressionSummary(own, firstPerturbation: first, system, stream: &drawing)
        }
        add(StructureEvidence(kept, system, workers: fit.workers))
        var none: RandomStream?
        members.append(member(kept.map { summary($0, &none) }, nil))
        var search = fit.search
        for place in 0..<draws {
            var own = stream.stream("draws").stream(place)
            search.draw(rounds: 1, &own)
            add(StructureEvidence(search.regressions, system, workers: fit.workers))
            let flipped = search.flipped(sweeps: 2, &own)
            var draw: RandomStream? = own
            members.append(member(flipped.map { summary($0, &draw) }, draw!))
        }
    }

    /// Nonlinear mechanisms on random units, starting from an additive fit.
    init(nonlinear fit: StructureFit, prior: PriorMechanisms? = nil, options: ResponseOptions, stream: RandomStream) {
        let design = fit.summary.design
        let (d, k) = (design.genes.count, design.perturbations.count)
        edges = EvidenceAverage(count: d * d)
        targets = EvidenceAverage(count: k * d)
        var nonlinear = NonlinearFit(fit, prior: prior, options: options, stream: stream)
        let additive = StructureEvidence(fit.search.regressions, fit.system, workers: fit.workers)
        let usual = Self.usualCovariates(fit.summary)
        func member(
            _ regressions: [NonlinearFit.Regression], _ draw: RandomStream?
        ) -> ResponsePosterior.Member {
            var draw = draw
            let summaries = regressions.map { $0.summary(&draw) }
            return ResponsePosterior.Member(
                mechanisms: CausalMechanisms(
                    zip(summaries, regressions).map {
                        CausalMechanisms.Mechanism($0, parents: $1.sums.parents, nonlinear.problem)
                    }, variances: summaries.map(\.variance), usualCovariates: usual),
                responses: nonlinear.responses(summaries, regressions),
                replacements: Self.replacements(fit.summary, draw))
        }
        let best = nonlinear.regressions()
        score = best.reduce(0) { $0 + $1.score }
        contextNoise = nonlinear.summary.contextNoise
        trace = nonlinear.trace
        members.append(member(best, nil))
        targets.add((0..<k * d).map { best[$0 % d].targetEvidence($0 / d) })
        let evidence = nonlinear.search.evidence()
        edges.add(
            (0..<d * d).map { place in
                let own = evidence[place / d][place % d]
                // Genes that were no candidates had little to say in the additive model already.
                return own.isNaN ? min(additive.edges[place], -3) : own
            })
        for place in 0..<options.draws {
            var own = stream.stream("draws").stream(place)
            var search = nonlinear.search
            search.flip(evidence) { own.uniform() }
            let drawn = nonlinear.regressions(search.parents, known: best)
            targets.add((0..<k * d).map { drawn[$0 % d].targetEvidence($0 / d) })
            members.append(member(drawn.map { $0.flipped(&own) }, own.stream("coefficients")))
        }
    }

    private mutating func add(_ evidence: StructureEvidence) {
        edges.add(evidence.edges)
        targets.add(evidence.targets)
    }

    /// Means over the control cells.
    private static func usualCovariates(_ summary: ScreenSummary) -> [Float] {
        let count = summary.design.covariates.count
        let controls = summary.design.contexts.indices.filter { summary.design.contexts[$0].isEmpty }
        let n = controls.reduce(0) { $0 + summary.counts[$1] }
        let width = summary.gram.columns
        return (0..<count).map { covariate in
            let sum = controls.reduce(0.0) { $0 + summary.sums[$1 * width + width - count + covariate] }
            return Float(sum / Double(max(1, n)))
        }
    }

    /// What genes are set to where their mechanism is replaced: means of their cells, and one deviation a gene.
    private static func replacements(
        _ summary: ScreenSummary, _ stream: RandomStream?
    ) -> [[CausalMechanisms.Replacement]] {
        var own = stream?.stream("replacements")
        var result = Array(repeating: [CausalMechanisms.Replacement](), count: summary.design.perturbations.count)
        for (gene, places) in summary.design.replacedGenes.sorted(by: { $0.key < $1.key }) {
            let groups = Dictionary(grouping: places, by: \.perturbation).mapValues { places in
                let contexts = places.map(\.context)
                let n = Double(contexts.reduce(0) { $0 + summary.counts[$1] })
                let sum = contexts.reduce(0.0) { $0 + summary.sums[$1 * summary.gram.columns + 1 + gene] }
                return (n: n, mean: sum / max(1, n))
            }
            let cells = groups.values.reduce(0) { $0 + $1.n }
            let explained = groups.sorted { $0.key < $1.key }.reduce(0.0) {
                $0 + $1.value.n * $1.value.mean * $1.value.mean
            }
            let rest = max(0, summary.replaced[gene]![1 + gene, 1 + gene] - explained)
            // The prior of noise variances: inverse gamma of shape 2 and scale ½.
            let variance = (rest + 1) / (cells + 2)
            for (perturbation, group) in groups.sorted(by: { $0.key < $1.key }) where group.n > 0 {
                let error = own?.normal(mean: 0, standardDeviation: (variance / group.n).squareRoot()) ?? 0
                result[perturbation].append(
                    CausalMechanisms.Replacement(
                        gene: gene, mean: Float(group.mean + error), deviation: Float(variance.squareRoot())))
            }
        }
        return result
    }
}
