import Probability

/// Overlapping subsets of a panel in which every pair of genes meets.
///
/// Genes are dealt out to groups at random; groups meet as points on the lines of a plane, any two on one line: of an affine
/// plane of prime order q, q² points and q² + q lines of q points each, or of lines of two points only, whichever needs
/// fewer subsets. Genes of one group meet on all its lines. Source: Colbourn & Dinitz, Handbook of Combinatorial Designs
/// (2007), chapter VI.11, "Coverings".
struct GeneSubsets: Sendable, Equatable {
    /// Each rising.
    let subsets: [[Int]]

    /// Subsets of `size` genes at most; for each of the `coverage` times that a pair must meet, genes are dealt out anew.
    init(geneCount: Int, size: Int, coverage: Int, stream: RandomStream) {
        precondition(size >= 2 && coverage >= 1, "subsets of \(size) genes, \(coverage) for each pair")
        guard geneCount > size else {
            subsets = [Array(0..<geneCount)]
            return
        }
        let lines = Self.lines(geneCount: geneCount, size: size)
        let points = lines.joined().max()! + 1
        subsets = (0..<coverage).flatMap { turn in
            var stream = stream.stream("subsets").stream(turn)
            let order = stream.choice(geneCount, of: geneCount)
            // Sizes of groups differ by 1 at most.
            let groups = (0..<points).map { point in
                order[geneCount * point / points..<geneCount * (point + 1) / points]
            }
            return lines.map { line in line.flatMap { groups[$0] }.sorted() }.filter { $0.count > 1 }
        }
    }

    /// Lines through points that stand for groups of genes; no line has more than `size` genes.
    private static func lines(geneCount: Int, size: Int) -> [[Int]] {
        let groups = divided(geneCount, by: size / 2)
        let prime = (2...max(2, size)).first { q in
            isPrime(q) && divided(geneCount, by: q * q) * q <= size
        }
        if let q = prime, q * (q + 1) < groups * (groups - 1) / 2 { return affinePlane(order: q) }
        return (0..<groups).flatMap { a in (0..<a).map { [$0, a] } }
    }

    /// The lines y = m x + b and x = c over the integers modulo a prime; point (x, y) is number x q + y.
    private static func affinePlane(order q: Int) -> [[Int]] {
        let sloped = (0..<q * q).map { line in (0..<q).map { x in x * q + (line / q * x + line % q) % q } }
        return sloped + (0..<q).map { x in (0..<q).map { x * q + $0 } }
    }

    private static func divided(_ count: Int, by size: Int) -> Int { (count + size - 1) / size }

    private static func isPrime(_ n: Int) -> Bool {
        n == 2 || (n > 2 && !(2..<n).contains { $0 * $0 <= n && n % $0 == 0 })
    }
}
