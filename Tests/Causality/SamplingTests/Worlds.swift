import Foundation
import Generators
import Identification
import Probability
import Sampling

func diagram(_ directed: String, _ bidirected: String = "", latent: [String] = []) throws -> CausalDiagram {
    func pairs(_ text: String) -> [DiagramDescription.Pair] {
        text.split(separator: " ").map { edge in
            let ends = edge.split(separator: "-").map(String.init)
            return .init(ends[0], ends[1])
        }
    }
    let (arrows, arcs) = (pairs(directed), pairs(bidirected))
    var nodes: [String] = []
    for pair in arrows + arcs {
        for name in [pair.first, pair.second] where !nodes.contains(name) && !latent.contains(name) {
            nodes.append(name)
        }
    }
    return try CausalDiagram(.init(nodes: nodes, directed: arrows, bidirected: arcs, latent: latent))
}

func labels(_ count: Int) -> NodeKind { .category(labels: (0..<count).map(String.init)) }

/// A discrete structural causal model with explicit latents: each variable's table given its parents, drawn at random.
struct DiscreteWorld {
    struct Variable {
        let name: String
        let levels: Int
        let parents: [Int]
        /// By strata of the parents, the last fastest.
        let table: [[Double]]
    }

    let variables: [Variable]

    /// Latents U0, U1, … of three levels, one a bidirected edge, then the nodes of the diagram.
    init(_ diagram: CausalDiagram, levels: Int, seed: UInt64) {
        var stream = RandomStream(seed: seed).stream("world")
        var variables: [Variable] = []
        var latents: [Int: [Int]] = [:]
        func draw(_ count: Int) -> [Double] {
            // A cube of uniforms makes rows uneven: strong effects.
            let raw = (0..<count).map { _ in 0.03 + pow(stream.uniform(), 3) }
            return raw.map { $0 / raw.reduce(0, +) }
        }
        for node in 0..<diagram.count {
            for sibling in diagram.siblings[node] where sibling > node {
                latents[node, default: []].append(variables.count)
                latents[sibling, default: []].append(variables.count)
                variables.append(.init(name: "U\(variables.count)", levels: 3, parents: [], table: [draw(3)]))
            }
        }
        let offset = variables.count
        for node in 0..<diagram.count {
            let parents = diagram.parents[node].map { $0 + offset } + (latents[node] ?? [])
            let strata = parents.reduce(1) { $0 * ($1 < offset ? 3 : levels) }
            variables.append(
                .init(
                    name: diagram.names[node], levels: levels, parents: parents,
                    table: (0..<strata).map { _ in draw(levels) }))
        }
        self.variables = variables
    }

    init(variables: [Variable]) { self.variables = variables }

    private func row(_ variable: Variable, _ values: [Int]) -> [Double] {
        variable.table[variable.parents.reduce(0) { $0 * variables[$1].levels + values[$1] }]
    }

    /// Rows of all variables but the latents.
    func rows(_ count: Int, seed: UInt64) -> NodeTable {
        var stream = RandomStream(seed: seed).stream("rows")
        var columns = variables.map { _ in [Float](repeating: 0, count: count) }
        var values = [Int](repeating: 0, count: variables.count)
        for row in 0..<count {
            for (place, variable) in variables.enumerated() {
                values[place] = stream.index(weights: self.row(variable, values))
                columns[place][row] = Float(values[place])
            }
        }
        var table = NodeTable(rows: count)
        for (place, variable) in variables.enumerated() where !variable.name.hasPrefix("U") {
            table[variable.name] = NodeColumn(labels(variable.levels), columns[place])
        }
        return table
    }

    /// P(outcome | do(treatments), conditions) by summing over everything.
    func truth(of outcome: String, doing: [String: Int], given: [String: Int] = [:]) -> [Double] {
        let target = variables.firstIndex { $0.name == outcome }!
        var result = [Double](repeating: 0, count: variables[target].levels)
        var values = [Int](repeating: 0, count: variables.count)
        func descend(_ place: Int, _ weight: Double) {
            guard place < variables.count else {
                result[values[target]] += weight
                return
            }
            let variable = variables[place]
            if let set = doing[variable.name] {
                values[place] = set
                return descend(place + 1, weight)
            }
            let row = row(variable, values)
            for level in 0..<variable.levels {
                if let known = given[variable.name], known != level { continue }
                values[place] = level
                descend(place + 1, weight * row[level])
            }
        }
        descend(0, 1)
        let total = result.reduce(0, +)
        return result.map { $0 / total }
    }

    func nodes(_ diagram: CausalDiagram) -> [Node] {
        diagram.names.map { name in Node(name, labels(variables.first { $0.name == name }!.levels)) }
    }
}

func shares(_ column: NodeColumn, _ range: Range<Int>) -> [Double] {
    var shares = [Double](repeating: 0, count: column.kind.levels!)
    for value in column.values[range] { shares[Int(value)] += 1 / Double(range.count) }
    return shares
}

func totalVariation(_ p: [Double], _ q: [Double]) -> Double { zip(p, q).reduce(0) { $0 + abs($1.0 - $1.1) } / 2 }

/// Trains and draws in one step.
func network(
    _ diagram: CausalDiagram, _ query: String, _ nodes: [Node], _ table: NodeTable,
    _ options: SamplingOptions = SamplingOptions(), seed: UInt64 = 1, workers: Int? = nil
) throws -> SamplingNetwork {
    let query = try CausalQuery(parsing: query)
    return try .trained(
        diagram.identify(query).derivation, outcomes: query.outcomes, nodes: nodes, table: table, options: options,
        stream: RandomStream(seed: seed), workers: workers)
}
