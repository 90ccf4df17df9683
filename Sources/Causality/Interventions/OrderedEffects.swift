import Probability

/// The edges of an acyclic graph with their effects, and its genes so ordered that causes come before what they act on.
///
/// x (I − B)⁻¹ is the solution y of y = x + y B: along the order each gene's value is its own push and what its parents
/// pass on, so one vector costs as much as there are edges.
struct OrderedEffects {
    /// Fewer genes than there are where the edges close a cycle.
    let order: [Int]
    /// The parents of gene j, rising, stand at starts[j]..<starts[j + 1].
    private let starts: [Int]
    private let parents: [Int]
    private let effects: [Double]

    /// - Parameter edges: Ordered by source, then target; edges without effect are left out.
    init(_ edges: [(source: Int, target: Int, effect: Double)], genes d: Int) {
        var starts = [Int](repeating: 0, count: d + 1)
        var children = starts
        for edge in edges where edge.effect != 0 {
            starts[edge.target + 1] += 1
            children[edge.source + 1] += 1
        }
        var missing = (0..<d).map { starts[$0 + 1] }
        for j in 0..<d {
            starts[j + 1] += starts[j]
            children[j + 1] += children[j]
        }
        let count = starts[d]
        var next = starts
        var parents = [Int](repeating: 0, count: count)
        var effects = [Double](repeating: 0, count: count)
        var targets: [Int] = []
        targets.reserveCapacity(count)
        for edge in edges where edge.effect != 0 {
            parents[next[edge.target]] = edge.source
            effects[next[edge.target]] = edge.effect
            next[edge.target] += 1
            targets.append(edge.target)
        }
        var order = (0..<d).filter { missing[$0] == 0 }
        order.reserveCapacity(d)
        var place = 0
        while place < order.count {
            let i = order[place]
            place += 1
            for edge in children[i]..<children[i + 1] {
                missing[targets[edge]] -= 1
                if missing[targets[edge]] == 0 { order.append(targets[edge]) }
            }
        }
        self.order = order
        self.starts = starts
        self.parents = parents
        self.effects = effects
    }

    /// - Parameter effects: genes × genes; row = source.
    init(matrix effects: [Double], genes d: Int) {
        var edges: [(source: Int, target: Int, effect: Double)] = []
        for i in 0..<d {
            for j in 0..<d where effects[i * d + j] != 0 { edges.append((i, j, effects[i * d + j])) }
        }
        self.init(edges, genes: d)
    }

    var isAcyclic: Bool { order.count == starts.count - 1 }

    func parents(of j: Int) -> ArraySlice<Int> { parents[starts[j]..<starts[j + 1]] }

    /// The value of gene j: its own push and what its parents pass on.
    func value(_ j: Int, push: Double, from values: [Double]) -> Double {
        var sum = push
        for edge in starts[j]..<starts[j + 1] { sum += effects[edge] * values[parents[edge]] }
        return sum
    }

    /// pushes · (I − B)⁻¹
    func total(of pushes: [Double]) -> [Double] {
        precondition(isAcyclic, "an acyclic graph expected, found one with a cycle")
        var values = pushes
        for j in order { values[j] = value(j, push: pushes[j], from: values) }
        return values
    }

    /// The same where the genes of `fixed` have the value of their push whatever their parents do.
    func total(of pushes: [Double], fixed: [Bool]) -> [Double] {
        precondition(isAcyclic, "an acyclic graph expected, found one with a cycle")
        var values = pushes
        for j in order where !fixed[j] { values[j] = value(j, push: pushes[j], from: values) }
        return values
    }
}

/// Draws of a member's graph from its edge probabilities.
struct GraphDraws {
    private let genes: Int
    /// Edges of probability above 0.001, by source, then target.
    private let edges: [(source: Int, target: Int, effect: Double)]
    private let probabilities: [Double]
    /// Places of `edges` by falling probability, for breaking cycles.
    private let ranking: [Int]

    init(_ member: InterventionModel.Member, genes d: Int) {
        genes = d
        var edges: [(source: Int, target: Int, effect: Double)] = []
        var probabilities: [Double] = []
        for i in 0..<d {
            for j in 0..<d where i != j {
                let p = InterventionModel.finalProbability(member, i * d + j)
                if p > 1e-3 {
                    edges.append((i, j, member.mechanisms.effects[i * d + j]))
                    probabilities.append(p)
                }
            }
        }
        self.edges = edges
        self.probabilities = probabilities
        // Rising places are rising sources and targets: ties are broken as in `Acyclicity.breakCycles`.
        ranking = edges.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
    }

    /// What would close a cycle is left out.
    func draw(_ random: inout RandomStream) -> OrderedEffects {
        var isDrawn = probabilities.map { random.bernoulli($0) }
        let drawn = OrderedEffects(edges.indices.filter { isDrawn[$0] }.map { edges[$0] }, genes: genes)
        if drawn.isAcyclic { return drawn }
        var paths = Acyclicity.Paths(genes: genes)
        for place in ranking where isDrawn[place] && edges[place].effect != 0 {
            isDrawn[place] = paths.add(edges[place].source, edges[place].target)
        }
        return OrderedEffects(edges.indices.filter { isDrawn[$0] }.map { edges[$0] }, genes: genes)
    }
}
