/// The chunks, or pieces of them, that lie at a box of coordinates.
struct ZarrBox: Sendable {
    let ranges: [Range<Int>]

    var count: Int { ranges.reduce(1) { $0 * $1.count } }

    /// The coordinates at a place of the box, row-major.
    subscript(_ position: Int) -> [Int] {
        var coordinates = ranges.map(\.lowerBound)
        var rest = position
        for axis in ranges.indices.reversed() {
            coordinates[axis] += rest % ranges[axis].count
            rest /= ranges[axis].count
        }
        return coordinates
    }

    /// The box of larger boxes of `sizes` that cover this one.
    func grouped(_ sizes: [Int]) -> ZarrBox {
        ZarrBox(ranges: zip(ranges, sizes).map { $0.lowerBound / $1..<($0.upperBound + $1 - 1) / $1 })
    }

    /// The part that lies in one of the larger boxes.
    func part(_ coordinates: [Int], _ sizes: [Int]) -> ZarrBox {
        ZarrBox(
            ranges: ranges.indices.map { axis in
                ranges[axis].clamped(
                    to: coordinates[axis] * sizes[axis]..<(coordinates[axis] + 1) * sizes[axis])
            })
    }
}

/// Which elements of a chunk are wanted, and where they go in a row-major array of the wanted rows.
struct ZarrOverlap: Sendable {
    private let counts: [Int]
    private let source: (start: Int, strides: [Int])
    private let target: (start: Int, strides: [Int])

    /// - Parameter strides: of the chunk, in elements; all 0 where one element stands for all.
    init(_ coordinates: [Int], chunk: [Int], strides: [Int], shape: [Int], rows: Range<Int>) {
        let wanted = [rows] + shape.dropFirst().map { 0..<$0 }
        var targetStrides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            targetStrides[axis] = targetStrides[axis + 1] * wanted[axis + 1].count
        }
        let firsts = zip(coordinates, chunk).map { $0 * $1 }
        let inside = shape.indices.map { wanted[$0].clamped(to: firsts[$0]..<firsts[$0] + chunk[$0]) }
        counts = inside.map(\.count)
        source = (shape.indices.reduce(0) { $0 + (inside[$1].lowerBound - firsts[$1]) * strides[$1] }, strides)
        target = (
            shape.indices.reduce(0) { $0 + (inside[$1].lowerBound - wanted[$1].lowerBound) * targetStrides[$1] },
            targetStrides
        )
    }

    /// Calls `body` with `(first element in the chunk, its stride, first place in the target, count)` for each run of
    /// neighbours along the last axis.
    func forEachRun(_ body: (_ source: Int, _ stride: Int, _ target: Int, _ count: Int) -> Void) {
        guard let last = counts.indices.last, counts.allSatisfy({ $0 > 0 }) else { return }
        var index = [Int](repeating: 0, count: counts.count)
        var (from, to) = (source.start, target.start)
        while true {
            body(from, source.strides[last], to, counts[last])
            var axis = last - 1
            while axis >= 0 {
                index[axis] += 1
                from += source.strides[axis]
                to += target.strides[axis]
                if index[axis] < counts[axis] { break }
                from -= index[axis] * source.strides[axis]
                to -= index[axis] * target.strides[axis]
                index[axis] = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }
}
