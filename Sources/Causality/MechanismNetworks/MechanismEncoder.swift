import Networks
import Probability
import Tensors

/// Turns rows of nodes into tokens, and tokens into F(x) of the rows themselves: see `FixedPointNetwork`.
struct MechanismEncoder: Sendable {
    private let input: Linear
    private let stack: AttentionStack
    private let norm: LayerNorm
    private let head: [Linear]

    init(_ options: FixedPointOptions, weights: inout Weights, stream: RandomStream?) {
        let size = options.encoder
        input = Linear("encoder.input", 1, size.width, weights: &weights, stream: stream)
        stack = AttentionStack("encoder.block", pairs: size.layers, size, weights: &weights, stream: stream)
        norm = LayerNorm("encoder.norm", width: size.width, weights: &weights)
        var head: [Linear] = []
        for (place, outputs) in [options.headWidth, options.headWidth, 1].enumerated() {
            head.append(
                Linear(
                    "encoder.head\(place)", place == 0 ? size.width : options.headWidth, outputs, weights: &weights,
                    stream: stream))
        }
        self.head = head
    }

    /// e, n × d × width, of standardised rows n × d.
    func tokens(_ x: Tensor, parents: [[Int]], dropping: RandomStream? = nil) -> Tensor {
        norm(stack(input(x.reshaped(x.shape + [1])), parents: parents, dropping: dropping))
    }

    /// F(x), n × d, of the rows that the tokens are of.
    func means(_ tokens: Tensor) -> Tensor {
        let hidden = head.dropLast().reduce(tokens) { value, layer in
            let h = layer(value)
            // max(h, h/100)
            return h.relu() * 0.99 + h * 0.01
        }
        return head[head.count - 1](hidden).reshaped(Array(tokens.shape.dropLast()))
    }
}
