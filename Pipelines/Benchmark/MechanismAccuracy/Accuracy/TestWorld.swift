import Foundation
import Matrices
import Mechanisms
import Probability
import Simulators

/// The four test distributions of Mahajan et al. 2026: linear and random Fourier functions, in and out of the distribution
/// that the published network was trained on.
enum TestKind: String, CaseIterable {
    case linearIn = "LIN IN"
    case wavesIn = "RFF IN"
    case linearOut = "LIN OUT"
    case wavesOut = "RFF OUT"

    private var isOut: Bool { self == .linearOut || self == .wavesOut }

    private var mechanism: MechanismChoice {
        let noises: [NoiseFamily] = [isOut ? .laplace : .gaussian]
        switch self {
        case .linearIn: return .linear(weights: [1...3], noises: noises)
        case .linearOut: return .linear(weights: [0.5...4], noises: noises)
        case .wavesIn: return .randomFourier(lengthScales: [7...10], outputScales: [10...20], noises: noises)
        case .wavesOut: return .randomFourier(lengthScales: [5...12], outputScales: [8...22], noises: noises)
        }
    }

    /// Three families of graphs in, two out, `seeds` worlds of each.
    func worlds(nodes: Int, rows: Int, seeds: Int) -> [TestWorld] {
        let graphs: [GraphChoice] =
            isOut
            ? [
                .wattsStrogatz(dimensions: [2, 3], reaches: [1], rewirings: [0.3]),
                .stochasticBlock(edgesPerNode: [2], blocks: [5, 10], dampings: [0.1]),
            ]
            : [
                .erdosRenyi(edgesPerNode: [1, 2, 3]), .scaleFree(edgesPerNode: [1, 2, 3], powers: [1]),
                .scaleFree(edgesPerNode: [1, 2, 3], powers: [1], transposed: true),
            ]
        return graphs.indices.flatMap { graph in
            (0..<seeds).map { seed in
                var options = CausalWorldOptions()
                options.genes = nodes
                options.graphs = [graphs[graph]]
                options.mechanisms = [mechanism]
                options.observationalCells = rows + TestWorld.queries
                options.interventionalCells = 0
                let stream = RandomStream(seed: 2026).stream(rawValue).stream(nodes).stream(graph).stream(seed)
                return TestWorld(options, rows: rows, stream: stream)
            }
        }
    }
}

/// A world with context rows, rows to be asked about, and the truth.
struct TestWorld {
    static let queries = 400
    /// Interventions that are tried at most, on nodes drawn at random.
    private static let interventions = 10

    private let context: MechanismContext
    private let queries: Matrix<Float>
    /// Of the queries.
    private let noise: Matrix<Float>
    /// By which errors are divided: of context and queries together.
    private let deviations: [Double]
    private let truth: StructuralModel
    private let interventions: [(node: Int, value: Float)]

    init(_ options: CausalWorldOptions, rows: Int, stream: RandomStream) {
        let world = CausalWorld(options: options, stream: stream)
        let sample = world.sample(stream: stream.stream("sample"))
        deviations = sample.values.columnMoments().standardDeviations.map { $0 > 0 ? $0 : 1 }
        queries = sample.values.selectingRows(Array(rows..<rows + Self.queries))
        // The graph of a world is acyclic and its rows are finite.
        context = try! MechanismContext(
            values: sample.values.selectingRows(Array(0..<rows)), names: sample.genes, graph: world.graph)
        truth = StructuralModel(context, mechanisms: WorldTruths(world: world, context: context), workers: 1)
        noise = try! truth.noise(of: queries, workers: 1)
        var own = stream.stream("interventions")
        let nodes = own.choice(min(Self.interventions, options.genes), of: options.genes)
        let values = sample.values
        interventions = nodes.map { node in
            let bounds = quantiles(of: values.column(node), at: [0.1, 0.9])
            return (node, Float(own.uniform(bounds[0], bounds[1])))
        }
    }

    func errors(of model: any MechanismModel) throws -> [Double] {
        let read = StructuralModel(context, mechanisms: try model.mechanisms(of: context, workers: 1), workers: 1)
        let found = try read.noise(of: queries, workers: 1)
        var (set, counterfactual) = (0.0, 0.0)
        for (node, value) in interventions {
            let expected = try truth.values(noise: noise, interventions: [node: value])
            set += try error(read.values(noise: noise, interventions: [node: value]), expected)
            counterfactual += try error(read.values(noise: found, interventions: [node: value]), expected)
        }
        let count = Double(interventions.count)
        return [
            error(found, noise), try error(read.values(noise: noise), queries), set / count, counterfactual / count,
            coverage(of: read.mechanisms),
        ]
    }

    /// The share of the queries' mechanisms within intervals of 90 %, over nodes with parents.
    private func coverage(of mechanisms: any NodeMechanisms) -> Double {
        let values = context.standardised(queries)
        var (held, all) = (0, 0)
        for (node, parents) in context.graph.parents.enumerated() where !parents.isEmpty {
            let rows = values.selectingColumns(parents)
            let (means, deviations) = (
                mechanisms.means(of: node, parents: rows), mechanisms.deviations(of: node, parents: rows)
            )
            for (row, expected) in truth.mechanisms.means(of: node, parents: rows).enumerated() {
                held += abs(means[row] - expected) <= 1.645 * deviations[row] ? 1 : 0
                all += 1
            }
        }
        return Double(held) / Double(max(1, all))
    }

    /// Mean over rows of the root mean squared error over nodes, in standard deviations.
    private func error(_ a: Matrix<Float>, _ b: Matrix<Float>) -> Double {
        (0..<a.rows).reduce(0.0) { sum, row in
            let squares = (0..<a.columns).reduce(0.0) { sum, node in
                let difference = (Double(a[row, node]) - Double(b[row, node])) / deviations[node]
                return sum + difference * difference
            }
            return sum + (squares / Double(a.columns)).squareRoot()
        } / Double(a.rows)
    }
}

/// The mechanisms that made the rows, in the units of a context.
struct WorldTruths: NodeMechanisms {
    let world: CausalWorld
    let context: MechanismContext

    func means(of node: Int, parents: Matrix<Float>) -> [Float] {
        let places = context.graph.parents[node]
        var raw = parents
        for place in raw.values.indices {
            let parent = places[place % places.count]
            raw.values[place] = Float(
                Double(parents.values[place]) * context.deviations[parent] + context.means[parent])
        }
        return world.means(of: node, parents: raw).map {
            Float((Double($0) - context.means[node]) / context.deviations[node])
        }
    }
}

/// Sums of errors over worlds.
struct TestErrors {
    private var sums = [Double](repeating: 0, count: 5)
    private var worlds = 0

    mutating func add(_ errors: [Double]) {
        for place in errors.indices { sums[place] += errors[place] }
        worlds += 1
    }

    var means: [Double] { sums.map { $0 / Double(worlds) } }
}

// For peers.
extension TestWorld {
    private struct Exported: Encodable {
        let parents: [[Int]]
        let context: [[Float]]
        let queries: [[Float]]
        let noise: [[Float]]
        let deviations: [Double]
        let interventions: [Intervention]

        struct Intervention: Encodable {
            let node: Int
            let value: Float
            let expected: [[Float]]
        }
    }

    /// Context, queries and truth as JSON.
    func export(to file: String) throws {
        func rows(_ values: Matrix<Float>) -> [[Float]] { (0..<values.rows).map { Array(values.row($0)) } }
        let exported = Exported(
            parents: context.graph.parents, context: rows(context.restored(context.values)), queries: rows(queries),
            noise: rows(noise), deviations: deviations,
            interventions: try interventions.map { node, value in
                .init(
                    node: node, value: value,
                    expected: rows(try truth.values(noise: noise, interventions: [node: value])))
            })
        try JSONEncoder().encode(exported).write(to: URL(fileURLWithPath: file))
    }
}
