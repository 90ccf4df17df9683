/// How far a predicted graph is from the true one, over all ordered pairs of distinct nodes.
public struct GraphComparison: Sendable, Equatable, Codable {
    public let truePositives: Int
    public let falsePositives: Int
    public let falseNegatives: Int
    /// Unordered pairs on which the graphs differ in any way; a reversed edge counts once.
    public let structuralHammingDistance: Int

    public init(predicted: DirectedGraph, truth: DirectedGraph) {
        precondition(predicted.nodeCount == truth.nodeCount, "graphs of \(predicted.nodeCount) and \(truth.nodeCount)")
        let a = Set(predicted.edges)
        let b = Set(truth.edges)
        truePositives = a.intersection(b).count
        falsePositives = a.count - truePositives
        falseNegatives = b.count - truePositives
        let pairs = a.symmetricDifference(b).map { Edge(min($0.source, $0.target), max($0.source, $0.target)) }
        structuralHammingDistance = Set(pairs).count
    }

    /// TP / (TP + FP); with nothing predicted 1 where nothing was to be found, else 0.
    public var precision: Double {
        Self.share(truePositives, of: truePositives + falsePositives, other: falseNegatives)
    }

    /// TP / (TP + FN); with nothing to be found 1 where nothing was predicted, else 0.
    public var recall: Double { Self.share(truePositives, of: truePositives + falseNegatives, other: falsePositives) }

    /// 2 TP / (2 TP + FP + FN); 1 where both graphs are empty.
    public var f1: Double {
        let total = 2 * truePositives + falsePositives + falseNegatives
        return total == 0 ? 1 : Double(2 * truePositives) / Double(total)
    }

    private static func share(_ part: Int, of whole: Int, other: Int) -> Double {
        whole == 0 ? (other == 0 ? 1 : 0) : Double(part) / Double(whole)
    }
}

/// How well probabilities rank the true edges, over all pairs that could be joined.
public struct EdgeRankingScores: Sendable, Equatable, Codable {
    /// Probability that a true edge ranks above a non-edge, ties counted half; 0.5 where one kind is missing.
    public let areaUnderROC: Double
    /// Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct probabilities, falling; 0 where there is no true edge.
    public let averagePrecision: Double
    /// Mean squared difference between probability and truth.
    public let brierScore: Double
    /// True edges over ordered pairs: the average precision of a random ranking.
    public let prevalence: Double

    public init(_ beliefs: EdgeBeliefs, truth: DirectedGraph) {
        let d = truth.nodeCount
        precondition(beliefs.genes.count == d, "beliefs about \(beliefs.genes.count) genes, truth about \(d)")
        let isEdge = truth.adjacency
        self.init(
            beliefs.ranked.map { (probability: Double($0.probability), isEdge: isEdge[$0.source * d + $0.target]) })
    }

    /// Of any pairs that may be joined, such as drugs and the genes that they act on.
    public init(_ pairs: [(probability: Double, isEdge: Bool)]) {
        let ranked = pairs.indices
            .sorted { (pairs[$0].probability, $1) > (pairs[$1].probability, $0) }.map { pairs[$0] }
        let positives = ranked.count { $0.isEdge }
        let negatives = ranked.count - positives

        var hits = 0
        var misses = 0
        var area = 0.0
        var precisionSum = 0.0
        var start = 0
        while start < ranked.count {
            var end = start
            var tiedHits = 0
            while end < ranked.count, ranked[end].probability == ranked[start].probability {
                tiedHits += ranked[end].isEdge ? 1 : 0
                end += 1
            }
            let tiedMisses = end - start - tiedHits
            area += Double(tiedMisses) * (Double(hits) + 0.5 * Double(tiedHits))
            hits += tiedHits
            misses += tiedMisses
            precisionSum += Double(tiedHits) * Double(hits) / Double(hits + misses)
            start = end
        }
        areaUnderROC = positives * negatives == 0 ? 0.5 : area / (Double(positives) * Double(negatives))
        averagePrecision = positives == 0 ? 0 : precisionSum / Double(positives)
        let squares = ranked.reduce(0.0) { sum, pair in
            let error = pair.probability - (pair.isEdge ? 1 : 0)
            return sum + error * error
        }
        brierScore = ranked.isEmpty ? 0 : squares / Double(ranked.count)
        prevalence = ranked.isEmpty ? 0 : Double(positives) / Double(ranked.count)
    }
}
