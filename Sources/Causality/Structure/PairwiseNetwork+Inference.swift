import Tensors

// Logits in memory for one `z` and a little, whatever the panel: what joins pairs of one row or column of genes goes through
// these in groups, and each group's result takes the place of what it came from.
extension PairwiseNetwork {
    /// The first z of all pairs.
    /// - Parameter features: Of the pairs from some genes, row by row: genes × d × F.
    func embedded(genes d: Int, on tape: Tape, features: (_ sources: Range<Int>) -> [Float]) -> TokenGrid {
        var z = TokenGrid(
            values: Array(repeating: 0, count: d * d * options.width), n: d, d: d, width: options.width)
        for rows in z.groups(acrossAxis: 1) {
            let pairs = tape.constant(features(rows), shape: [rows.count, d, featureCount])
            z.replace(rows, axis: 0, by: input(pairs))
        }
        return z
    }

    /// Logits of i → j, d × d, from the first z of all pairs: the same as `logits(_:)`.
    func logits(_ embedded: TokenGrid, on tape: Tape) -> [Float] {
        var z = embedded
        for block in blocks { block(&z, on: tape) }
        let d = z.d
        var logits: [Float] = []
        logits.reserveCapacity(d * d)
        var ranks: [Float] = []
        for rows in z.groups(acrossAxis: 1) {
            let last = norm(z.part(rows, axis: 0, on: tape))
            logits += existence(last).buffer.map { $0 + Self.logitWithoutEvidence }
            guard let order else { continue }
            let own = order(last)
            ranks += rows.enumerated().map { own.buffer[$0 * d + $1] }
        }
        for place in ranks.isEmpty ? [] : Array(logits.indices) {
            logits[place] = logits[place] + ranks[place % d] - ranks[place / d]
        }
        return logits
    }
}

extension PairwiseNetwork.Block {
    fileprivate func callAsFunction(_ z: inout TokenGrid, on tape: Tape) {
        for rows in z.groups(acrossAxis: 1) {
            let own = z.part(rows, axis: 0, on: tape)
            z.replace(rows, axis: 0, by: row(rowNorm(own), axis: 1, residual: own))
        }
        for columns in z.groups(acrossAxis: 0) {
            let own = z.part(columns, axis: 1, on: tape)
            z.replace(columns, axis: 1, by: column(columnNorm(own), axis: 0, residual: own))
        }
        let products = triangle.map { Self.products($0, z, on: tape) }
        for rows in z.groups(acrossAxis: 1) {
            var own = z.part(rows, axis: 0, on: tape)
            if let triangle, let products {
                own = own + triangle.update(triangle.norm(own), products.part(rows, axis: 0, on: tape))
            }
            z.replace(rows, axis: 0, by: feedForward(feedForwardNorm(own), residual: own))
        }
    }

    /// d × d × channels: Σₖ a_ik ⊙ b_kj
    private static func products(_ triangle: PairwiseNetwork.Triangle, _ z: TokenGrid, on tape: Tape) -> TokenGrid {
        let (d, channels) = (z.d, triangle.channels)
        var left = TokenGrid(values: Array(repeating: 0, count: d * d * channels), n: d, d: d, width: channels)
        var right = left
        for rows in z.groups(acrossAxis: 1) {
            let own = triangle.norm(z.part(rows, axis: 0, on: tape))
            left.replace(rows, axis: 0, by: triangle.left(own))
            right.replace(rows, axis: 0, by: triangle.right(own))
        }
        let product = triangle.product(
            left.part(0..<d, axis: 0, on: tape), right.part(0..<d, axis: 0, on: tape))
        left.replace(0..<d, axis: 0, by: product)
        return left
    }
}
