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

    /// Beginnings that end further apart than this have not found the same.
    static let agreement = 10.0

    mutating func doubt(_ reason: String) { if !doubts.contains(reason) { doubts.append(reason) } }

    /// Moves of one beginning.
    struct Climb: Sendable {
        /// After each round.
        var scores: [Double] = []
        /// Whether the last round found nothing to move.
        var isFinished = false
    }

    /// Of all beginnings.
    init(_ climbs: [Climb] = []) {
        scores = climbs.map(\.scores)
        let ends = climbs.compactMap(\.scores.last)
        guard let best = ends.max() else { return }
        let others = ends.filter { best - $0 > Self.agreement }
        if !others.isEmpty, let worst = others.min() {
            doubt(
                "the orders from which the search began did not lead to the same end: the worst scores "
                    + "\(Int((best - worst).rounded())) nats below the best")
        }
    }

    mutating func add(_ climb: Climb, unfinished reason: String) {
        scores.append(climb.scores)
        if !climb.isFinished { doubt(reason) }
    }
}
