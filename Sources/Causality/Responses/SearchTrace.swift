/// How the search for graph and targets went.
public struct SearchTrace: Codable, Sendable, Equatable {
    /// Of each beginning, then of what followed from the best: log marginal likelihood with prior after each round of moves,
    /// in nats. A round tries every gene at every place of the order, or every edge the other way round.
    ///
    /// What followed stands on curves, noise or mechanisms that were fitted anew: its scores are not to be compared with
    /// those before.
    public internal(set) var scores: [[Double]] = []
    /// Why it can't be said that the search had come to an end.
    public internal(set) var doubts: [String] = []

    /// All rounds together.
    public var rounds: Int { scores.reduce(0) { $0 + $1.count } }

    /// How far what was found depends on the order from which the search began.
    public internal(set) var agreement: Agreement?

    /// Of the best beginning with the others.
    public struct Agreement: Codable, Sendable, Equatable {
        /// Of the edges that the best or another found, the share that both found: the mean over the others. The same of
        /// the pairs of genes that edges join, whatever their direction, and of targets.
        public var edges: Double
        public var joinedPairs: Double
        public var targets: Double
        /// By how many nats the worst ended below the best.
        public var difference: Double
    }

    /// Beginnings that have less than this of their targets or of the pairs of genes that they join in common have not
    /// found the same. Scores alone say nothing of that: a few edges that the cells hardly tell from their reverse are
    /// worth tens of nats of sums over thousands of cells.
    static let agreement = 0.8

    mutating func doubt(_ reason: String) { if !doubts.contains(reason) { doubts.append(reason) } }

    /// Moves of one beginning.
    struct Climb: Sendable {
        /// After each round.
        var scores: [Double] = []
        /// Whether the last round found nothing to move.
        var isFinished = false
    }

    /// What a beginning has found.
    struct Findings: Sendable, Equatable {
        /// Regulator and gene.
        var edges: Set<[Int]> = []
        /// Gene and perturbation.
        var targets: Set<[Int]> = []

        var joinedPairs: Set<[Int]> { Set(edges.map { $0.sorted() }) }
    }

    /// Of all beginnings.
    /// - Parameter findings: Of each.
    init(_ climbs: [Climb] = [], findings: [Findings] = []) {
        scores = climbs.map(\.scores)
        let ends = climbs.compactMap(\.scores.last)
        guard let best = ends.indices.max(by: { ends[$0] < ends[$1] }), findings.count == ends.count, ends.count > 1
        else { return }
        func shared(_ part: (Findings) -> Set<[Int]>) -> Double {
            let others = findings.indices.filter { $0 != best }
            return others.reduce(0.0) { $0 + Self.overlap(part(findings[best]), part(findings[$1])) }
                / Double(others.count)
        }
        let found = Agreement(
            edges: shared(\.edges), joinedPairs: shared(\.joinedPairs), targets: shared(\.targets),
            difference: ends[best] - (ends.min() ?? 0))
        agreement = found
        if min(found.joinedPairs, found.targets) < Self.agreement {
            func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
            doubt(
                "what is found depends on where the search begins: \(ends.count) beginnings share "
                    + "\(percent(found.targets)) of the targets and \(percent(found.joinedPairs)) of the pairs of genes "
                    + "joined by an edge; take single edges as suggestions, or let the search begin more often "
                    + "(fit.responses.restarts)")
        }
    }

    private static func overlap(_ one: Set<[Int]>, _ other: Set<[Int]>) -> Double {
        let all = one.union(other).count
        return all == 0 ? 1 : Double(one.intersection(other).count) / Double(all)
    }

    mutating func add(_ climb: Climb, unfinished reason: String) {
        scores.append(climb.scores)
        if !climb.isFinished { doubt(reason) }
    }
}
