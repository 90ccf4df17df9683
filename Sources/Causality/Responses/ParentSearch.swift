import Concurrency
import Foundation
import Graphs

/// Regulators of each gene where mechanisms are nonlinear: greedy steps on the exact marginal likelihood of regressions
/// on random units, then edges turned round where both genes, their regulators chosen anew, are better off.
struct ParentSearch: Sendable {
    private(set) var problem: UnitProblem
    private(set) var parents: [[Int]]
    /// Genes that may regulate each gene.
    private let candidates: [Set<Int>]
    private var known: [Choice: Double] = [:]
    let workers: Int

    private struct Choice: Hashable {
        let gene: Int
        /// Rising.
        let parents: [Int]
    }

    /// - Parameter candidates: Of each gene.
    init(_ problem: UnitProblem, parents: [[Int]], candidates: [[Int]], workers: Int) {
        self.problem = problem
        self.parents = parents.map { $0.sorted() }
        self.candidates = candidates.map(Set.init)
        self.workers = workers
    }

    private var geneCount: Int { parents.count }
    var graph: DirectedGraph { Self.graph(parents) }

    /// The same regulators with other strengths of the treatments.
    mutating func replace(_ problem: UnitProblem) {
        self.problem = problem
        known = [:]
    }

    /// Chooses each gene's regulators among those before it.
    mutating func choose(along order: [Int]) {
        var before: Set<Int> = []
        for gene in order {
            parents[gene] = chosen(gene, among: before, from: parents[gene]).parents
            before.insert(gene)
        }
    }

    /// Turns edges round until none is better off, at most so many rounds.
    mutating func reverse(rounds: Int) -> SearchTrace.Climb {
        var climb = SearchTrace.Climb()
        for _ in 0..<rounds where !climb.isFinished {
            var hasMoved = false
            for edge in graph.edges where parents[edge.target].contains(edge.source) {
                hasMoved = reverse(edge) || hasMoved
            }
            climb.scores.append(scores(parents.indices.map { ($0, parents[$0]) }).reduce(0, +))
            climb.isFinished = !hasMoved
        }
        return climb
    }

    private mutating func reverse(_ edge: Edge) -> Bool {
        let (i, j) = (edge.source, edge.target)
        var changed = parents
        changed[j].removeAll { $0 == i }
        var graph = Self.graph(changed)
        guard !graph.descendants(of: i).contains(j) else { return false }
        let closed = Set(graph.descendants(of: j) + graph.descendants(of: i) + [i, j])
        let target = chosen(j, among: Set(0..<geneCount).subtracting(closed), from: changed[j])
        changed[j] = target.parents
        graph = Self.graph(changed)
        let source = chosen(
            i, among: Set(0..<geneCount).subtracting(graph.descendants(of: i) + [i]),
            from: parents[i] + [j], forced: j)
        let before = scores([(i, parents[i]), (j, parents[j])])
        guard source.score + target.score > before[0] + before[1] + SparseRegression.least else { return false }
        parents[i] = source.parents
        parents[j] = target.parents
        return true
    }

    /// Greedy steps from some regulators, each the best of dropping one and of adding one.
    private mutating func chosen(
        _ gene: Int, among allowed: Set<Int>, from start: [Int], forced: Int? = nil
    ) -> (parents: [Int], score: Double) {
        var current = start.filter { allowed.contains($0) }.sorted()
        var best = scores([(gene, current)])[0]
        // A gene that an edge is turned towards may take up its former target, candidate or not.
        let open = allowed.intersection(candidates[gene]).union(forced.map { allowed.contains($0) ? [$0] : [] } ?? [])
            .union(current)
        while true {
            let moves =
                current.map { dropped in current.filter { $0 != dropped } }
                + open.subtracting(current).sorted().map { (current + [$0]).sorted() }
            let scores = scores(moves.map { (gene, $0) })
            guard let place = scores.indices.max(by: { scores[$0] < scores[$1] }),
                scores[place] > best + SparseRegression.least
            else { return (current, best) }
            (current, best) = (moves[place], scores[place])
        }
    }

    /// The score of each choice of regulators.
    mutating func scores(_ choices: [(gene: Int, parents: [Int])]) -> [Double] {
        let choices = choices.map { Choice(gene: $0.gene, parents: $0.parents) }
        let new = choices.filter { known[$0] == nil }
        let problem = problem
        let scores = concurrentMap(new.count, workers: workers) { place in
            Self.regression(new[place].gene, new[place].parents, problem).score
        }
        for (choice, score) in zip(new, scores) { known[choice] = score }
        return choices.map { known[$0]! }
    }

    /// A gene's regression on these regulators and the perturbations that then act on it, with the score of both.
    static func regression(
        _ gene: Int, _ parents: [Int], _ problem: UnitProblem
    ) -> (regression: SparseRegression, sums: UnitSums, score: Double) {
        let sums = UnitSums(gene: gene, parents: parents, problem)
        let prior = problem.prior?.sums(
            sums, gene: gene, parents: parents, units: problem.units, columns: Array(0..<sums.plain))
        var regression = prior.map { SparseRegression(gene: gene, $0) } ?? SparseRegression(gene: gene, sums)
        regression.improve(sums)
        let odds = parents.reduce(0.0) { $0 + problem.priors.edges[$1, gene] }
        return (regression, sums, regression.score + (prior?.logNormaliser ?? 0) + odds)
    }

    private static func graph(_ parents: [[Int]]) -> DirectedGraph {
        DirectedGraph(
            nodeCount: parents.count,
            edges: parents.indices.flatMap { target in parents[target].map { Edge($0, target) } })
    }
}

extension ParentSearch {
    /// genes × genes: what the score says for each edge, given all others: its loss without the edge or its gain with
    /// it; −∞ where the edge would close a cycle, NaN where it was no candidate.
    mutating func evidence() -> [[Double]] {
        let d = geneCount
        let graph = graph
        var evidence = Array(repeating: [Double](repeating: .nan, count: d), count: d)
        for gene in 0..<d {
            let current = parents[gene]
            let descendants = Set(graph.descendants(of: gene) + [gene])
            for other in descendants { evidence[other][gene] = -.infinity }
            let others = candidates[gene].union(current).subtracting(descendants).sorted()
            let changed = others.map { other in
                current.contains(other) ? current.filter { $0 != other } : (current + [other]).sorted()
            }
            let scores = scores([(gene, current)] + changed.map { (gene, $0) })
            for (place, other) in others.enumerated() {
                let difference = scores[place + 1] - scores[0]
                evidence[other][gene] = current.contains(other) ? -difference : difference
            }
        }
        return evidence
    }

    /// Adds and drops single edges with their odds, as long as no cycle is closed.
    mutating func flip(_ evidence: [[Double]], uniform: () -> Double) {
        for gene in 0..<geneCount {
            // Beyond these odds an edge stays as it is.
            for other in 0..<geneCount where abs(evidence[other][gene]) < 12 {
                let isEdge = parents[gene].contains(other)
                if !isEdge, graph.descendants(of: gene).contains(other) { continue }
                let changed = isEdge ? parents[gene].filter { $0 != other } : (parents[gene] + [other]).sorted()
                let scores = scores([(gene, parents[gene]), (gene, changed)])
                let odds = uniform()
                if odds / (1 - odds) < exp(scores[1] - scores[0]) { parents[gene] = changed }
            }
        }
    }
}
