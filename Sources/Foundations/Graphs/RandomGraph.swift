import Probability

/// The name of a family of random acyclic graphs, as users write it.
public enum GraphFamily: String, Sendable, Codable, CaseIterable {
    /// Every pair linked with the same probability (Erdős & Rényi 1959).
    case erdosRenyi
    /// Hubs with many parents: the in-degree follows a power law (Barabási & Albert 1999).
    case scaleFree
    /// Hubs with many children, as regulators are: the out-degree follows a power law.
    case scaleFreeTransposed
    /// Neighbours on a lattice, some links moved elsewhere: a small world (Watts & Strogatz 1998).
    case wattsStrogatz
    /// Groups of nodes, denser within than between (Holland, Laskey & Leinhardt 1983).
    case stochasticBlock
    /// Points in the unit square, linked where they are near.
    case geometric
    /// Modules cut out of a known network of gene regulation (Marbach et al. 2009).
    case geneNetwork
}

/// A distribution over acyclic graphs: a family and its parameters.
///
/// Source: Lorch et al. 2022, "Amortized Inference for Causal Structure Learning", appendix on simulated graphs, and the
/// generators that its package `avici` calls (igraph 0.10). A graph is drawn over nodes in an order of its own, each edge
/// between an earlier and a later one; then the nodes are permuted at random, so that the order tells nothing.
public enum RandomGraph: Sendable, Equatable {
    /// - `edgesPerNode`: expected number of parents of a node, whatever the number of nodes; at most 99 % of all pairs.
    case erdosRenyi(edgesPerNode: Double)
    /// - `edgesPerNode`: children of each node but the first few.
    /// - `power`: exponent of preferential attachment; the larger, the fewer and larger the hubs.
    case scaleFree(edgesPerNode: Int, power: Double)
    /// The same with every edge turned round.
    case scaleFreeTransposed(edgesPerNode: Int, power: Double)
    /// - `dimensions`: of the lattice, whose sides meet.
    /// - `reach`: steps on the lattice within which nodes are linked at first.
    /// - `rewiring`: probability of each end of a link to be moved.
    case wattsStrogatz(dimensions: Int, reach: Int, rewiring: Double)
    /// - `edgesPerNode`: expected number of parents of a node.
    /// - `damping`: probability of a link between blocks, relative to one within.
    case stochasticBlock(edgesPerNode: Double, blocks: Int, damping: Double)
    /// - `radius`: largest distance of linked points.
    case geometric(radius: Double)
    /// - `topShare`: share of the neighbouring genes, by modularity, among which the next one is drawn.
    case geneNetwork(RegulatoryNetwork, topShare: Double)

    public var family: GraphFamily {
        switch self {
        case .erdosRenyi: .erdosRenyi
        case .scaleFree: .scaleFree
        case .scaleFreeTransposed: .scaleFreeTransposed
        case .wattsStrogatz: .wattsStrogatz
        case .stochasticBlock: .stochasticBlock
        case .geometric: .geometric
        case .geneNetwork: .geneNetwork
        }
    }

    /// An acyclic graph of this distribution. A gene network must have `nodeCount` genes or more.
    public func draw(nodeCount: Int, stream: inout RandomStream) -> DirectedGraph {
        precondition(nodeCount > 0, "a graph has at least one node")
        let graph =
            switch self {
            case .erdosRenyi(let edgesPerNode):
                DirectedGraph.erdosRenyi(nodeCount, edgesPerNode: edgesPerNode, &stream)
            case .scaleFree(let edgesPerNode, let power):
                DirectedGraph.scaleFree(nodeCount, edgesPerNode: edgesPerNode, power: power, &stream)
            case .scaleFreeTransposed(let edgesPerNode, let power):
                DirectedGraph.scaleFree(nodeCount, edgesPerNode: edgesPerNode, power: power, &stream).transposed
            case .wattsStrogatz(let dimensions, let reach, let rewiring):
                DirectedGraph.wattsStrogatz(
                    nodeCount, dimensions: dimensions, reach: reach, rewiring: rewiring, &stream)
            case .stochasticBlock(let edgesPerNode, let blocks, let damping):
                DirectedGraph.stochasticBlock(
                    nodeCount, edgesPerNode: edgesPerNode, blocks: blocks, damping: damping, &stream)
            case .geometric(let radius):
                DirectedGraph.geometric(nodeCount, radius: radius, &stream)
            case .geneNetwork(let network, let topShare):
                network.module(of: nodeCount, topShare: topShare, stream: &stream).graph
            }
        return graph.relabelled(stream.permutation(nodeCount))
    }
}
