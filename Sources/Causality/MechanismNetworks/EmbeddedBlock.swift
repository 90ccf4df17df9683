import Networks
import Tensors

/// What one block of the decoder is to each node of a data set: see `EmbeddedMechanisms`, which names its tables.
struct EmbeddedBlock: Sendable {
    let queryTable, queryOffsets, outputTable: [Float]
    /// Of the standardised queries, d × width, with the norm's own scale and shift.
    let queryScale, queryShift: [Float]
    let gate, outputBias: [Float]
    let feedForwardScale, feedForwardShift, feedForwardGate: [Float]
    let expansion, expansionBias, contraction, contractionBias: [Float]
}

extension EmbeddedBlock {
    /// - Parameters:
    ///   - scale: Ċ, d × width.
    ///   - offset: Ṗ, d × width.
    init(_ block: AdaptiveBlock, scale: Tensor, offset: Tensor, _ condition: Tensor, on tape: Tape) {
        let layers = block.layers
        let by = block.modulation(of: condition)
        func parameter(_ parameter: Parameter) -> Tensor { tape.parameter(parameter) }
        func bias(_ layer: Linear) -> Tensor { parameter(layer.bias!) }
        let (d, width, heads) = (scale.shape[0], scale.shape[1], layers.heads)
        let attentionScale = by.attentionScale + 1

        /// a, b and c of keys or values: heads × 3 d × channels of a head.
        func parts(_ norm: LayerNorm, _ layer: Linear) -> Tensor {
            let scales = parameter(norm.scale) * attentionScale
            let weight = parameter(layer.weight)
            let shift = parameter(norm.shift) * attentionScale + by.attentionShift
            let all = Tensor.concatenated(
                [
                    (scale * scales).linear(weight: weight), (offset * scales).linear(weight: weight),
                    shift.linear(weight: weight, bias: bias(layer)),
                ], axis: 0)
            return all.reshaped([3 * d, heads, -1]).permuted([1, 0, 2])
        }
        /// heads × 3 d × n → d × 3 heads × n
        func table(_ x: Tensor) -> [Float] {
            x.reshaped([heads, 3, d, -1]).permuted([2, 1, 0, 3]).values
        }
        let keys = parts(layers.keyNorm, layers.key) * (1 / Float(layers.key.weight.shape[1] / heads).squareRoot())
        let queryWeight = parameter(layers.query.weight).reshaped([width, heads, -1]).permuted([1, 0, 2])
        queryTable = table(Tensor.product(keys, queryWeight, transposingB: true))
        queryOffsets = table(Tensor.product(keys, bias(layers.query).reshaped([heads, -1, 1])))
        let outputWeight = parameter(layers.output.weight).reshaped([heads, -1, width])
        outputTable = table(Tensor.product(parts(layers.valueNorm, layers.value), outputWeight))
        queryScale = (parameter(layers.queryNorm.scale) * attentionScale).values
        queryShift = (parameter(layers.queryNorm.shift) * attentionScale + by.attentionShift).values
        gate = by.attentionGate.values
        outputBias = bias(layers.output).values
        let feedForwardScale = by.feedForwardScale + 1
        self.feedForwardScale = (parameter(layers.feedForwardNorm.scale) * feedForwardScale).values
        feedForwardShift =
            (parameter(layers.feedForwardNorm.shift) * feedForwardScale + by.feedForwardShift).values
        feedForwardGate = by.feedForwardGate.values
        expansion = parameter(layers.expansion.weight).values
        expansionBias = bias(layers.expansion).values
        contraction = parameter(layers.contraction.weight).values
        contractionBias = bias(layers.contraction).values
    }
}
