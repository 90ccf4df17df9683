import Matrices
import Mechanisms
import Probability
import Tensors

/// The mechanisms that a `FixedPointNetwork` has read off one data set, at no more than what their answers need.
///
/// The decoder's own equations, rearranged; nothing is left out of the sums, so answers differ by rounding alone:
/// - The data set is embedded once. Modulations, and for a node without parents all of F̂, follow once and for all.
/// - A node is asked on its own, its parents gathered: `StructuralModel` sweeps along the graph instead of iterating.
/// - Keys and values need no product. k_j = z_j C_j + P_j is affine in the number z_j, so its norm is
///   (z_j Ċ_j + Ṗ_j)/σ_j(z_j), with Ċ, Ṗ less their means over channels and σ² a quadratic in z_j; so with t = z_j/σ_j and
///   r = 1/σ_j, K_j = t a_j + r b_j + c_j with fixed a_j, b_j, c_j, and V_j likewise.
/// - Neither do queries and outputs need one of their own: q_i · K_j = x_i · (W_q K_j) takes three numbers x_i · u a head
///   and parent, with u = W_q a_j, W_q b_j, W_q c_j fixed, and so does A_ij V_j W_o.
/// - The first block's queries do not depend on z at all.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | W_q a, W_q b, W_q c | `queryTable` | d × 3 heads × width | of each parent and head, over √c |
/// | b_q · a, … | `queryOffsets` | d × 3 heads | |
/// | a W_o, b W_o, c W_o | `outputTable` | d × 3 heads × width | of each parent and head |
/// | | `moments` | d × 3 | variances of C and P over channels with their covariance between: σ² = v₀ z² + 2 v₁ z + v₂ + ε |
public struct EmbeddedMechanisms: NodeMechanisms {
    let width: Int
    let heads: Int
    let parents: [[Int]]
    /// P, d × width
    let offset: [Float]
    let moments: [Double]
    let blocks: [EmbeddedBlock]
    let outputWeight, outputBias: [Float]

    /// Rows that go through the blocks at once.
    private static let rowsAtOnce = 2048

    public func means(of node: Int, parents values: Matrix<Float>) -> [Float] {
        precondition(
            values.columns == parents[node].count, "\(values.columns) columns for \(parents[node].count) parents")
        guard values.columns > 0 else { return Array(repeating: rootMean(of: node), count: values.rows) }
        let work = NodeDecoder(self, node)
        return stride(from: 0, to: values.rows, by: Self.rowsAtOnce).flatMap { first in
            let rows = first..<min(values.rows, first + Self.rowsAtOnce)
            return work.means(
                Array(values.values[rows.lowerBound * values.columns..<rows.upperBound * values.columns]),
                rows: rows.count)
        }
    }

    /// A node without parents receives nothing from its attention.
    private func rootMean(of node: Int) -> Float { NodeDecoder(self, node).means([], rows: 1)[0] }

    /// Of all norms.
    static let epsilon: Float = 1e-5
}

// Of a data set.
extension EmbeddedMechanisms {
    /// - Parameter tape: Of the weights, without a way back.
    init(_ decoder: MechanismDecoder, _ embedding: MechanismDecoder.Embedding, parents: [[Int]], on tape: Tape) {
        let d = parents.count
        width = embedding.offset.shape[1]
        heads = decoder.blocks[0].layers.heads
        self.parents = parents
        offset = embedding.offset.values
        func centred(_ x: Tensor) -> Tensor { x - x.mean([1], keepingAxes: true) }
        let (scale, offset) = (centred(embedding.scale), centred(embedding.offset))
        let (c, p) = (scale.values, offset.values)
        let width = width
        moments = (0..<d).flatMap { node in
            let own = node * width..<(node + 1) * width
            func mean(_ a: [Float], _ b: [Float]) -> Double {
                own.reduce(0.0) { $0 + Double(a[$1]) * Double(b[$1]) } / Double(width)
            }
            return [mean(c, c), mean(c, p), mean(p, p)]
        }
        blocks = decoder.blocks.map { EmbeddedBlock($0, scale: scale, offset: offset, embedding.condition, on: tape) }
        // (x̂ ⊙ s + t) w + b
        let weight = tape.parameter(decoder.output.weight)
        outputWeight = (tape.parameter(decoder.norm.scale).reshaped([width, 1]) * weight).values
        outputBias =
            tape.parameter(decoder.norm.shift)
            .linear(weight: weight, bias: decoder.output.bias.map(tape.parameter)).values
    }
}
