import Matrices
import Probability

/// Which base cells are used, and how the values of a gene rank among them: what predicted cells keep of real ones.
struct CellOrder: Sendable {
    /// Base cells, as often as they are drawn.
    let drawn: [Int]
    /// For draws beyond the first of every base cell, another one with whose ranks its own are mixed, so that no two
    /// predicted cells are the same.
    private let mixed: [Int]
    private let baseCount: Int

    /// How much of the other's normal score is mixed in: correlations of normal scores stay, since both are cells of the
    /// same population.
    private static let mixture = 0.5

    /// Every base cell is drawn once before one is drawn again.
    init(_ count: Int, of baseCount: Int, stream: RandomStream) {
        var stream = stream
        var drawn: [Int] = []
        var mixed: [Int] = []
        drawn.reserveCapacity(count)
        while drawn.count < count {
            let pass = stream.choice(min(baseCount, count - drawn.count), of: baseCount)
            if !drawn.isEmpty { mixed += pass.map { _ in stream.index(below: baseCount) } }
            drawn += pass
        }
        self.drawn = drawn
        self.mixed = mixed
        self.baseCount = baseCount
    }

    var count: Int { drawn.count }

    /// Predicted cells by rising value of a gene; cells of equal value in random order.
    /// - Parameter values: of the gene in base cells.
    func ranked(by values: [Float], stream: RandomStream) -> [Int] {
        let blocks = Self.blocks(values)
        var stream = stream
        let ties = stream.uniforms(count + mixed.count)
        let own = (1 - Self.mixture * Self.mixture).squareRoot()
        let first = count - mixed.count
        var keys: [(level: Double, cell: Int)] = []
        keys.reserveCapacity(count)
        for cell in 0..<count {
            var level = self.level(drawn[cell], ties[cell], blocks)
            if !mixed.isEmpty { level = Self.score(level) }
            if cell >= first {
                let other = Self.score(self.level(mixed[cell - first], ties[count + cell - first], blocks))
                level = own * level + Self.mixture * other
            }
            keys.append((level, cell))
        }
        keys.sort { $0.level == $1.level ? $0.cell < $1.cell : $0.level < $1.level }
        return keys.map(\.cell)
    }

    /// Normal scores of the middles of so many equal shares.
    private static let scores = (0..<4096).map { NormalDistribution.standard.quantile((Double($0) + 0.5) / 4096) }

    /// The normal score of a level, by lines between those above, which keep the order of levels within all but the outermost
    /// halves of a share.
    private static func score(_ level: Double) -> Double {
        let position = min(max(level * Double(scores.count) - 0.5, 0), Double(scores.count - 1))
        let below = Int(position)
        return scores[below] + (scores[min(below + 1, scores.count - 1)] - scores[below]) * (position - Double(below))
    }

    private func level(_ cell: Int, _ tie: Float, _ blocks: [Range<Int>]) -> Double {
        (Double(blocks[cell].lowerBound) + Double(tie) * Double(blocks[cell].count)) / Double(baseCount)
    }

    /// The ranks that each cell shares with those of equal value.
    private static func blocks(_ values: [Float]) -> [Range<Int>] {
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var blocks = [Range<Int>](repeating: 0..<1, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { blocks[order[place]] = start..<end }
            start = end
        }
        return blocks
    }
}
