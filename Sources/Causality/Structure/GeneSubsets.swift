import Probability

/// Overlapping subsets of a panel in which every pair of genes meets.
struct GeneSubsets: Sendable, Equatable {
    /// Each rising.
    let subsets: [[Int]]

    /// Builds subsets of `size` one after another until every pair met `coverage` times. Each starts from a pair that met
    /// least and takes in, one by one, the gene that met the ones already there least; ties are broken at random.
    init(geneCount: Int, size: Int, coverage: Int, stream: RandomStream) {
        precondition(size >= 2 && coverage >= 1, "subsets of \(size) genes, \(coverage) for each pair")
        guard geneCount > size else {
            subsets = [Array(0..<geneCount)]
            return
        }
        var stream = stream.stream("subsets")
        var meetings = Array(repeating: 0, count: geneCount * geneCount)
        var subsets = [[Int]]()
        while let first = Self.neediest(meetings, geneCount, coverage: coverage, stream: &stream) {
            var chosen = [first]
            var taken = Array(repeating: false, count: geneCount)
            taken[first] = true
            var sums = (0..<geneCount).map { min(coverage, meetings[first * geneCount + $0]) }
            while chosen.count < size {
                let least = sums.indices.lazy.filter { !taken[$0] }.map { sums[$0] }.min()!
                let candidates = sums.indices.filter { !taken[$0] && sums[$0] == least }
                let next = candidates[stream.index(below: candidates.count)]
                taken[next] = true
                chosen.append(next)
                for other in sums.indices { sums[other] += min(coverage, meetings[next * geneCount + other]) }
            }
            for a in chosen { for b in chosen where a != b { meetings[a * geneCount + b] += 1 } }
            subsets.append(chosen.sorted())
        }
        self.subsets = subsets
    }

    /// A gene of a pair that met too rarely; nil when there is none.
    private static func neediest(
        _ meetings: [Int], _ count: Int, coverage: Int, stream: inout RandomStream
    ) -> Int? {
        var lacking = Array(repeating: 0, count: count)
        for a in 0..<count {
            for b in 0..<count where a != b { lacking[a] += max(0, coverage - meetings[a * count + b]) }
        }
        guard let most = lacking.max(), most > 0 else { return nil }
        let candidates = lacking.indices.filter { lacking[$0] == most }
        return candidates[stream.index(below: candidates.count)]
    }
}
