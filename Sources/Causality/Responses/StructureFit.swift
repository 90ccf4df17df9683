import Concurrency
import Foundation
import Matrices
import Probability

/// Graph, targets and dose curves found together: curves give the perturbations' columns, the order search gives the
/// regressions, whose remainders give better curves.
struct StructureFit: Sendable {
    let summary: ScreenSummary
    /// As given, but for the odds of targets, which the screen may have shown to be rarer.
    private(set) var priors: ResponsePriors
    /// Probability of a target where it was not given; nil where all are.
    private(set) var targetRate: Double?
    /// Columns a gene: 1, or all of the basis.
    let curvesPerGene: Int
    let curves: DoseCurves
    /// The grid point of each perturbation; nil where it has no dose.
    private(set) var points: [Int?]
    private(set) var system: ResponseSystem
    private(set) var search: OrderSearch
    private(set) var trace: SearchTrace
    private let reach: Int?
    let workers: Int

    static let rounds = 3
    /// How often the best order is shuffled near by and climbed from again, in panels small enough for that to be cheap
    /// (Lourenço et al. 2003, "Iterated local search").
    private static let kicks = 6
    private static let mostKicked = 60
    /// Rounds of moves, at most.
    static let moves = 20
    private static let unfinished =
        "the search for the order of the genes was stopped after \(moves) rounds while it still found better ones: begin it "
        + "from more orders (fit.responses.restarts)"

    /// - Parameters:
    ///   - restarts: Orders to begin with, each on its own; the best goes on.
    ///   - reach: Places that a gene passes at once, at most; nil leaves it to the size of the panel.
    init(
        _ summary: ScreenSummary, priors: ResponsePriors, curvesPerGene: Int, restarts: Int, reach: Int? = nil,
        workers: Int, stream: RandomStream
    ) {
        let design = summary.design
        let curves = DoseCurves(design)
        let points = Self.firstPoints(summary, curves, priors, workers: workers)
        let system = ResponseSystem(
            summary, curves: curvesPerGene, strengths: Self.strengths(design, curves, points), priors: priors)
        let first = OrderSearch.firstOrder(system, workers: workers)
        let d = design.genes.count
        let runs = concurrentMap(restarts, workers: workers) {
            restart -> (search: OrderSearch, climb: SearchTrace.Climb) in
            var own = stream.stream("order").stream(restart)
            // Random orders make regressions long: too slow for large panels, which begin near the first order.
            let order = restart == 0 ? first : d <= 60 ? own.permutation(d) : Self.shuffled(first, by: d / 10, &own)
            var search = OrderSearch(system, order: order, reach: reach, workers: max(1, workers / restarts))
            let climb = search.climb(rounds: Self.moves, &own)
            return (search, climb)
        }
        self.summary = summary
        self.priors = priors
        targetRate = TargetRate.mean(priors.targets.values)
        self.curvesPerGene = curvesPerGene
        self.curves = curves
        self.points = points
        self.system = system
        self.reach = reach
        self.workers = workers
        let best = runs.dropFirst().reduce(runs[0]) { $1.search.score > $0.search.score ? $1 : $0 }
        search = best.search
        search.workers = workers
        trace = SearchTrace(runs.map(\.climb), findings: runs.map { Self.findings($0.search.regressions, system) })
        if !best.climb.isFinished { trace.doubt(Self.unfinished) }
        for kick in 0..<(d <= Self.mostKicked ? Self.kicks : 0) {
            var own = stream.stream("kick").stream(kick)
            leave(for: Self.shuffled(search.order, by: max(1, d / 8), &own), &own)
        }
        for round in 0..<Self.rounds {
            var own = stream.stream("refinement").stream(round)
            let hasLearnt = learnTargetRate(given: priors)
            let hasMoved = refitCurves()
            guard hasLearnt || hasMoved else { break }
            trace.add(search.climb(rounds: Self.moves, &own), unfinished: Self.unfinished)
        }
    }

    var score: Double { search.score }

    /// The score with what the prior gives to all that is no target, which scores leave out as a constant: it is none
    /// between fits that have learnt different rates of targets.
    var scoreAmongRates: Double { score + TargetRate.logProbabilityOfNone(priors.targets.values) }
    var strengths: [[ResponseSystem.Strength]] { Self.strengths(summary.design, curves, points) }

    /// Each gene's regression in numbers, from the best order.
    var summaries: [RegressionSummary] { search.regressions.map { RegressionSummary($0, system) } }

    /// Tries another order to begin from, and stays with it where it leads further.
    mutating func reconsider(_ order: [Int], stream: RandomStream) {
        var own = stream.stream("reconsidered")
        leave(for: order, &own)
    }

    private mutating func leave(for order: [Int], _ stream: inout RandomStream) {
        var other = OrderSearch(system, order: order, reach: reach, workers: workers)
        let climb = other.climb(rounds: Self.moves, &stream)
        guard other.score > search.score + SparseRegression.least else { return }
        search = other
        trace.add(climb, unfinished: Self.unfinished)
    }

    /// What curves add to the score along the order that was found without; no less than this would a search gain.
    func gain(ofCurves count: Int) -> Double {
        let system = ResponseSystem(summary, curves: count, strengths: strengths, priors: priors)
        return OrderSearch(system, order: search.order, workers: workers).score - search.score
    }

    /// ρ of `ContextNoise`, by these regressions.
    var contextNoise: Double {
        ContextNoise.estimated(
            summaries, means: summary.geneMeans,
            fitted: summary.fittedMeans(summaries, curvesPerGene: curvesPerGene), counts: summary.counts,
            design: summary.design)
    }

    /// Odds of targets from how many there seem to be and from how far means stray by chance; says whether they changed.
    private mutating func learnTargetRate(given: ResponsePriors) -> Bool {
        guard priors.learnsTargetRate else { return false }
        let (system, regressions) = (system, search.regressions)
        let byGene = concurrentMap(regressions.count, workers: workers) { gene in
            StructureEvidence.targets(of: regressions[gene], system)
        }
        var evidence = given.targets
        for place in evidence.values.indices {
            evidence.values[place] = byGene[place % evidence.columns][place / evidence.columns]
        }
        let learnt = TargetRate.learnt(
            .init(given: given.targets, present: priors.targets, evidence: evidence, discounts: discounts))
        guard let learnt else { return false }
        priors.targets = learnt.logOdds
        targetRate = learnt.rate
        self.system = ResponseSystem(summary, curves: curvesPerGene, strengths: strengths, priors: priors)
        search = OrderSearch(search, self.system, workers: workers)
        return true
    }

    /// perturbations × genes: what lopsided values take from the evidence of the means that regressions leave over.
    private var discounts: Matrix<Double> {
        let design = summary.design
        let d = design.genes.count
        let fitted = summary.fittedMeans(summaries, curvesPerGene: curvesPerGene)
        let means = summary.geneMeans
        var result = Matrix<Double>(rows: design.perturbations.count, columns: d)
        for (context, treatments) in design.contexts.enumerated() {
            let count = Double(summary.counts[context]) * summary.share(of: context)
            for gene in 0..<d where !treatments.isEmpty && count > 0 {
                let discount = summary.skewness[gene].discount(
                    shift: means[context][gene] - fitted[context][gene], cells: count)
                for treatment in treatments { result[treatment.perturbation, gene] += discount }
            }
        }
        return result
    }

    /// Curves from what the regressions leave over; says whether any moved.
    private mutating func refitCurves() -> Bool {
        let responses = PerturbationResponse.all(
            summaries, summary: summary, strengths: strengths, priors: priors,
            curvesPerGene: curvesPerGene)
        let points = points
        let curves = curves
        let moved = concurrentMap(responses.count, workers: workers) { k -> Int? in
            guard points[k] != nil, !responses[k].targets.isEmpty else { return points[k] }
            let logs = responses[k].logPosterior(curves)
            return logs.indices.max { logs[$0] < logs[$1] }
        }
        guard moved != points else { return false }
        self.points = moved
        system = ResponseSystem(
            summary, curves: curvesPerGene, strengths: Self.strengths(summary.design, curves, moved), priors: priors)
        search = OrderSearch(search, system, workers: workers)
        return true
    }

    static func strengths(
        _ design: ScreenDesign, _ curves: DoseCurves, _ points: [Int?]
    ) -> [[ResponseSystem.Strength]] {
        design.contexts.map { treatments in
            treatments.map { treatment in
                let share = treatment.dose.map { dose in
                    points[treatment.perturbation].map { curves.share(dose: dose, point: $0) } ?? 1
                }
                return ResponseSystem.Strength(perturbation: treatment.perturbation, value: share ?? 1)
            }
        }
    }

    private static func findings(_ regressions: [SparseRegression], _ system: ResponseSystem) -> SearchTrace.Findings {
        var found = SearchTrace.Findings()
        for regression in regressions {
            for column in regression.active {
                if let source = system.gene(ofColumn: column) { found.edges.insert([source, regression.gene]) }
                if let k = system.perturbation(ofColumn: column) { found.targets.insert([regression.gene, k]) }
            }
        }
        return found
    }

    /// Curves from the means of the genes that change most, before targets are known.
    private static func firstPoints(
        _ summary: ScreenSummary, _ curves: DoseCurves, _ priors: ResponsePriors, workers: Int
    ) -> [Int?] {
        let design = summary.design
        let d = design.genes.count
        let means = design.contexts.indices.map { Array(summary.means(of: $0)[1..<1 + d]) }
        return concurrentMap(design.perturbations.count, workers: workers) { k in
            let own = design.contexts(of: k).filter { summary.counts[$0.context] > 0 }
            let doses = own.compactMap(\.dose)
            guard doses.count == own.count, !own.isEmpty else {
                return design.contexts(of: k).first?.dose.map { _ in curves.priorPoint }
            }
            guard Set(doses).count > 1 else { return curves.priorPoint }
            let counts = own.map { Double(summary.counts[$0.context]) }
            let power = (0..<d).map { gene in
                zip(own, counts).reduce(0.0) { $0 + $1.1 * means[$1.0.context][gene] * means[$1.0.context][gene] }
            }
            let genes = (0..<d).sorted { (power[$1], $0) < (power[$0], $1) }.prefix(50)
            let logs = curves.logPosterior(
                doses: doses, counts: counts, means: own.map { context in genes.map { means[context.context][$0] } },
                variances: genes.map { _ in 1 }, slab: priors.slabs.effect)
            return logs.indices.max { logs[$0] < logs[$1] }
        }
    }

    private static func shuffled(_ order: [Int], by reach: Int, _ stream: inout RandomStream) -> [Int] {
        let keys = order.indices.map { Double($0) + Double(reach) * stream.normal() }
        return order.indices.sorted { keys[$0] < keys[$1] }.map { order[$0] }
    }
}
