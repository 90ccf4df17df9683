import Networks
import Probability
import Tensors

/// The parameters that every block has: norms before queries, keys, values and the feed-forward half, and its layers.
struct BlockLayers: Sendable {
    let heads: Int
    let queryNorm, keyNorm, valueNorm, feedForwardNorm: LayerNorm
    let query, key, value, output, expansion, contraction: Linear

    init(_ name: String, _ size: FixedPointOptions.Part, weights: inout Weights, stream: RandomStream?) {
        heads = size.heads
        func norm(_ part: String) -> LayerNorm { LayerNorm("\(name).\(part)", width: size.width, weights: &weights) }
        func linear(_ part: String, _ inputs: Int, _ outputs: Int) -> Linear {
            Linear("\(name).\(part)", inputs, outputs, weights: &weights, stream: stream)
        }
        queryNorm = norm("queryNorm")
        query = linear("query", size.width, size.inner)
        keyNorm = norm("keyNorm")
        key = linear("key", size.width, size.inner)
        valueNorm = norm("valueNorm")
        value = linear("value", size.width, size.inner)
        output = linear("output", size.inner, size.width)
        feedForwardNorm = norm("feedForwardNorm")
        expansion = linear("expansion", size.width, size.hidden)
        contraction = linear("contraction", size.hidden, size.width)
    }
}

/// What training drops from the halves of a block.
struct Dropout {
    let rate: Double
    let stream: RandomStream

    func stream(_ name: String) -> Dropout { Dropout(rate: rate, stream: stream.stream(name)) }
    func callAsFunction(_ x: Tensor) -> Tensor { x.dropout(rate: rate, stream: stream) }
}

extension Linear {
    /// With first values on ±1/√inputs.
    init(
        _ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true, weights: inout Weights, stream: RandomStream?
    ) {
        self.init(
            name, inputs: inputs, outputs: outputs, bias: bias, initially: .uniform(gain: 1.0 / 3), weights: &weights,
            stream: stream)
    }

    /// x + dropped(h W + b), in one pass where nothing is dropped.
    func added(_ h: Tensor, to x: Tensor, dropping: Dropout?) -> Tensor {
        guard let dropping, dropping.rate > 0 else { return self(h, residual: x) }
        return x + dropping(self(h))
    }
}
