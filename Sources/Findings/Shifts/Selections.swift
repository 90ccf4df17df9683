import Probability

/// Random choices of as many of the pooled cells: permutations of two labels, of which only the rarer one is kept.
struct Selections {
    let size: Int
    private(set) var count = 0
    /// `size` cells a selection, rising.
    private var cells: [Int32] = []

    init(size: Int) { self.size = size }

    /// Draws `draws` selections of 0..<total, every one equally likely.
    ///
    /// - Parameter order: a permutation of 0..<total that is shuffled on from draw to draw: where a shuffle starts does not
    ///   matter, and so a draw costs the size of the selection, not of the whole.
    mutating func draw(_ draws: Int, order: inout [Int32], random: inout RandomStream) {
        for _ in 0..<draws {
            for place in 0..<size { order.swapAt(place, place + random.index(below: order.count - place)) }
            cells.append(contentsOf: order[..<size].sorted())
        }
        count += draws
    }

    func withCells<Result>(of selection: Int, _ body: (UnsafeBufferPointer<Int32>) -> Result) -> Result {
        cells.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[selection * size..<(selection + 1) * size]))
        }
    }
}
