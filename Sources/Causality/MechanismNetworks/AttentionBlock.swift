import Networks
import Probability
import Tensors

/// Attention along one axis of tokens n × d × width, then a feed-forward layer, each on normalised input and added to it.
struct AttentionBlock: Sendable {
    enum Axis {
        /// Among the rows of each node, softmax.
        case rows
        /// Among the nodes of each row, from parents to children.
        case nodes
    }

    let axis: Axis
    private let layers: BlockLayers

    init(
        _ name: String, axis: Axis, _ size: FixedPointOptions.Part, weights: inout Weights, stream: RandomStream?
    ) {
        self.axis = axis
        layers = BlockLayers(name, size, weights: &weights, stream: stream)
    }

    /// n × d × width → n × d × width.
    func callAsFunction(_ z: Tensor, parents: [[Int]], dropping: Dropout? = nil) -> Tensor {
        let tape = z.tape
        // The three norms of the same tokens differ in scale and shift only, which go into one product for all three.
        let parts = [
            (layers.queryNorm, layers.query), (layers.keyNorm, layers.key), (layers.valueNorm, layers.value),
        ].map { folded($0, $1, tape) }
        let projected = z.standardisedLinear(
            weight: .concatenated(parts.map(\.weight), axis: 1), bias: .concatenated(parts.map(\.bias), axis: 0))
        let attended =
            switch axis {
            case .rows: projected.selfAttention(heads: layers.heads, axis: 0)
            case .nodes: projected.parentAttention(heads: layers.heads, parents: parents)
            }
        let y = layers.output.added(attended, to: z, dropping: dropping?.stream("attention"))
        let (weight, bias) = folded(layers.feedForwardNorm, layers.expansion, tape)
        let hidden = y.standardisedLinear(weight: weight, bias: bias, activation: .relu)
        return layers.contraction.added(hidden, to: y, dropping: dropping?.stream("feedForward"))
    }

    /// (x ⊙ s + t) W + b = x (s ⊙ W) + (t W + b), with s along the rows of W.
    private func folded(_ norm: LayerNorm, _ layer: Linear, _ tape: Tape) -> (weight: Tensor, bias: Tensor) {
        let weight = tape.parameter(layer.weight)
        return (
            tape.parameter(norm.scale).reshaped([-1, 1]) * weight,
            tape.parameter(norm.shift).linear(weight: weight, bias: layer.bias.map(tape.parameter))
        )
    }
}

/// Pairs of blocks, one among rows and one among nodes.
struct AttentionStack: Sendable {
    private let blocks: [AttentionBlock]
    private let dropout: Double

    init(
        _ name: String, pairs: Int, _ size: FixedPointOptions.Part, weights: inout Weights, stream: RandomStream?
    ) {
        dropout = size.dropout
        var blocks: [AttentionBlock] = []
        for index in 0..<2 * pairs {
            blocks.append(
                AttentionBlock(
                    "\(name)\(index)", axis: index % 2 == 0 ? .rows : .nodes, size, weights: &weights, stream: stream))
        }
        self.blocks = blocks
    }

    /// n × d × width → n × d × width.
    /// - Parameter stream: Of what is dropped in training; nil drops nothing.
    func callAsFunction(_ z: Tensor, parents: [[Int]], dropping stream: RandomStream? = nil) -> Tensor {
        var z = z
        for (index, block) in blocks.enumerated() {
            let dropping = stream.map { Dropout(rate: dropout, stream: $0.stream(index)) }
            z = z.tape.recording ? block(z, parents: parents, dropping: dropping) : inGroups(block, z, parents)
        }
        return z
    }

    /// Tokens that go through a block at once where no way back is kept: many for the products, few for the memory.
    private static let tokensAtOnce = 4096

    /// A block only joins tokens along its own axis, so it takes the others in groups.
    private func inGroups(_ block: AttentionBlock, _ z: Tensor, _ parents: [[Int]]) -> Tensor {
        let (along, other) = block.axis == .rows ? (0, 1) : (1, 0)
        let size = max(1, Self.tokensAtOnce / max(1, z.shape[along]))
        guard size < z.shape[other] else { return block(z, parents: parents) }
        let groups = stride(from: 0, to: z.shape[other], by: size).map { $0..<min(z.shape[other], $0 + size) }
        return .concatenated(groups.map { block(z.sliced($0, axis: other), parents: parents) }, axis: other)
    }
}
