import Foundation
import Graphs
import Probability
import Testing

@testable import Simulators

/// Graphs beside those of the package `avici`: `Reference/Golden/Simulators/graphs.json`, made by
/// `Pipelines/Golden/simulators.py`.
///
/// As many are drawn as the package drew (1,000 of each family, 300 modules of E. coli's network and 60 of yeast's), with a fixed seed. Each
/// of 98 statistics is tested by its mean and its distribution function; all together are wrongly found different with
/// probability 0.001. Power: p < 1e-5 / 2 lies 4.6 standard errors off, so a difference of means of 4.6 + 2.3 = 6.9 standard
/// errors is found with 99 %: 0.31 standard deviations of the statistic for 1,000 graphs, 0.56 for 300, 1.26 for 60.
struct PackageGraphsTests {
    static let root = (0..<4).reduce(URL(filePath: #filePath)) { folder, _ in folder.deletingLastPathComponent() }

    static func network(_ name: String) throws -> RegulatoryNetwork {
        try RegulatoryNetwork(
            table: String(contentsOf: root.appending(path: "Reference/Networks/\(name).tsv"), encoding: .utf8))
    }

    static func distribution(_ family: String) throws -> RandomGraph {
        switch family {
        case "erdosRenyi": .erdosRenyi(edgesPerNode: 2)
        case "scaleFree": .scaleFree(edgesPerNode: 2, power: 1)
        case "scaleFree/sublinear": .scaleFree(edgesPerNode: 3, power: 0.5)
        case "scaleFree/superlinear": .scaleFree(edgesPerNode: 2, power: 1.5)
        case "scaleFreeTransposed": .scaleFreeTransposed(edgesPerNode: 2, power: 1.5)
        case "wattsStrogatz/2": .wattsStrogatz(dimensions: 2, reach: 1, rewiring: 0.3)
        case "wattsStrogatz/3": .wattsStrogatz(dimensions: 3, reach: 1, rewiring: 0.3)
        case "wattsStrogatz/reach": .wattsStrogatz(dimensions: 2, reach: 2, rewiring: 0.4)
        case "stochasticBlock/2": .stochasticBlock(edgesPerNode: 1, blocks: 2, damping: 0.1)
        case "stochasticBlock/10": .stochasticBlock(edgesPerNode: 2, blocks: 10, damping: 0.1)
        case "geometric": .geometric(radius: 0.1)
        case "geometric/wide": .geometric(radius: 0.3)
        case "geneNetwork/ecoli": .geneNetwork(try network("ecoli"), topShare: 0.2)
        case "geneNetwork/yeast": .geneNetwork(try network("yeast"), topShare: 0.2)
        default: throw CocoaError(.fileReadCorruptFile)
        }
    }

    static func statistics(_ graph: DirectedGraph) -> [String: Int] {
        let d = graph.nodeCount
        let near = (0..<d).map { Set(graph.parents[$0] + graph.children[$0]) }
        var depth = Array(repeating: 0, count: d)
        for node in graph.topologicalOrder ?? [] {
            for child in graph.children[node] { depth[child] = max(depth[child], depth[node] + 1) }
        }
        return [
            "edges": graph.edgeCount, "largestInDegree": graph.parents.map(\.count).max()!,
            "largestOutDegree": graph.children.map(\.count).max()!,
            "squaredDegrees": near.reduce(0) { $0 + $1.count * $1.count },
            // Each triangle has three edges.
            "triangles": graph.edges.reduce(0) { $0 + near[$1.source].intersection(near[$1.target]).count } / 3,
            "longestPath": depth.max()!, "roots": graph.parents.count { $0.isEmpty },
        ]
    }

    @Test func graphsAreDistributedAsThePackages() throws {
        let data = try Data(contentsOf: Self.root.appending(path: "Reference/Golden/Simulators/graphs.json"))
        let golden = try JSONDecoder().decode([String: [String: [String: Int]]].self, from: data)
        let tests = golden.values.reduce(0) { $0 + $1.count }
        #expect(tests == 98)
        for (family, statistics) in golden {
            let distribution = try Self.distribution(family)
            let count = statistics["edges"]!.values.reduce(0, +)
            let stream = RandomStream(seed: 5).stream(family)
            let drawn = (0..<count).map { number in
                var own = stream.stream(number)
                return Self.statistics(distribution.draw(nodeCount: 30, stream: &own))
            }
            for (name, times) in statistics {
                let theirs = times.flatMap { Array(repeating: Double($0.key)!, count: $0.value) }
                let test = TwoSampleTest(drawn.map { Double($0[name]!) }, theirs)
                #expect(
                    test.p > 1e-3 / Double(tests),
                    "\(family), \(name): ours \(test.means.0), the package's \(test.means.1), p \(test.p)")
            }
        }
    }

    /// The tests can fail: parameters that are a little off are found at this number of graphs.
    @Test func differencesAreFound() {
        func drawn(_ distribution: RandomGraph, _ name: String, _ statistic: String) -> [Double] {
            let stream = RandomStream(seed: 7).stream(name)
            return (0..<1000).map { number in
                var own = stream.stream(number)
                return Double(Self.statistics(distribution.draw(nodeCount: 30, stream: &own))[statistic]!)
            }
        }
        let pairs: [(RandomGraph, RandomGraph, String)] = [
            (.erdosRenyi(edgesPerNode: 2), .erdosRenyi(edgesPerNode: 2.2), "edges"),
            (.geometric(radius: 0.1), .geometric(radius: 0.11), "edges"),
            (.scaleFree(edgesPerNode: 2, power: 1.5), .scaleFree(edgesPerNode: 2, power: 1.9), "largestInDegree"),
            (
                .wattsStrogatz(dimensions: 2, reach: 1, rewiring: 0.3),
                .wattsStrogatz(dimensions: 2, reach: 1, rewiring: 0.2), "squaredDegrees"
            ),
        ]
        for (a, b, statistic) in pairs {
            #expect(TwoSampleTest(drawn(a, "a", statistic), drawn(b, "b", statistic)).p < 1e-5, "\(a) and \(b)")
            #expect(TwoSampleTest(drawn(a, "a", statistic), drawn(a, "c", statistic)).p > 1e-3, "\(a)")
        }
    }
}
