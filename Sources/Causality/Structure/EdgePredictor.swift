import Networks
import Probability
import Tensors

/// The size of an `EdgePredictor`; the first values are those of the published networks.
public struct EdgePredictorOptions: Codable, Sendable, Equatable {
    /// Pairs of blocks: one among the genes of each cell, one among the cells of each gene.
    public var layers = 8
    public var width = 128
    public var heads = 8
    /// Channels of a head's queries, keys and values.
    public var keySize = 32
    /// Hidden channels of the feed-forward layers, in widths.
    public var widening = 4
    /// Share of the values that training drops from what each half of a block adds.
    public var dropout = 0.1
    /// Channels of the vectors whose angle says how likely an edge is.
    public var outputs = 128
    /// Whether the loss passes over edges from a gene to itself.
    public var masksDiagonal = true
    public var input = InputStandardisation.zScores

    public init() {}
}

/// Turns cells into logits of edges: the network of AVICI (Lorch et al. 2022, section 4).
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | D | `x` | n × d × 2 | standardised values and who was intervened on, see `InputStandardisation` |
/// | | `z` | n × d × width | what is known of each gene in each cell |
/// | | `h` | d × width | the largest over cells |
/// | u_i | `u` | d × outputs | gene i as a cause, of length 1 |
/// | v_j | `v` | d × outputs | gene j as an effect, of length 1 |
/// | τ, β | `temperature`, `bias` | 1 | scale and shift of the logits |
/// | θ_ij | | d × d | logit of i → j: exp(τ) u_i · v_j + β |
///
/// Attention among genes and among cells treats both alike, so the logits are equivariant to the order of genes and
/// invariant to the order of cells.
///
/// | parameter | of the package `avici`, for block t and L layers, below `BaseModel/` |
/// |---|---|
/// | input.{weight, bias} | linear/{w, b} |
/// | block`t`.{queryNorm, keyNorm, valueNorm, feedForwardNorm}.{scale, shift} | layer_norm_{4t, 4t+1, 4t+2, 4t+3}/{scale, offset} |
/// | block`t`.{query, key, value}.{weight, bias} | multi_head_attention_t/{query, key, value}/{w, b} |
/// | block`t`.output.{weight, bias} | multi_head_attention_t/linear/{w, b} |
/// | block`t`.{expansion, contraction}.{weight, bias} | linear_{2t+1, 2t+2}/{w, b} |
/// | {norm, sourceNorm, targetNorm}.{scale, shift} | layer_norm_{8L, 8L+1, 8L+2}/{scale, offset} |
/// | {source, target}.{weight, bias} | linear_{4L+1, 4L+2}/{w, b} |
/// | temperature, bias | learned_temp, final_matrix_bias (1 × 1 × 1 there) |
///
/// Deviation from the paper: none in what is computed; the three norms of a block are one, see `FoldedBlock`.
public struct EdgePredictor: Sendable {
    public let options: EdgePredictorOptions
    let input: Linear
    let blocks: [AxialBlock]
    let norm: LayerNorm
    private let sourceNorm, targetNorm: LayerNorm
    private let source, target: Linear
    private let temperature: Parameter
    let bias: Parameter

    /// Adds the network's parameters to `weights`.
    /// - Parameter stream: Of the first values; nil leaves zeros, for weights that come from a file.
    public init(_ options: EdgePredictorOptions, weights: inout Weights, stream: RandomStream?) {
        self.options = options
        let k = options.width
        // Unlike in the blocks, the published code does not make up here for what the cut takes from the variance.
        input = Linear(
            "input", inputs: 2, outputs: k, initially: .haikuLinear,
            weights: &weights, stream: stream)
        var blocks = [AxialBlock]()
        for index in 0..<2 * options.layers {
            blocks.append(
                AxialBlock("block\(index)", options, axis: 1 - index % 2, weights: &weights, stream: stream))
        }
        self.blocks = blocks
        norm = LayerNorm("norm", width: k, weights: &weights)
        sourceNorm = LayerNorm("sourceNorm", width: k, weights: &weights)
        source = Linear(
            "source", inputs: k, outputs: options.outputs, initially: .uniform(gain: 2), weights: &weights,
            stream: stream)
        targetNorm = LayerNorm("targetNorm", width: k, weights: &weights)
        target = Linear(
            "target", inputs: k, outputs: options.outputs, initially: .uniform(gain: 2), weights: &weights,
            stream: stream)
        temperature = weights.add("temperature", shape: [1], repeating: 2)
        bias = weights.add("bias", shape: [1], repeating: -3)
    }

    /// How many weights such a network has, found without making it.
    static func parameterCount(_ options: EdgePredictorOptions) -> Int {
        let (k, inner, hidden) = (options.width, options.heads * options.keySize, options.widening * options.width)
        let attention = 3 * (k * inner + inner) + inner * k + k
        let feedForward = k * hidden + hidden + hidden * k + k
        let heads = 6 * k + 2 * (k * options.outputs + options.outputs) + 2
        return 3 * k + 2 * options.layers * (attention + feedForward + 8 * k) + heads
    }

    /// Logits of i → j, d × d, from cells n × d × 2. The diagonal has no meaning where it is masked.
    /// - Parameter dropout: Draws what is dropped in training; nil drops nothing.
    public func logits(_ x: Tensor, dropout: RandomStream? = nil) -> Tensor {
        precondition(x.rank == 3 && x.shape[2] == 2 && x.shape[0] > 0, "cells n × d × 2 expected, \(x.shape) given")
        var z = input(x)
        for (index, block) in blocks.enumerated() {
            z = block.folded(on: x.tape)(z, dropout: dropout.map { ($0.stream(index), options.dropout) })
        }
        return edges(norm(z).maximum(axis: 0))
    }

    /// Logits from what is known of each gene, d × width.
    func edges(_ h: Tensor) -> Tensor {
        let u = source(sourceNorm(h)).normalised()
        let v = target(targetNorm(h)).normalised()
        let tape = h.tape
        return Tensor.product(u, v, transposingB: true) * tape.parameter(temperature).exp() + tape.parameter(bias)
    }
}
