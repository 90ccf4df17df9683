import Networks
import Probability
import Tensors

/// The size of a `PairwiseNetwork`.
public struct PairwiseNetworkOptions: Codable, Sendable, Equatable {
    /// Channels of each ordered pair of genes.
    public var width: Int = 64
    public var blocks: Int = 4
    public var heads: Int = 4
    /// Channels of the triangle multiplication; 0 leaves it out.
    public var triangleWidth: Int = 32
    /// Hidden channels of the feed-forward layers, in widths.
    public var feedForwardFactor: Int = 2
    /// Whether the genes' causal order has a score of its own in the head.
    public var hasOrder = true

    public init() {}

    /// Networks written before there was a choice have an order.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        width = try container.decode(Int.self, forKey: .width)
        blocks = try container.decode(Int.self, forKey: .blocks)
        heads = try container.decode(Int.self, forKey: .heads)
        triangleWidth = try container.decode(Int.self, forKey: .triangleWidth)
        feedForwardFactor = try container.decode(Int.self, forKey: .feedForwardFactor)
        hasOrder = try container.decodeIfPresent(Bool.self, forKey: .hasOrder) ?? true
    }
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
    let input: Linear
    let blocks: [Block]
    let norm: LayerNorm
    let existence: Linear
    let order: Linear?

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
        order =
            options.hasOrder
            ? Linear(
                "order", inputs: options.width, outputs: 1, initially: .uniform(gain: 0.1), weights: &weights,
                stream: stream) : nil
    }

    /// How many weights such a network has, found without making it.
    static func parameterCount(_ options: PairwiseNetworkOptions, featureCount: Int) -> Int {
        let (k, c, f) = (options.width, options.triangleWidth, options.feedForwardFactor)
        let attention = 4 * k * k + 4 * k
        // With its two norms.
        let triangle = c == 0 ? 0 : 2 * (k * c + c) + (k * k + k) + (c * k + k) + 2 * k + 2 * c
        let feedForward = 2 * f * k * k + f * k + k
        let head = k + 1
        return featureCount * k + k + options.blocks * (2 * attention + triangle + feedForward + 6 * k)
            + 2 * k + (options.hasOrder ? 2 : 1) * head
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
        let e = existence(z).reshaped([d, d]) + Self.logitWithoutEvidence
        guard let order else { return e }
        let s = order(z.diagonal())  // d × 1
        return e + s.reshaped([1, d]) - s
    }

    /// Edges are rare: without evidence the logit starts near −2.
    static let logitWithoutEvidence: Float = -2

    /// Mean binary cross-entropy over the ordered pairs of distinct genes; `graph` is d × d with 1 where i → j.
    public func loss(_ features: Tensor, graph: [Float]) -> Tensor {
        logits(features).edgeCrossEntropy(graph: graph)
    }

    struct Block: Sendable {
        let rowNorm, columnNorm, feedForwardNorm: LayerNorm
        let row, column: AttentionLayer
        let triangle: Triangle?
        let feedForward: Perceptron

        init(_ name: String, _ options: PairwiseNetworkOptions, weights: inout Weights, stream: RandomStream) {
            let k = options.width
            rowNorm = LayerNorm("\(name).rowNorm", width: k, weights: &weights)
            row = AttentionLayer("\(name).row", width: k, heads: options.heads, weights: &weights, stream: stream)
            columnNorm = LayerNorm("\(name).columnNorm", width: k, weights: &weights)
            column = AttentionLayer("\(name).column", width: k, heads: options.heads, weights: &weights, stream: stream)
            triangle =
                options.triangleWidth > 0 ? Triangle(name, options, weights: &weights, stream: stream) : nil
            feedForwardNorm = LayerNorm("\(name).feedForwardNorm", width: k, weights: &weights)
            feedForward = Perceptron(
                "\(name).feedForward", widths: [k, options.feedForwardFactor * k, k], weights: &weights, stream: stream)
        }

        func callAsFunction(_ input: Tensor) -> Tensor {
            var z = input  // d × d × k
            z = row(rowNorm(z), axis: 1, residual: z)
            z = column(columnNorm(z), axis: 0, residual: z)
            if let triangle { z = z + triangle(z) }
            return feedForward(feedForwardNorm(z), residual: z)
        }
    }

    struct Triangle: Sendable {
        let channels: Int
        let norm, productNorm: LayerNorm
        let left, right, gate, output: Linear

        init(_ name: String, _ options: PairwiseNetworkOptions, weights: inout Weights, stream: RandomStream) {
            let (k, c) = (options.width, options.triangleWidth)
            channels = c
            func linear(_ part: String, _ inputs: Int, _ outputs: Int, gain: Double = 1) -> Linear {
                Linear(
                    "\(name).\(part)", inputs: inputs, outputs: outputs, initially: .uniform(gain: gain),
                    weights: &weights, stream: stream)
            }
            norm = LayerNorm("\(name).triangleNorm", width: k, weights: &weights)
            left = linear("left", k, c)
            right = linear("right", k, c)
            gate = linear("gate", k, k)
            productNorm = LayerNorm("\(name).productNorm", width: c, weights: &weights)
            output = linear("update", c, k, gain: 0.25)
        }

        func callAsFunction(_ z: Tensor) -> Tensor {
            let y = norm(z)
            return update(y, product(left(y), right(y)))
        }

        /// d × d × c, of a and b.
        func product(_ a: Tensor, _ b: Tensor) -> Tensor {
            .triangleProduct(a, b, scale: 1 / Float(a.shape[0]).squareRoot())
        }

        /// What is added to the z of some pairs, from their normalised z and their products.
        func update(_ y: Tensor, _ products: Tensor) -> Tensor {
            gate(y).sigmoid() * output(productNorm(products))
        }
    }
}
