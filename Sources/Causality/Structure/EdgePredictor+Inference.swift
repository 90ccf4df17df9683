import Tensors

extension EdgePredictor {
    /// Logits of i → j, d × d, of any number of cells; the same as `logits(_:)`, in memory for one `z` and a little.
    ///
    /// A block only joins tokens along its own axis, so it goes through the others in groups, and each group's result
    /// takes the place of what it came from: genes a few at a time where cells attend, cells where genes do.
    /// - Parameter x: n × d × 2, as `InputStandardisation` gives it. Without any cell the logits are those of no evidence.
    public func logits(of x: [Float], cells n: Int, genes d: Int, weights: Weights, workers: Int = 1) -> [Float] {
        precondition(x.count == n * d * 2, "cells \(n) × \(d) × 2 expected, \(x.count) values given")
        let tape = Tape(weights: weights, recording: false, workers: workers)
        let noEvidence = weights[bias][0]
        guard n > 0, d > 0 else { return Array(repeating: noEvidence, count: d * d) }
        let cells = TokenGrid(values: x, n: n, d: d, width: 2)
        var z = TokenGrid(values: Array(repeating: 0, count: n * d * options.width), n: n, d: d, width: options.width)
        for group in z.groups(acrossAxis: 1) {
            z.replace(group, axis: 0, by: input(cells.part(group, axis: 0, on: tape)))
        }
        for block in blocks {
            let folded = block.folded(on: tape)
            for group in z.groups(acrossAxis: block.axis) {
                z.replace(group, axis: 1 - block.axis, by: folded(z.part(group, axis: 1 - block.axis, on: tape)))
            }
        }
        var h = Array(repeating: -Float.infinity, count: d * options.width)
        for group in z.groups(acrossAxis: 1) {
            let largest = norm(z.part(group, axis: 0, on: tape)).maximum(axis: 0)
            for (place, value) in largest.buffer.enumerated() { h[place] = max(h[place], value) }
        }
        // Where nothing is known of a gene, its vector has length 0 and points nowhere.
        return edges(tape.constant(h, shape: [d, options.width])).values.map { $0.isFinite ? $0 : noEvidence }
    }
}
