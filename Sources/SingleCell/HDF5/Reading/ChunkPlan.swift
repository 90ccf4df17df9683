/// How chunks tile an array, both row-major. Chunks are numbered row-major too.
struct ChunkPlan: Sendable {
    let shape: [Int]
    let chunk: [Int]
    let grid: [Int]
    let chunkCount: Int
    let chunkElements: Int
    /// Chunks that share their place along the first axis.
    let chunksPerRow: Int

    init(shape: [Int], chunk: [Int]) {
        self.shape = shape
        self.chunk = chunk
        // No extent is so large that its sum with another would overflow.
        grid = zip(shape, chunk).map { ($0 + $1 - 1) / $1 }
        chunkCount = grid.reduce(1, *)
        chunkElements = chunk.reduce(1, *)
        chunksPerRow = grid.dropFirst().reduce(1, *)
    }

    /// The first element of a chunk.
    func offset(of index: Int) -> [Int] {
        var rest = index
        var offset = [Int](repeating: 0, count: grid.count)
        for axis in grid.indices.reversed() {
            offset[axis] = rest % grid[axis] * chunk[axis]
            rest /= grid[axis]
        }
        return offset
    }

    /// The number of the chunk at that place of the grid; nil where it lies outside.
    func index(of place: [Int]) -> Int? {
        var index = 0
        for axis in grid.indices {
            guard (0..<grid[axis]).contains(place[axis]) else { return nil }
            index = index * grid[axis] + place[axis]
        }
        return index
    }

    /// Whether all of a chunk lies inside the array.
    func isWhole(at offset: [Int]) -> Bool { shape.indices.allSatisfy { offset[$0] + chunk[$0] <= shape[$0] } }

    /// The runs of a chunk's values that lie inside the array: `(start in chunk, start in array, length)`.
    func runs(at offset: [Int], _ body: (Int, Int, Int) -> Void) { runs(at: offset, rows: 0..<shape[0], body) }

    /// The same for some entries of the first axis alone; starts in the array count from the first of these.
    func runs(at offset: [Int], rows: Range<Int>, _ body: (Int, Int, Int) -> Void) {
        var inside = shape.indices.map { 0..<min(chunk[$0], shape[$0] - offset[$0]) }
        inside[0] = inside[0].clamped(to: max(0, rows.lowerBound - offset[0])..<max(0, rows.upperBound - offset[0]))
        guard inside.allSatisfy({ !$0.isEmpty }) else { return }
        // Axes that the chunk covers whole are one run with the axis before them.
        var last = shape.count - 1
        var length = 1
        while last > 0, chunk[last] == shape[last] {
            length *= shape[last]
            last -= 1
        }
        var index = inside.map(\.lowerBound)
        while true {
            var (from, to) = (0, 0)
            for axis in shape.indices {
                from = from * chunk[axis] + index[axis]
                to = to * shape[axis] + offset[axis] + index[axis]
                if axis == 0 { to -= rows.lowerBound }
            }
            body(from, to, inside[last].count * length)
            var axis = last - 1
            while axis >= 0 {
                index[axis] += 1
                if index[axis] < inside[axis].upperBound { break }
                index[axis] = inside[axis].lowerBound
                axis -= 1
            }
            if axis < 0 { return }
        }
    }
}
