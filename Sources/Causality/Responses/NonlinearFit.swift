import Concurrency
import Graphs
import Probability

/// Regulators, targets and curves where mechanisms are regressions on random units.
struct NonlinearFit: Sendable {
    private(set) var summary: ScreenSummary
    private(set) var trace: SearchTrace
    private let curves: DoseCurves
    private let units: RandomUnits
    private let priors: ResponsePriors
    private let prior: PriorMechanisms?
    private var points: [Int?]
    var search: ParentSearch
    private let workers: Int
    /// contexts × genes: of the cells in memory.
    private let means: [[Double]]
    private let counts: [Int]

    static let rounds = 2
    /// Rounds in which edges are turned, at most.
    static let turns = 5

    /// One gene's regression on its regulators.
    struct Regression: Sendable {
        var regression: SparseRegression
        let sums: UnitSums
        let score: Double

        /// Posterior means, or a draw.
        func summary(_ stream: inout RandomStream?) -> RegressionSummary {
            guard var own = stream else { return RegressionSummary(regression, firstPerturbation: sums.plain, sums) }
            defer { stream = own }
            return RegressionSummary(regression, firstPerturbation: sums.plain, sums, stream: &own)
        }

        /// Log odds of a target, given the others.
        func targetEvidence(_ perturbation: Int) -> Double {
            let column = sums.plain + perturbation
            guard let place = regression.active.firstIndex(of: column) else {
                return regression.openGain(column, sums)
            }
            return -regression.dropGains(sums)[place]
        }

        /// Targets drawn.
        func flipped(_ stream: inout RandomStream) -> Regression {
            var drawn = self
            drawn.regression.flip(sweeps: 2, sums) { max(stream.uniform(), 1e-300) }
            return drawn
        }
    }

    init(_ fit: StructureFit, prior: PriorMechanisms? = nil, options: ResponseOptions, stream: RandomStream) {
        summary = fit.summary
        trace = fit.trace
        curves = fit.curves
        priors = fit.priors
        self.prior = prior
        points = fit.points
        workers = fit.workers
        let d = summary.design.genes.count
        units = RandomUnits(genes: d, count: options.units, stream: stream)
        let cells = summary.cells
        counts = summary.counts.indices.map { cells.starts[$0 + 1] - cells.starts[$0] }
        means = summary.counts.indices.map { context in
            let range = cells.starts[context]..<cells.starts[context + 1]
            return (0..<d).map { gene in
                range.reduce(0.0) { $0 + Double(cells.values[gene * cells.count + $1]) } / Double(max(1, range.count))
            }
        }
        let system = fit.system
        let parents = fit.search.regressions.map { regression in
            Set(regression.active.compactMap { system.gene(ofColumn: $0) }).sorted()
        }
        let candidates = fit.search.regressions.map { regression in
            Self.candidates(regression, system, count: options.candidates)
        }
        search = ParentSearch(
            UnitProblem(summary, units: units, priors: priors, prior: prior, strengths: fit.strengths),
            parents: parents,
            candidates: candidates, workers: workers)
        search.choose(along: fit.search.order)
        refit()
        improve()
        let noise = contextNoise
        if noise > 0 {
            summary.contextNoise = noise
            refit()
            improve()
        }
    }

    private mutating func improve() {
        for _ in 0..<Self.rounds {
            search.choose(along: search.graph.topologicalOrder!)
            trace.add(
                search.reverse(rounds: Self.turns),
                unfinished:
                    "the search for regulators was stopped after \(Self.turns) rounds while edges still changed "
                    + "direction: directions are less sure than they look")
            refit()
        }
    }

    /// ρ of `ContextNoise`, by the present regressions.
    private var contextNoise: Double {
        var none: RandomStream?
        let regressions = regressions()
        let summaries = regressions.map { $0.summary(&none) }
        return ContextNoise.estimated(
            summaries, means: means, fitted: fittedMeans(summaries, regressions), counts: counts,
            design: summary.design)
    }

    var problem: UnitProblem { search.problem }

    /// Of each gene on its regulators.
    func regressions() -> [Regression] { regressions(search.parents, known: []) }

    /// - Parameter known: Regressions that are taken over where regulators are the same.
    func regressions(_ parents: [[Int]], known: [Regression]) -> [Regression] {
        let problem = problem
        return concurrentMap(parents.count, workers: workers) { gene in
            if gene < known.count, known[gene].sums.parents == parents[gene] { return known[gene] }
            let fitted = ParentSearch.regression(gene, parents[gene], problem)
            return Regression(regression: fitted.regression, sums: fitted.sums, score: fitted.score)
        }
    }

    /// What perturbations do, where these regressions hold.
    func responses(_ summaries: [RegressionSummary], _ regressions: [Regression]) -> [PerturbationResponse] {
        PerturbationResponse.all(
            summaries, fitted: fittedMeans(summaries, regressions), means: means, counts: counts,
            noise: summary.contextNoise,
            design: summary.design, strengths: problem.strengths, slab: priors.slabs.effect)
    }

    /// contexts × genes: means of what regressions say without perturbations.
    private func fittedMeans(_ summaries: [RegressionSummary], _ regressions: [Regression]) -> [[Double]] {
        let problem = problem
        let byGene = concurrentMap(summaries.count, workers: workers) { gene in
            problem.fittedMeans(summaries[gene], parents: regressions[gene].sums.parents)
        }
        return counts.indices.map { context in byGene.map { $0[context] } }
    }

    /// Curves from what the regressions leave over, and sums with them.
    private mutating func refit() {
        let regressions = regressions()
        var none: RandomStream?
        let responses = responses(regressions.map { $0.summary(&none) }, regressions)
        let (points, curves) = (points, curves)
        let moved = concurrentMap(responses.count, workers: workers) { k in
            guard points[k] != nil, !responses[k].targets.isEmpty else { return points[k] }
            let logs = responses[k].logPosterior(curves)
            return logs.indices.max { logs[$0] < logs[$1] }
        }
        // What is known of regressions holds as long as nothing of theirs changes.
        guard moved != points || problem.contextNoise != summary.contextNoise else { return }
        self.points = moved
        search.replace(
            UnitProblem(
                summary, units: units, priors: priors, prior: prior,
                strengths: StructureFit.strengths(summary.design, curves, moved))
        )
    }

    /// Genes that hold a place in the additive regression, and those that come next.
    private static func candidates(_ regression: SparseRegression, _ system: ResponseSystem, count: Int) -> [Int] {
        let others = (0..<system.genes).filter { $0 != regression.gene }
        guard others.count >= 2 * count else { return others }
        let gains = others.map { other in
            let columns = system.columns(ofGene: other)
            return regression.hasActive(columns)
                ? .infinity : columns.map { regression.openGain($0, system) }.max() ?? -.infinity
        }
        let ranked = others.indices.sorted { (-gains[$0], $0) < (-gains[$1], $1) }
        return ranked.prefix(max(count, gains.count { $0 == .infinity })).map { others[$0] }
    }
}
