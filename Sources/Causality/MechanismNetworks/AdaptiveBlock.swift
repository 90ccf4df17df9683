import Networks
import Probability
import Tensors

/// A block whose norms and gates are set by what is known of each node ("adaptive layer norm", Peebles & Xie 2023).
struct AdaptiveBlock: Sendable {
    let layers: BlockLayers
    /// width → 6 width
    let modulation: Linear

    init(_ name: String, _ size: FixedPointOptions.Part, weights: inout Weights, stream: RandomStream?) {
        layers = BlockLayers(name, size, weights: &weights, stream: stream)
        modulation = Linear("\(name).modulation", size.width, 6 * size.width, weights: &weights, stream: stream)
    }

    /// Of each node, d × width.
    struct Modulation {
        let attentionShift, attentionScale, attentionGate, feedForwardShift, feedForwardScale, feedForwardGate: Tensor
    }

    /// - Parameter condition: c, d × width.
    func modulation(of condition: Tensor) -> Modulation {
        let all = modulation(condition.silu())
        let width = condition.shape[1]
        let parts = (0..<6).map { all.sliced($0 * width..<($0 + 1) * width, axis: 1) }
        return Modulation(
            attentionShift: parts[0], attentionScale: parts[1], attentionGate: parts[2], feedForwardShift: parts[3],
            feedForwardScale: parts[4], feedForwardGate: parts[5])
    }

    /// - Parameters:
    ///   - q: n × d × width, what is known of F_i at each row.
    ///   - k: n × d × width, the values of the nodes.
    func callAsFunction(
        _ q: Tensor, values k: Tensor, condition: Tensor, parents: [[Int]], dropping: Dropout? = nil
    ) -> Tensor {
        let by = modulation(of: condition)
        func attentionInput(_ norm: LayerNorm, _ x: Tensor) -> Tensor {
            norm(x) * (by.attentionScale + 1) + by.attentionShift
        }
        func dropped(_ x: Tensor, _ half: String) -> Tensor { dropping.map { $0.stream(half)(x) } ?? x }
        let projected = Tensor.concatenated(
            [
                layers.query(attentionInput(layers.queryNorm, q)), layers.key(attentionInput(layers.keyNorm, k)),
                layers.value(attentionInput(layers.valueNorm, k)),
            ], axis: 2)
        let attended = layers.output(projected.parentAttention(heads: layers.heads, parents: parents))
        let y = q + by.attentionGate * dropped(attended, "attention")
        let input = layers.feedForwardNorm(y) * (by.feedForwardScale + 1) + by.feedForwardShift
        let hidden = layers.contraction(layers.expansion(input, activation: .relu))
        return y + by.feedForwardGate * dropped(hidden, "feedForward")
    }
}
