import Networks
import Probability
import Tensors

/// F̂ at any point, given the tokens of a data set: see `FixedPointNetwork`.
struct MechanismDecoder: Sendable {
    private let input: Linear
    private let stack: AttentionStack
    private let rowNorm, nodeNorm: LayerNorm
    private let scale, offset, condition: Linear
    private let scaleNorm, offsetNorm, conditionNorm: LayerNorm
    let blocks: [AdaptiveBlock]
    let norm: LayerNorm
    let output: Linear
    private let dropout: Double

    init(_ options: FixedPointOptions, weights: inout Weights, stream: RandomStream?) {
        let size = options.decoder
        dropout = size.dropout
        input = Linear("decoder.input", options.encoder.width, size.width, weights: &weights, stream: stream)
        stack = AttentionStack("decoder.data", pairs: options.dataLayers, size, weights: &weights, stream: stream)
        rowNorm = LayerNorm("decoder.rowNorm", width: size.width, weights: &weights)
        nodeNorm = LayerNorm("decoder.nodeNorm", width: size.width, weights: &weights)
        func node(_ name: String) -> (Linear, LayerNorm) {
            (
                Linear(
                    "decoder.\(name)", size.width, size.width, bias: false, weights: &weights, stream: stream),
                LayerNorm("decoder.\(name)Norm", width: size.width, weights: &weights)
            )
        }
        (scale, scaleNorm) = node("scale")
        (offset, offsetNorm) = node("offset")
        (condition, conditionNorm) = node("condition")
        var blocks: [AdaptiveBlock] = []
        for index in 0..<size.layers {
            blocks.append(AdaptiveBlock("decoder.block\(index)", size, weights: &weights, stream: stream))
        }
        self.blocks = blocks
        norm = LayerNorm("decoder.norm", width: size.width, weights: &weights)
        output = Linear("decoder.output", size.width, 1, weights: &weights, stream: stream)
    }

    /// What is known of each node, d × width.
    struct Embedding {
        /// C
        let scale: Tensor
        /// P
        let offset: Tensor
        /// c
        let condition: Tensor
    }

    /// - Parameter tokens: n × d × the encoder's width.
    func embedding(_ tokens: Tensor, parents: [[Int]], dropping: RandomStream? = nil) -> Embedding {
        let z = rowNorm(stack(input(tokens), parents: parents, dropping: dropping?.stream("data")))
        let nodes = nodeNorm(z.maximum(axis: 0))
        return Embedding(
            scale: scaleNorm(scale(nodes)), offset: offsetNorm(offset(nodes)),
            condition: conditionNorm(condition(nodes)))
    }

    /// F̂ at points rows × d, rows × d; all nodes at once.
    func means(
        at points: Tensor, _ embedding: Embedding, parents: [[Int]], dropping: RandomStream? = nil
    ) -> Tensor {
        let k = points.reshaped(points.shape + [1]) * embedding.scale + embedding.offset
        var q = embedding.offset.broadcast(to: k.shape)
        for (index, block) in blocks.enumerated() {
            q = block(
                q, values: k, condition: embedding.condition, parents: parents,
                dropping: dropping.map { Dropout(rate: dropout, stream: $0.stream(index)) })
        }
        return output(norm(q)).reshaped(points.shape)
    }
}
