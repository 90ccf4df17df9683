import Concurrency
import Foundation
import Probability

/// An order of the genes, causes first, and each gene's regression on those before it and on the perturbations.
///
/// Genes are taken out one after the other and put where the sum of all scores is best, by passing one neighbour at a
/// time: of two neighbours one loses the other as a possible regulator and is lost to it. A regression is chosen anew
/// only where that touches what it holds or would take up, so a pass over a panel costs little more than its edges.
struct OrderSearch: Sendable {
    private(set) var order: [Int]
    private(set) var regressions: [SparseRegression]
    private let system: ResponseSystem
    /// Places that a gene passes at once, at most.
    private let reach: Int
    var workers: Int
    /// genes × genes: what gene x gains when it may take up g, or loses when it may not; NaN where not known.
    private var known: [Double]

    /// - Parameters:
    ///   - order: Causes first.
    ///   - reach: Places that a gene passes at once, at most; nil leaves it to the size of the panel.
    init(_ system: ResponseSystem, order: [Int], reach: Int? = nil, workers: Int) {
        let d = system.genes
        self.reach = reach ?? Self.usualReach(genes: d)
        let places = Self.places(order)
        self.order = order
        self.system = system
        self.workers = workers
        regressions = concurrentMap(d, workers: workers) { gene in
            var regression = SparseRegression(gene: gene, system)
            for other in 0..<d where places[other] >= places[gene] {
                _ = regression.permit(system.columns(ofGene: other), false, system)
            }
            regression.improve(system)
            return regression
        }
        known = Array(repeating: .nan, count: d * d)
    }

    /// The same order and choices under other sums, improved.
    init(_ other: OrderSearch, _ system: ResponseSystem, workers: Int) {
        order = other.order
        reach = other.reach
        self.system = system
        self.workers = workers
        let regressions = other.regressions
        self.regressions = concurrentMap(regressions.count, workers: workers) { gene in
            var regression = SparseRegression(regressions[gene], system)
            regression.improve(system)
            return regression
        }
        known = Array(repeating: .nan, count: regressions.count * regressions.count)
    }

    /// In very large panels a gene goes on in the next round, so that a round costs in proportion to the genes and not to
    /// their square. In smaller ones that would save no time and cost a better order (`Pipelines/Benchmark/screen_reach`).
    static func usualReach(genes: Int) -> Int { genes > 500 ? 100 : genes }
    /// A round that gains no more is the last: in large panels 0.01 nats a gene.
    private var least: Double { order.count > 200 ? 0.01 * Double(order.count) : SparseRegression.least }

    var score: Double { regressions.reduce(0) { $0 + $1.score } }

    /// Moves genes until a whole round gains nothing, at most so many rounds.
    @discardableResult
    mutating func climb(rounds: Int, _ stream: inout RandomStream) -> SearchTrace.Climb {
        var climb = SearchTrace.Climb()
        for _ in 0..<rounds where !climb.isFinished {
            let before = score
            for gene in stream.permutation(order.count) {
                let moves = gains(ofMoving: gene)
                let best = moves.indices.max { moves[$0] < moves[$1] }!
                if moves[best] > SparseRegression.least { move(gene, to: best) }
            }
            climb.scores.append(score)
            climb.isFinished = score - before < least
        }
        return climb
    }

    /// Puts every gene at a place drawn with probability in proportion to exp(score).
    mutating func draw(rounds: Int, _ stream: inout RandomStream) {
        for _ in 0..<rounds {
            for gene in stream.permutation(order.count) {
                let weights = DoseCurves.normalised(gains(ofMoving: gene))
                let place = stream.index(weights: weights)
                if order[place] != gene { move(gene, to: place) }
            }
        }
    }

    /// Each gene's regulators drawn among those before it.
    func flipped(sweeps: Int, _ stream: inout RandomStream) -> [SparseRegression] {
        regressions.map { regression in
            var drawn = regression
            drawn.flip(sweeps: sweeps, system) { max(stream.uniform(), 1e-300) }
            return drawn
        }
    }

    /// What the score gains by moving a gene to each place; −∞ where that was seen to be worse than the best, and beyond
    /// its reach.
    mutating func gains(ofMoving gene: Int) -> [Double] {
        let start = order.firstIndex(of: gene)!
        var gains = [Double](repeating: -.infinity, count: order.count)
        gains[start] = 0
        let base = regressions[gene].score
        // Places far below the best of them are not drawn either.
        let far = 40.0

        var best = 0.0
        var own = regressions[gene]
        // To the left: those passed may take the gene up, the gene loses them.
        let (first, end) = (max(0, start - reach), min(order.count, start + reach + 1))
        learnChanges(by: gene, in: Array(order[first..<start]), true)
        let before = order[first..<start].map { known[$0 * order.count + gene] }
        var others = 0.0
        var ahead = before.reduce(0, +)
        for place in stride(from: start - 1, through: first, by: -1) {
            let passed = order[place]
            others += before[place - first]
            ahead -= before[place - first]
            if own.permit(system.columns(ofGene: passed), false, system) { own.improve(system) }
            gains[place] = own.score - base + others
            best = max(best, gains[place])
            if gains[place] + ahead < best - far { break }
        }
        // To the right: the gene may take up those passed, they lose it.
        own = regressions[gene]
        others = 0
        var most = own
        if most.permit(order[(start + 1)..<end].flatMap { system.columns(ofGene: $0) }, true, system) {
            most.improve(system)
        }
        for place in start + 1..<end {
            let passed = order[place]
            learnChanges(by: gene, in: [passed], false)
            others += known[passed * order.count + gene]
            if own.permit(system.columns(ofGene: passed), true, system) { own.improve(system) }
            gains[place] = own.score - base + others
            best = max(best, gains[place])
            if max(most.score, own.score) - base + others < best - far { break }
        }
        return gains
    }

    mutating func move(_ gene: Int, to place: Int) {
        let start = order.firstIndex(of: gene)!
        let passed = place < start ? order[place..<start].reversed() : Array(order[(start + 1)...place])
        let isLeft = place < start
        for other in passed {
            if regressions[gene].permit(system.columns(ofGene: other), !isLeft, system) {
                regressions[gene].improve(system)
            }
            if regressions[other].permit(system.columns(ofGene: gene), isLeft, system) {
                regressions[other].improve(system)
            }
            // Also where its choice stays: what else it would take up in place of another has changed.
            forget(other)
        }
        forget(gene)
        order.remove(at: start)
        order.insert(gene, at: place)
    }

    private mutating func forget(_ gene: Int) {
        for other in 0..<order.count { known[gene * order.count + other] = .nan }
    }

    /// Finds out what some genes gain when they may take up another, or lose when they may not.
    private mutating func learnChanges(by gene: Int, in others: [Int], _ isPermitted: Bool) {
        let d = order.count
        let columns = system.columns(ofGene: gene)
        let (regressions, system) = (regressions, system)
        let open = regressions.withUnsafeBufferPointer { regressions in
            others.filter { other in
                guard known[other * d + gene].isNaN else { return false }
                return isPermitted
                    ? regressions[other].gainsFrom(columns, system) : regressions[other].hasActive(columns)
            }
        }
        for other in others where known[other * d + gene].isNaN { known[other * d + gene] = 0 }
        // A thread is worth waking for some regressions only.
        let changes = concurrentMap(open.count, workers: min(workers, open.count / 4)) { place -> Double in
            var changed = regressions[open[place]]
            guard changed.permit(columns, isPermitted, system) else { return 0 }
            changed.improve(system)
            return changed.score - regressions[open[place]].score
        }
        for (other, change) in zip(open, changes) { known[other * d + gene] = change }
    }

    private static func places(_ order: [Int]) -> [Int] {
        var places = [Int](repeating: 0, count: order.count)
        for (place, gene) in order.enumerated() { places[gene] = place }
        return places
    }
}

extension OrderSearch {
    /// An order to begin with: every gene is regressed on all others, and those come first that others would miss more
    /// than they would miss others.
    static func firstOrder(_ system: ResponseSystem, workers: Int) -> [Int] {
        let d = system.genes
        let losses = concurrentMap(d, workers: workers) { gene in
            var regression = SparseRegression(gene: gene, system)
            regression.improve(system)
            var losses = [Double](repeating: 0, count: d)
            for (column, gain) in zip(regression.active, regression.dropGains(system)) where gain > -.infinity {
                if let source = system.gene(ofColumn: column) { losses[source] = max(losses[source], -gain) }
            }
            return losses
        }
        var net = (0..<d).map { i in (0..<d).reduce(0.0) { $0 + losses[$1][i] - losses[i][$1] } }
        var left = Set(0..<d)
        var order: [Int] = []
        while let first = left.min(by: { (-net[$0], $0) < (-net[$1], $1) }) {
            left.remove(first)
            order.append(first)
            // What it gives and takes no longer counts.
            for j in left { net[j] += losses[j][first] - losses[first][j] }
        }
        return order
    }
}
