import CKernels

/// Operations that move values without changing them; their adjoints move the gradients back.
extension Tensor {
    /// The same values in another shape; one length may be −1 and is then worked out.
    public func reshaped(_ newShape: [Int]) -> Tensor {
        var target = newShape
        if let free = target.firstIndex(of: -1) {
            let rest = target.filter { $0 != -1 }.reduce(1, *)
            precondition(rest > 0 && count % rest == 0, "\(shape) does not fit \(newShape)")
            target[free] = count / rest
        }
        precondition(target.reduce(1, *) == count, "\(shape) does not fit \(newShape)")
        let node = self.node
        return tape.record(storage, shape: target, inputs: [self]) { tape, _ in tape.passOn(to: node) }
    }

    /// Axis `i` of the result is axis `order[i]` of this tensor.
    public func permuted(_ order: [Int]) -> Tensor {
        precondition(order.sorted() == Array(shape.indices), "\(order) is no order of the axes of \(shape)")
        let target = order.map { shape[$0] }
        let moves = Moves(shape: shape, order: order)
        let y = tape.arena.storage(count)
        let x = storage.pointer
        moves.forEachRun { from, step, to, count in
            for i in 0..<count { y.pointer[to + i] = x[from + i * step] }
        }
        let node = self.node
        return tape.record(y, shape: target, inputs: [self]) { tape, dy in
            guard let (dx, adding) = tape.target(node) else { return }
            moves.forEachRun { from, step, to, count in
                if adding {
                    for i in 0..<count { dx[from + i * step] += dy[to + i] }
                } else {
                    for i in 0..<count { dx[from + i * step] = dy[to + i] }
                }
            }
        }
    }

    /// The last two axes swapped.
    public func transposed() -> Tensor {
        precondition(rank >= 2, "only tensors of two axes and more are transposed, not \(shape)")
        return permuted(Array(0..<rank - 2) + [rank - 1, rank - 2])
    }

    /// The part of an axis that lies in `range`.
    public func sliced(_ range: Range<Int>, axis chosen: Int) -> Tensor {
        let axis = axis(chosen)
        precondition(
            range.lowerBound >= 0 && range.upperBound <= shape[axis], "\(range) leaves axis \(axis) of \(shape)")
        let outer = shape[..<axis].reduce(1, *)
        let inner = shape[(axis + 1)...].reduce(1, *)
        let (full, part, start) = (shape[axis] * inner, range.count * inner, range.lowerBound * inner)
        var target = shape
        target[axis] = range.count
        let y = tape.arena.storage(outer * part)
        for o in 0..<outer { (y.pointer + o * part).update(from: storage.pointer + o * full + start, count: part) }
        let node = self.node
        return tape.record(y, shape: target, inputs: [self]) { tape, dy in
            guard let dx = tape.gradient(node) else { return }
            for o in 0..<outer { kernel_accumulate(dx + o * full + start, 1, dy + o * part, part) }
        }
    }

    /// Tensors one after another along an axis; their other axes agree.
    public static func concatenated(_ parts: [Tensor], axis chosen: Int) -> Tensor {
        precondition(!parts.isEmpty, "nothing to concatenate")
        let axis = parts[0].axis(chosen)
        for part in parts {
            precondition(
                part.rank == parts[0].rank
                    && part.shape.indices.allSatisfy { $0 == axis || part.shape[$0] == parts[0].shape[$0] },
                "\(part.shape) and \(parts[0].shape) differ beside axis \(axis)")
        }
        var target = parts[0].shape
        target[axis] = parts.map { $0.shape[axis] }.reduce(0, +)
        let outer = target[..<axis].reduce(1, *)
        let inner = target[(axis + 1)...].reduce(1, *)
        let full = target[axis] * inner
        let y = parts[0].tape.arena.storage(outer * full)
        var pieces = [(node: Int?, start: Int, count: Int)]()
        var start = 0
        for part in parts {
            let count = part.shape[axis] * inner
            for o in 0..<outer {
                (y.pointer + o * full + start).update(from: part.storage.pointer + o * count, count: count)
            }
            pieces.append((part.node, start, count))
            start += count
        }
        return parts[0].tape.record(y, shape: target, inputs: parts) { tape, dy in
            for piece in pieces {
                guard let dx = tape.gradient(piece.node) else { continue }
                for o in 0..<outer {
                    kernel_accumulate(dx + o * piece.count, 1, dy + o * full + piece.start, piece.count)
                }
            }
        }
    }

    /// Rows of a table, [rows, …] → [indices.count, …]; a row's gradient is the sum over the places where it was taken.
    public func gathered(_ indices: [Int]) -> Tensor {
        precondition(rank >= 1, "a single number has no rows")
        precondition(indices.allSatisfy { (0..<shape[0]).contains($0) }, "an index leaves the \(shape[0]) rows")
        let width = shape[1...].reduce(1, *)
        let y = tape.arena.storage(indices.count * width)
        for (place, row) in indices.enumerated() {
            (y.pointer + place * width).update(from: storage.pointer + row * width, count: width)
        }
        let node = self.node
        return tape.record(y, shape: [indices.count] + shape[1...], inputs: [self]) { tape, dy in
            guard let dx = tape.gradient(node) else { return }
            for (place, row) in indices.enumerated() {
                kernel_accumulate(dx + row * width, 1, dy + place * width, width)
            }
        }
    }

    /// The diagonal of the first two axes, [n, n, …] → [n, …].
    public func diagonal() -> Tensor {
        precondition(rank >= 2 && shape[0] == shape[1], "\(shape) has no diagonal in its first two axes")
        let n = shape[0]
        return reshaped([n * n] + shape[2...]).gathered((0..<n).map { $0 * (n + 1) })
    }
}

/// Source and target places of a permutation of axes.
private struct Moves {
    /// Lengths and source strides in the order of the result.
    private let extents: [Int]
    private let strides: [Int]

    init(shape: [Int], order: [Int]) {
        var all = Array(repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { all[axis] = all[axis + 1] * shape[axis + 1] }
        extents = order.map { shape[$0] }
        strides = order.map { all[$0] }
    }

    /// Calls `body` for each run along the last axis of the result: its first source place, the step between its sources,
    /// its first target place, and its length.
    func forEachRun(_ body: (_ from: Int, _ step: Int, _ to: Int, _ count: Int) -> Void) {
        guard let last = extents.last else { return body(0, 1, 0, 1) }
        let step = strides[strides.count - 1]
        let runs = extents.dropLast().reduce(1, *)
        var place = Array(repeating: 0, count: extents.count - 1)
        var from = 0
        for run in 0..<runs {
            body(from, step, run * last, last)
            var axis = place.count - 1
            while axis >= 0 {
                place[axis] += 1
                from += strides[axis]
                if place[axis] < extents[axis] { break }
                from -= strides[axis] * extents[axis]
                place[axis] = 0
                axis -= 1
            }
        }
    }
}
