import Matrices
import Probability

/// Reads the mechanisms of all nodes off context rows and a graph, at once: x_i = F_i(x_pa(i)) + N_i.
///
/// | paper | code | shape | meaning |
/// |---|---|---|---|
/// | D | `MechanismContext.values` | n × d | context rows, each node standardised |
/// | G | `MechanismContext.graph` | d nodes | who is a parent of whom, acyclic |
/// | T(·; D, G) ~ F | `NodeMechanisms` | | mean of every node given its parents |
/// | N | `StructuralModel.noise(of:)` | rows × d | what the parents leave unexplained |
///
/// Source of the problem: Mahajan et al. 2026, "Amortized Inference of Causal Models via Conditional Fixed-Point
/// Iterations" (arXiv 2410.06128), section 2.
/// Deviation from the paper: a mechanism also says how sure it is.
public protocol MechanismModel: Sendable {
    /// The same bytes at any number of workers.
    func mechanisms(of context: MechanismContext, workers: Int) throws -> any NodeMechanisms
}

/// The mechanisms of the nodes of one context, in its standardised units.
public protocol NodeMechanisms: Sendable {
    /// F_i of rows of the parents' values; it depends on nothing else of these rows.
    /// - Parameter parents: rows × parents, in the order of the graph's `parents[node]`; no columns for a root.
    func means(of node: Int, parents: Matrix<Float>) -> [Float]

    /// Standard deviations of what is believed of F_i at these rows, without the noise; zeros where only a best guess is
    /// known.
    func deviations(of node: Int, parents: Matrix<Float>) -> [Float]

    /// Residuals of the context rows by mechanisms that have not seen the row that they are of; nil stands for those of
    /// `means` itself.
    func leftOutResiduals(of node: Int) -> [Float]?

    /// Functions drawn from what is believed of them; themselves where only a best guess is known.
    func drawn(stream: RandomStream) -> any NodeMechanisms
}

extension NodeMechanisms {
    public func deviations(of node: Int, parents: Matrix<Float>) -> [Float] {
        Array(repeating: 0, count: parents.rows)
    }

    public func leftOutResiduals(of node: Int) -> [Float]? { nil }

    public func drawn(stream: RandomStream) -> any NodeMechanisms { self }
}
