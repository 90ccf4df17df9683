/// How a tensor of one shape is read at the places of another: axes are aligned from the last, and an axis of length 1 or
/// a missing one is repeated (the rule of NumPy).
struct Broadcasting {
    /// The axes after merging neighbours that both operands walk alike; the last one is walked by the kernels.
    private var extents: [Int]
    private var stridesA: [Int]
    private var stridesB: [Int]

    /// The common shape, or nil where two axes differ and neither is 1.
    static func shape(_ a: [Int], _ b: [Int]) -> [Int]? {
        let rank = max(a.count, b.count)
        var result = [Int]()
        for axis in 0..<rank {
            let x = axis < rank - a.count ? 1 : a[axis - rank + a.count]
            let y = axis < rank - b.count ? 1 : b[axis - rank + b.count]
            guard x == y || x == 1 || y == 1 else { return nil }
            result.append(x == 1 ? y : x)
        }
        return result
    }

    /// Reads `a` and `b` at the places of `shape`, to which both must broadcast.
    init(shape: [Int], a: [Int], b: [Int]) {
        let fullA = Self.strides(of: a, at: shape)
        let fullB = Self.strides(of: b, at: shape)
        extents = [1]
        stridesA = [0]
        stridesB = [0]
        for axis in shape.indices where shape[axis] != 1 {
            let last = extents.count - 1
            if extents[last] == 1 {
                extents[last] = shape[axis]
                stridesA[last] = fullA[axis]
                stridesB[last] = fullB[axis]
            } else if stridesA[last] == fullA[axis] * shape[axis], stridesB[last] == fullB[axis] * shape[axis] {
                extents[last] *= shape[axis]
                stridesA[last] = fullA[axis]
                stridesB[last] = fullB[axis]
            } else {
                extents.append(shape[axis])
                stridesA.append(fullA[axis])
                stridesB.append(fullB[axis])
            }
        }
    }

    /// Calls `body` for each run along the last merged axis: offsets into a and b with their strides there (0 or 1),
    /// the offset into the result, and the length.
    func forEachRun(_ body: (_ a: Int, _ strideA: Int, _ b: Int, _ strideB: Int, _ result: Int, _ count: Int) -> Void) {
        let last = extents.count - 1
        let count = extents[last]
        let runs = extents.dropLast().reduce(1, *)
        guard count > 0, runs > 0 else { return }
        var place = Array(repeating: 0, count: last)
        var a = 0
        var b = 0
        for run in 0..<runs {
            body(a, stridesA[last], b, stridesB[last], run * count, count)
            var axis = last - 1
            while axis >= 0 {
                place[axis] += 1
                a += stridesA[axis]
                b += stridesB[axis]
                if place[axis] < extents[axis] { break }
                a -= stridesA[axis] * extents[axis]
                b -= stridesB[axis] * extents[axis]
                place[axis] = 0
                axis -= 1
            }
        }
    }

    private static func strides(of shape: [Int], at target: [Int]) -> [Int] {
        var result = Array(repeating: 0, count: target.count)
        var stride = 1
        for axis in shape.indices.reversed() {
            let place = axis + target.count - shape.count
            precondition(shape[axis] == target[place] || shape[axis] == 1, "\(shape) does not broadcast to \(target)")
            result[place] = shape[axis] == 1 ? 0 : stride
            stride *= shape[axis]
        }
        return result
    }
}
