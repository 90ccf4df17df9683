import CKernels

private typealias Binary = (
    UnsafePointer<Float>?, Int, UnsafePointer<Float>?, Int, UnsafeMutablePointer<Float>?, Int
) -> Void

/// Adds the sum of alpha · x · factor over the repeated axes to a gradient of the given shape; x has the shape `full`.
private func accumulate(
    _ x: UnsafePointer<Float>, factor: UnsafePointer<Float>, factorShape: [Int], alpha: Float, full: [Int],
    to target: UnsafeMutablePointer<Float>?, shape: [Int]
) {
    guard let target else { return }
    Broadcasting(shape: full, a: shape, b: factorShape).forEachRun { a, strideA, b, strideB, result, count in
        kernel_accumulate_product(target + a, strideA, alpha, x + result, factor + b, strideB, count)
    }
}

private nonisolated(unsafe) let one: UnsafePointer<Float> = {
    let pointer = UnsafeMutablePointer<Float>.allocate(capacity: 1)
    pointer.pointee = 1
    return UnsafePointer(pointer)
}()

extension Tensor {
    /// y = a + b with broadcasting; da += Σ dy, db += Σ dy over the repeated axes.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        let (y, shape) = combined(a, b, kernel_add)
        let (shapeA, nodeA, shapeB, nodeB) = (a.shape, a.node, b.shape, b.node)
        return a.tape.record(y, shape: shape, inputs: [a, b]) { tape, dy in
            accumulate(dy, factor: one, factorShape: [], alpha: 1, full: shape, to: tape.gradient(nodeB), shape: shapeB)
            if shapeA == shape { return tape.passOn(to: nodeA) }
            accumulate(dy, factor: one, factorShape: [], alpha: 1, full: shape, to: tape.gradient(nodeA), shape: shapeA)
        }
    }

    /// y = a − b with broadcasting; da += Σ dy, db −= Σ dy.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        let (y, shape) = combined(a, b, kernel_subtract)
        let (shapeA, nodeA, shapeB, nodeB) = (a.shape, a.node, b.shape, b.node)
        return a.tape.record(y, shape: shape, inputs: [a, b]) { tape, dy in
            accumulate(
                dy, factor: one, factorShape: [], alpha: -1, full: shape, to: tape.gradient(nodeB), shape: shapeB)
            if shapeA == shape { return tape.passOn(to: nodeA) }
            accumulate(dy, factor: one, factorShape: [], alpha: 1, full: shape, to: tape.gradient(nodeA), shape: shapeA)
        }
    }

    /// y = a ⊙ b with broadcasting; da += Σ dy ⊙ b, db += Σ dy ⊙ a.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        let (y, shape) = combined(a, b, kernel_multiply)
        let (shapeA, nodeA, shapeB, nodeB) = (a.shape, a.node, b.shape, b.node)
        let (valueA, valueB) = (a.storage, b.storage)
        return a.tape.record(y, shape: shape, inputs: [a, b]) { tape, dy in
            accumulate(
                dy, factor: valueB.pointer, factorShape: shapeB, alpha: 1, full: shape, to: tape.gradient(nodeA),
                shape: shapeA)
            accumulate(
                dy, factor: valueA.pointer, factorShape: shapeA, alpha: 1, full: shape, to: tape.gradient(nodeB),
                shape: shapeB)
        }
    }

    /// y = a / b with broadcasting; da += Σ dy / b, db −= Σ dy ⊙ y / b.
    public static func / (a: Tensor, b: Tensor) -> Tensor {
        let (y, shape) = combined(a, b, kernel_divide)
        let (shapeA, nodeA, shapeB, nodeB) = (a.shape, a.node, b.shape, b.node)
        let valueB = b.storage
        return a.tape.record(y, shape: shape, inputs: [a, b]) { tape, dy in
            Broadcasting(shape: shape, a: shape, b: shapeB).forEachRun { x, _, b, strideB, result, count in
                kernel_divide(dy + x, 1, valueB.pointer + b, strideB, dy + result, count)
            }
            accumulate(dy, factor: one, factorShape: [], alpha: 1, full: shape, to: tape.gradient(nodeA), shape: shapeA)
            accumulate(
                dy, factor: y.pointer, factorShape: shape, alpha: -1, full: shape, to: tape.gradient(nodeB),
                shape: shapeB)
        }
    }

    /// y = scale · x + shift; dx += scale · dy.
    public func affine(scale: Float, shift: Float = 0) -> Tensor {
        let y = tape.arena.storage(count)
        let (x, node, count) = (storage, self.node, self.count)
        tape.forEachPart(rows: count) {
            kernel_affine(x.pointer + $0.lowerBound, scale, shift, y.pointer + $0.lowerBound, $0.count)
        }
        return tape.record(y, shape: shape, inputs: [self]) { tape, dy in
            if scale == 1 { return tape.passOn(to: node) }
            tape.addGradient(to: node, rows: count) { part, dx in
                kernel_accumulate(dx + part.lowerBound, scale, dy + part.lowerBound, part.count)
            }
        }
    }

    public static prefix func - (x: Tensor) -> Tensor { x.affine(scale: -1) }
    public static func + (x: Tensor, c: Float) -> Tensor { x.affine(scale: 1, shift: c) }
    public static func + (c: Float, x: Tensor) -> Tensor { x.affine(scale: 1, shift: c) }
    public static func - (x: Tensor, c: Float) -> Tensor { x.affine(scale: 1, shift: -c) }
    public static func - (c: Float, x: Tensor) -> Tensor { x.affine(scale: -1, shift: c) }
    public static func * (x: Tensor, c: Float) -> Tensor { x.affine(scale: c) }
    public static func * (c: Float, x: Tensor) -> Tensor { x.affine(scale: c) }
    public static func / (x: Tensor, c: Float) -> Tensor { x.affine(scale: 1 / c) }

    /// y = x repeated along axes of length 1 or missing ones; dx += Σ dy over them.
    public func broadcast(to target: [Int]) -> Tensor {
        let y = tape.arena.storage(target.reduce(1, *))
        Broadcasting(shape: target, a: shape, b: []).forEachRun { a, stride, _, _, result, count in
            kernel_multiply(storage.pointer + a, stride, one, 0, y.pointer + result, count)
        }
        let (own, node) = (shape, self.node)
        return tape.record(y, shape: target, inputs: [self]) { tape, dy in
            accumulate(dy, factor: one, factorShape: [], alpha: 1, full: target, to: tape.gradient(node), shape: own)
        }
    }

    /// y = Σ x over the axes, which stay with length 1 where `keepingAxes`; dx += dy, repeated.
    public func sum(_ axes: [Int], keepingAxes: Bool = false) -> Tensor {
        let axes = Set(axes.map(axis))
        let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
        let y = tape.arena.zeros(kept.reduce(1, *))
        if y.count == 1 {
            y.pointer[0] = Float(kernel_sum(storage.pointer, count))
        } else {
            accumulate(
                storage.pointer, factor: one, factorShape: [], alpha: 1, full: shape, to: y.pointer, shape: kept)
        }
        let (own, node) = (shape, self.node)
        let result = keepingAxes ? kept : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
        return tape.record(y, shape: result, inputs: [self]) { tape, dy in
            guard let dx = tape.gradient(node) else { return }
            Broadcasting(shape: own, a: own, b: kept).forEachRun { a, _, b, strideB, _, count in
                if strideB == 1 {
                    kernel_accumulate(dx + a, 1, dy + b, count)
                } else {
                    kernel_accumulate_constant(dx + a, dy[b], count)
                }
            }
        }
    }

    /// y = Σ x over all axes, of shape [].
    public func sum() -> Tensor { sum(Array(shape.indices)) }

    /// y = mean of x over the axes; dx += dy / n.
    public func mean(_ axes: [Int], keepingAxes: Bool = false) -> Tensor {
        let n = axes.map { shape[axis($0)] }.reduce(1, *)
        precondition(n > 0, "the mean over the axes \(axes) of \(shape) is of no values")
        return sum(axes, keepingAxes: keepingAxes) / Float(n)
    }

    public func mean() -> Tensor { mean(Array(shape.indices)) }

    private static func combined(_ a: Tensor, _ b: Tensor, _ kernel: Binary) -> (Storage, [Int]) {
        guard let shape = Broadcasting.shape(a.shape, b.shape) else {
            preconditionFailure("the shapes \(a.shape) and \(b.shape) do not broadcast")
        }
        let y = a.tape.arena.storage(shape.reduce(1, *))
        Broadcasting(shape: shape, a: a.shape, b: b.shape).forEachRun { i, strideA, j, strideB, result, count in
            kernel(a.storage.pointer + i, strideA, b.storage.pointer + j, strideB, y.pointer + result, count)
        }
        return (y, shape)
    }
}
