import Networks
import Probability
import Tensors

/// The size of a `PairwiseNetwork`.
public struct PairwiseNetworkOptions: Codable, Sendable, Equatable {
    /// Channels of each ordered pair of genes.
    public var width: Int = 64
    public var blocks: Int = 4
    public var heads: Int = 4
    /// Channels of the triangle multiplication.
    public var triangleWidth: Int = 32
    /// Hidden channels of the feed-forward layers, in widths.
    public var feedForwardFactor: Int = 2

    public init() {}
}

/// Turns statistics of pairs of genes into logits of edges.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | x_ij | features | d × d × F | statistics of the ordered pair (i, j), see `PairFeatures` |
/// | z_ij | `z` | d × d × width | what is known of the pair |
/// | a, b | `left`, `right` | d × d × triangleWidth | factors of the triangle multiplication |
/// | e_ij | `existence` | d × d | logit of an edge between i and j in this direction |
/// | s_i | `order` | d | causal order: edges go from low to high |
/// | logit_ij | | d × d | e_ij + s_j − s_i |
///
/// Each block attends along the row of i (what else may i cause), along the column of j (what else may cause j), lets
/// pairs (i, k) and (k, j) speak to (i, j) (z_ij += Σₖ a_ik ⊙ b_kj, Jumper et al. 2021), and ends in a feed-forward
/// layer, all on normalised input and added to z. Every operation treats genes alike, so the logits are equivariant to
/// the order of genes; the features are invariant to the order of cells, and so are they.
/// Sources: Lorch et al. 2022 for the task and its training on simulated worlds; Wu et al. 2024 ("Sample, Estimate,
/// Aggregate") for starting from statistics.
/// Deviation from the paper: cells are summarised before the network, not attended to; no acyclicity penalty, since the
/// order score makes an acyclic reading possible by sorting.
public struct PairwiseNetwork: Sendable {
    public let options: PairwiseNetworkOptions
    public let featureCount: Int
    private let input: Linear
    private let blocks: [Block]
    private let norm: LayerNorm
    private let existence: Linear
    private let order: Linear

    /// Adds the network's parameters to `weights`.
    public init(_ options: PairwiseNetworkOptions, featureCount: Int, weights: inout Weights, stream: RandomStream) {
        self.options = options
        self.featureCount = featureCount
        input = Linear("input", inputs: featureCount, outputs: options.width, weights: &weights, stream: stream)
        var blocks = [Block]()
        for index in 0..<options.blocks {
            blocks.append(Block("block\(index)", options, weights: &weights, stream: stream))
        }
        self.blocks = blocks
        norm = LayerNorm("norm", width: options.width, weights: &weights)
        existence = Linear(
            "existence", inputs: options.width, outputs: 1, initially: .uniform(gain: 0.1), weights: &weights,
            stream: stream)
        order = Linear(
            "order", inputs: options.width, outputs: 1, initially: .uniform(gain: 0.1), weights: &weights,
            stream: stream)
    }

    /// How many weights such a network has, found without making it.
    static func parameterCount(_ options: PairwiseNetworkOptions, featureCount: Int) -> Int {
        let (k, c, f) = (options.width, options.triangleWidth, options.feedForwardFactor)
        let attention = 4 * k * k + 4 * k
        let triangle = 2 * (k * c + c) + (k * k + k) + (c * k + k)
        let feedForward = 2 * f * k * k + f * k + k
        let norms = 8 * k + 2 * c
        return featureCount * k + k + options.blocks * (2 * attention + triangle + feedForward + norms) + 4 * k + 2
    }

    /// Logits of i → j, d × d, from features d × d × F. The diagonal has no meaning.
    public func logits(_ features: Tensor) -> Tensor {
        precondition(
            features.rank == 3 && features.shape[0] == features.shape[1] && features.shape[2] == featureCount,
            "features of d × d × \(featureCount) expected, \(features.shape) given")
        let d = features.shape[0]
        var z = input(features)
        for block in blocks { z = block(z) }
        z = norm(z)
        let s = order(z.diagonal())  // d × 1
        // Edges are rare: without evidence the logit starts near −2.
        let e = existence(z).reshaped([d, d]) - 2
        return e + s.reshaped([1, d]) - s
    }

    /// Mean binary cross-entropy over the ordered pairs of distinct genes; `graph` is d × d with 1 where i → j.
    public func loss(_ features: Tensor, graph: [Float]) -> Tensor {
        logits(features).edgeCrossEntropy(graph: graph)
    }

    private struct Block: Sendable {
        let rowNorm, columnNorm, triangleNorm, productNorm, feedForwardNorm: LayerNorm
        let row, column: AttentionLayer
        let left, right, gate, update: Linear
        let feedForward: Perceptron

        init(_ name: String, _ options: PairwiseNetworkOptions, weights: inout Weights, stream: RandomStream) {
            let (k, c) = (options.width, options.triangleWidth)
            func norm(_ part: String, _ width: Int) -> LayerNorm {
                LayerNorm("\(name).\(part)", width: width, weights: &weights)
            }
            func linear(_ part: String, _ inputs: Int, _ outputs: Int, gain: Double = 1) -> Linear {
                Linear(
                    "\(name).\(part)", inputs: inputs, outputs: outputs, initially: .uniform(gain: gain),
                    weights: &weights, stream: stream)
            }
            rowNorm = norm("rowNorm", k)
            row = AttentionLayer("\(name).row", width: k, heads: options.heads, weights: &weights, stream: stream)
            columnNorm = norm("columnNorm", k)
            column = AttentionLayer("\(name).column", width: k, heads: options.heads, weights: &weights, stream: stream)
            triangleNorm = norm("triangleNorm", k)
            left = linear("left", k, c)
            right = linear("right", k, c)
            gate = linear("gate", k, k)
            productNorm = norm("productNorm", c)
            update = linear("update", c, k, gain: 0.25)
            feedForwardNorm = norm("feedForwardNorm", k)
            feedForward = Perceptron(
                "\(name).feedForward", widths: [k, options.feedForwardFactor * k, k], weights: &weights, stream: stream)
        }

        func callAsFunction(_ input: Tensor) -> Tensor {
            var z = input  // d × d × k
            z = row(rowNorm(z), axis: 1, residual: z)
            z = column(columnNorm(z), axis: 0, residual: z)
            let y = triangleNorm(z)
            let triangles = Tensor.triangleProduct(
                left(y), right(y), scale: 1 / Float(z.shape[0]).squareRoot())  // d × d × c
            z = z + gate(y).sigmoid() * update(productNorm(triangles))
            return feedForward(feedForwardNorm(z), residual: z)
        }
    }
}
