import Networks
import Probability
import Tensors

/// The published amortised network of mechanisms, Cond-FiP: rows and an acyclic graph in, F̂ at any point out.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | D | `rows` | n × d | standardised context rows |
/// | G | `parents` | d | the parents of each node |
/// | M | | d × d | 1 where j is a parent of i; a node does not attend to itself |
/// | DA_M(Q, K, V) | `Tensor.parentAttention` | … × d × heads · c | attention of nodes to parents, of shares that may add up to less than 1 |
/// | e, embedding of the data | `MechanismEncoder.tokens` | n × d × width | pairs of blocks, among rows by softmax and among nodes by DA_M |
/// | | `MechanismEncoder.means` | n × d | F(x) of the context rows, by a head of leaky rectified layers |
/// | μ(D, G) | `nodes` in `MechanismDecoder.embedding` | d × width | largest value over rows after pairs of blocks |
/// | C, P, c | `Embedding.{scale, offset, condition}` | d × width | of each node: how its value is embedded, where it stands, what steers its blocks |
/// | z | `points` | rows × d | where the mechanisms are asked |
/// | k_i = z_i C_i + P_i | `k` | rows × d × width | keys and values of all blocks, the same in each |
/// | q_i | `q` | rows × d × width | P_i at first; moved by each block |
/// | (sh₁, sc₁, g₁, sh₂, sc₂, g₂)(c_i) | `AdaptiveBlock.Modulation` | d × width | shifts and scales of the norms, gates of both halves |
/// | T(z; D, G)_i | `MechanismDecoder.means` | rows × d | F̂_i(z), which depends on z at the parents of i alone |
///
/// z = T(z) + n has one solution, which d rounds of iteration reach from anywhere; so does one sweep along the graph
/// (`StructuralModel`). Of what an answer costs, `EmbeddedMechanisms` leaves out all that does not change it.
///
/// Source: Mahajan et al. 2026, "Amortized Inference of Causal Models via Conditional Fixed-Point Iterations" (arXiv
/// 2410.06128), dataset encoder and Cond-FiP; where the paper leaves a choice open, that of the published code.
/// Deviation from the paper: none in what is computed. The first biases of layers are 0, not drawn on ±1/√inputs.
public struct FixedPointNetwork: Sendable {
    public let options: FixedPointOptions
    let encoder: MechanismEncoder
    let decoder: MechanismDecoder

    /// Adds the network's parameters to `weights`, those of the encoder first.
    /// - Parameter stream: Of the first values; nil leaves zeros, for weights that come from a file.
    public init(_ options: FixedPointOptions, weights: inout Weights, stream: RandomStream?) {
        self.options = options
        encoder = MechanismEncoder(options, weights: &weights, stream: stream)
        decoder = MechanismDecoder(options, weights: &weights, stream: stream)
    }
}
