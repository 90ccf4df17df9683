import Foundation
import Probability

/// Draws acyclic graphs G with probability in proportion to Π p over their edges × Π (1 − p) over all other ordered pairs:
/// independent edges, given that they close no cycle.
///
/// Such graphs are too many to add up, and thrown at random they nearly always have a cycle, so this is a Markov chain.
/// Its states are not graphs but their layers (Kuipers & Moffa 2017, "Partition MCMC for inference on acyclic digraphs"):
/// the first holds the nodes without parents, and each later one those whose parents all lie in layers before it, one
/// at least in the layer right before. Every acyclic graph has exactly one such list of layers, and the weight of all
/// graphs of a list is a product over nodes,
///
///     Π (1 − p(u, v)) over u in the layer of v or later × (1 − Π (1 − p(u, v)) over u in the layer right before),
///
/// the second factor for nodes beyond the first layer. A step takes a node out and puts it back anywhere, into a layer or
/// as a layer of its own, in proportion to these weights (a Gibbs step: it leaves the distribution as it is, and from any
/// list every other can be reached). Given the layers, the parents of a node are drawn exactly.
///
/// Probabilities are taken to lie from 2⁻⁴⁰ to 1 − 2⁻²⁴, so that no graph is impossible.
public struct AcyclicGraphChain: Sendable {
    private let count: Int
    /// log p and log (1 − p), count × count, row = source.
    private let logPresent: [Double]
    private let logAbsent: [Double]
    private var layers: [[Int]]
    private var stream: RandomStream

    /// Starts from a random order of the nodes, each a layer.
    public init(_ beliefs: EdgeBeliefs, stream: RandomStream) {
        count = beliefs.genes.count
        let probabilities = beliefs.probabilities.map { min(max(Double($0), 0x1p-40), 1 - 0x1p-24) }
        logPresent = probabilities.map { log($0) }
        logAbsent = probabilities.map { log1p(-$0) }
        self.stream = stream
        layers = self.stream.permutation(count).map { [$0] }
    }

    /// Puts every node to a new place that many times.
    public mutating func advance(sweeps: Int) {
        for _ in 0..<sweeps { for node in 0..<count { replace(node) } }
    }

    /// A graph of the layers as they stand.
    public mutating func draw() -> DirectedGraph {
        var edges: [Edge] = []
        for (place, layer) in layers.enumerated().dropFirst() {
            for node in layer {
                edges += oneParentAtLeast(of: node, among: layers[place - 1]).map { Edge($0, node) }
                for parent in layers[..<(place - 1)].joined()
                where stream.bernoulli(exp(logPresent[parent * count + node])) {
                    edges.append(Edge(parent, node))
                }
            }
        }
        return DirectedGraph(nodeCount: count, edges: edges)
    }

    /// Parents drawn one by one, each given that there will be one in the end.
    private mutating func oneParentAtLeast(of node: Int, among candidates: [Int]) -> [Int] {
        // The logarithm of none of the candidates from here on being a parent.
        var none = candidates.reduce(0.0) { $0 + logAbsent[$1 * count + node] }
        var parents: [Int] = []
        for (place, candidate) in candidates.enumerated() {
            let isLast = place == candidates.count - 1
            let plain = exp(logPresent[candidate * count + node])
            let probability = !parents.isEmpty ? plain : isLast ? 1 : min(1, plain / -expm1(none))
            if stream.bernoulli(probability) { parents.append(candidate) }
            none -= logAbsent[candidate * count + node]
        }
        return parents
    }

    // MARK: The step

    private mutating func replace(_ node: Int) {
        let old = layers.firstIndex { $0.contains(node) }!
        layers[old].removeAll { $0 == node }
        if layers[old].isEmpty { layers.remove(at: old) }
        let logWeights = weights(of: node)
        let largest = logWeights.max()!
        let choice = stream.index(weights: logWeights.map { exp($0 - largest) })
        // The first are new layers before each and behind all, the rest the layers themselves.
        if choice <= layers.count {
            layers.insert([node], at: choice)
        } else {
            layers[choice - layers.count - 1].append(node)
        }
    }

    /// Logarithms of the weights of all places for a node that is in no layer: as a layer of its own before each of the
    /// others and behind all, then in each; up to a common constant.
    private func weights(of node: Int) -> [Double] {
        let size = layers.count
        // No edge to the node from a layer, and from the node to a layer.
        let noneFrom = layers.map { $0.reduce(0.0) { $0 + logAbsent[$1 * count + node] } }
        let noneTo = layers.map { $0.reduce(0.0) { $0 + logAbsent[node * count + $1] } }
        var laterFrom = 0.0
        var suffix = Array(repeating: 0.0, count: size + 1)
        for place in (0..<size).reversed() {
            laterFrom += noneFrom[place]
            suffix[place] = laterFrom
        }
        // What the nodes of a layer give for a parent right before them: as it is, with the node beside, the node alone.
        var asItIs = Array(repeating: 0.0, count: size)
        var beside = asItIs
        var alone = asItIs
        for place in 0..<size {
            for other in layers[place] {
                alone[place] += logPresent[node * count + other]
                guard place > 0 else { continue }
                let none = layers[place - 1].reduce(0.0) { $0 + logAbsent[$1 * count + other] }
                asItIs[place] += Self.logOfOneLess(none)
                beside[place] += Self.logOfOneLess(none + logAbsent[node * count + other])
            }
        }
        var ownLayer: [Double] = []
        var inLayer: [Double] = []
        var earlierTo = 0.0
        for place in 0...size {
            let own = suffix[place] + (place > 0 ? Self.logOfOneLess(noneFrom[place - 1]) : 0)
            ownLayer.append(own + earlierTo + (place < size ? alone[place] - asItIs[place] : 0))
            guard place < size else { break }
            earlierTo += noneTo[place]
            inLayer.append(own + earlierTo + (place + 1 < size ? beside[place + 1] - asItIs[place + 1] : 0))
        }
        return ownLayer + inLayer
    }

    /// log(1 − exp x) for x < 0.
    private static func logOfOneLess(_ x: Double) -> Double { x > -0.693 ? log(-expm1(x)) : log1p(-exp(x)) }
}
