import Networks
import Probability
import Tensors

/// One block of an `EdgePredictor`: attention along one axis, then a feed-forward layer, each on normalised input and
/// added to it. The parameters are those of the published network; `folded(on:)` brings them into the form of the work.
struct AxialBlock: Sendable {
    /// 1: among the genes of each cell; 0: among the cells of each gene.
    let axis: Int
    private let heads: Int
    private let queryNorm, keyNorm, valueNorm, feedForwardNorm: LayerNorm
    private let query, key, value, output, expansion, contraction: Linear

    init(_ name: String, _ options: EdgePredictorOptions, axis: Int, weights: inout Weights, stream: RandomStream?) {
        self.axis = axis
        heads = options.heads
        let (k, inner) = (options.width, options.heads * options.keySize)
        func norm(_ part: String) -> LayerNorm { LayerNorm("\(name).\(part)", width: k, weights: &weights) }
        func linear(_ part: String, _ inputs: Int, _ outputs: Int, _ values: InitialValues) -> Linear {
            Linear(
                "\(name).\(part)", inputs: inputs, outputs: outputs, initially: values, weights: &weights,
                stream: stream)
        }
        queryNorm = norm("queryNorm")
        query = linear("query", k, inner, .truncatedNormal(gain: 2))
        keyNorm = norm("keyNorm")
        key = linear("key", k, inner, .truncatedNormal(gain: 2))
        valueNorm = norm("valueNorm")
        value = linear("value", k, inner, .truncatedNormal(gain: 2))
        output = linear("output", inner, k, .truncatedNormal(gain: 2))
        feedForwardNorm = norm("feedForwardNorm")
        expansion = linear("expansion", k, options.widening * k, .uniform(gain: 2))
        contraction = linear("contraction", options.widening * k, k, .uniform(gain: 2))
    }

    /// The block with each norm's scale and shift inside of the layer behind it, as operations of the tape, so that
    /// gradients find their way to the published parameters.
    func folded(on tape: Tape) -> FoldedBlock {
        let (queryWeight, queryBias) = folded(queryNorm, query, tape)
        let (valueWeight, valueBias) = folded(valueNorm, value, tape)
        let (expansionWeight, expansionBias) = folded(feedForwardNorm, expansion, tape)
        // A shift that all keys share moves all scores of a query alike, which the softmax does not see.
        let keyBias = tape.constant(Array(repeating: 0, count: key.weight.shape[1]), shape: [key.weight.shape[1]])
        return FoldedBlock(
            axis: axis, heads: heads,
            projectionWeight: .concatenated([queryWeight, folded(keyNorm, key, tape).weight, valueWeight], axis: 1),
            projectionBias: .concatenated([queryBias, keyBias, valueBias], axis: 0),
            outputWeight: tape.parameter(output.weight), outputBias: output.bias.map(tape.parameter),
            expansionWeight: expansionWeight, expansionBias: expansionBias,
            contractionWeight: tape.parameter(contraction.weight),
            contractionBias: contraction.bias.map(tape.parameter))
    }

    /// (x ⊙ s + t) W + b = x (s ⊙ W) + (t W + b), with s along the rows of W.
    private func folded(_ norm: LayerNorm, _ layer: Linear, _ tape: Tape) -> (weight: Tensor, bias: Tensor) {
        let weight = tape.parameter(layer.weight)
        let bias = layer.bias.map(tape.parameter)
        return (
            tape.parameter(norm.scale).reshaped([layer.weight.shape[0], 1]) * weight,
            tape.parameter(norm.shift).linear(weight: weight, bias: bias)
        )
    }
}

/// A block as it is computed: the published one has three layer norms of the same tokens before queries, keys and values;
/// their standardisation is one and the same, and their scales and shifts go into one product for all three.
struct FoldedBlock {
    let axis: Int
    let heads: Int
    /// width × 3 · heads · keySize: queries, keys and values side by side.
    let projectionWeight, projectionBias: Tensor
    let outputWeight: Tensor
    let outputBias: Tensor?
    let expansionWeight, expansionBias: Tensor
    let contractionWeight: Tensor
    let contractionBias: Tensor?

    /// n × d × width → n × d × width.
    func callAsFunction(_ z: Tensor, dropout: (stream: RandomStream, share: Double)? = nil) -> Tensor {
        /// x + dropped(h W + b), in one pass where nothing is dropped.
        func added(_ h: Tensor, _ weight: Tensor, _ bias: Tensor?, to x: Tensor, _ half: String) -> Tensor {
            guard let dropout, dropout.share > 0 else { return h.linear(weight: weight, bias: bias, residual: x) }
            return x
                + h.linear(weight: weight, bias: bias).dropout(rate: dropout.share, stream: dropout.stream.stream(half))
        }
        let attended = z.standardisedLinear(weight: projectionWeight, bias: projectionBias)
            .selfAttention(heads: heads, axis: axis)
        let y = added(attended, outputWeight, outputBias, to: z, "attention")
        let hidden = y.standardisedLinear(weight: expansionWeight, bias: expansionBias, activation: .relu)
        return added(hidden, contractionWeight, contractionBias, to: y, "feedForward")
    }
}
