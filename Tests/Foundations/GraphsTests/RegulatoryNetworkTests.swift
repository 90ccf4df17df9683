import Foundation
import Probability
import Testing

@testable import Graphs

struct RegulatoryNetworkTests {
    static func shipped(_ name: String) throws -> RegulatoryNetwork {
        let root = (0..<4).reduce(URL(filePath: #filePath)) { folder, _ in folder.deletingLastPathComponent() }
        return try RegulatoryNetwork(
            table: String(contentsOf: root.appending(path: "Reference/Networks/\(name).tsv"), encoding: .utf8))
    }

    /// Numbers counted in the files by other means (sort, uniq and awk).
    @Test func theShippedNetworksAreRead() throws {
        let ecoli = try Self.shipped("ecoli")
        #expect(ecoli.genes.count == 1565 && ecoli.genes.first == "aceA")
        #expect(ecoli.graph.edgeCount == 3648 && ecoli.regulators.count == 176)
        let yeast = try Self.shipped("yeast")
        #expect(yeast.genes.count == 4441 && yeast.graph.edgeCount == 12873 && yeast.regulators.count == 157)
        #expect(yeast.effects.values.allSatisfy { $0 == .undetermined })
    }

    @Test func linesAreRead() throws {
        let network = try RegulatoryNetwork(table: "r\ta\t+\r\nr\tb\t-\n\na\tb\t?\nb\tb\t+\nr\tc\t+-\nr\ta\t-\n")
        #expect(network.genes == ["a", "b", "c", "r"])
        #expect(network.graph.edges == [Edge(0, 1), Edge(3, 0), Edge(3, 1), Edge(3, 2)])
        #expect(network.effects[Edge(3, 1)] == .represses && network.effects[Edge(0, 1)] == .undetermined)
        #expect(network.effects[Edge(3, 0)] == .undetermined)
        #expect(network.regulators == [0, 3])
        #expect(network.selfRegulators == [1] && network.strengths.isEmpty)
    }

    /// What a simulation writes as its edges; lines that disagree leave no strength.
    @Test func strengthsAreRead() throws {
        let network = try RegulatoryNetwork(
            table: "source\ttarget\tweight\nr\ta\t2.5\nr\tb\t-0.25\na\tb\t1\na\tb\t-1\nr\tc\t1\nr\tc\t2\nr\td\t+\n")
        #expect(network.genes == ["a", "b", "c", "d", "r"] && network.selfRegulators.isEmpty)
        #expect(network.strengths == [Edge(4, 0): 2.5, Edge(4, 1): 0.25])
        #expect(network.effects[Edge(4, 0)] == .activates && network.effects[Edge(4, 1)] == .represses)
        #expect(network.effects[Edge(0, 1)] == .undetermined && network.effects[Edge(4, 2)] == .activates)
    }

    @Test(arguments: [
        ("a\tb\t+\na b +\n", "CSV_RAGGED", "line 2"), ("a\tb\tup\n", "CSV_VALUE", "line 1"),
        ("\n\n", "EMPTY_FILE", nil),
        ("a\t\t+\n", "CSV_RAGGED", "line 1"), ("a\tb\tnan\n", "CSV_VALUE", "line 1"),
        ("a\tb\t0\n", "CSV_VALUE", "line 1"), ("a\tb\t-1e9\n", "CSV_VALUE", "line 1"),
        ("a\tb\t+\nsource\ttarget\tweight\n", "CSV_VALUE", "line 2"),
    ]) func otherTextsAreRefused(_ text: String, _ code: String, _ element: String?) {
        let error = #expect(throws: GraphError.self) { try RegulatoryNetwork(table: text) }
        #expect(error?.code == code && error?.element == element)
    }

    /// Of two cliques of five genes joined by one link, a module of five that begins in one stays in it where only the best
    /// candidate is taken.
    @Test func modulesStayTogether() {
        var lines: [RegulatoryNetwork.Regulation] = [.init(regulator: "a1", target: "b1", effect: .activates)]
        for clique in ["a", "b"] {
            for i in 1...5 {
                for j in i + 1..<6 {
                    lines.append(.init(regulator: "\(clique)\(i)", target: "\(clique)\(j)", effect: .represses))
                }
            }
        }
        let network = RegulatoryNetwork(lines)
        var stream = RandomStream(seed: 1)
        for _ in 0..<20 {
            let module = network.module(of: 5, topShare: 0, stream: &stream)
            #expect(Set(module.genes.map { $0.first }).count == 1)
            #expect(module.graph.edgeCount == 10 && module.effects.values.allSatisfy { $0 == .represses })
        }
    }

    /// The gain that the greedy step ranks by is the change of sᵀBs, computed here from the definition.
    @Test func modulesAreTheMostModular() throws {
        let network = RandomGraphTests.network
        let d = network.genes.count
        let a = network.neighbours.map { near in (0..<d).map { near.contains($0) ? 1.0 : 0 } }
        let k = a.map { $0.reduce(0, +) }
        let m = k.reduce(0, +) / 2
        func modularity(_ members: Set<Int>) -> Double {
            let s = (0..<d).map { members.contains($0) ? 1.0 : -1 }
            var sum = 0.0
            for i in 0..<d { for j in 0..<d { sum += s[i] * s[j] * (a[i][j] - k[i] * k[j] / (2 * m)) } }
            return sum / (4 * m)
        }
        let place = Dictionary(uniqueKeysWithValues: network.genes.enumerated().map { ($1, $0) })
        for seed in 0..<30 {
            // The same stream draws the same first gene, then the best second and third.
            let modules = (1...3).map { size in
                var stream = RandomStream(seed: UInt64(seed))
                return Set(network.module(of: size, topShare: 0, stream: &stream).genes.map { place[$0]! })
            }
            for (smaller, larger) in zip(modules, modules.dropFirst()) {
                #expect(smaller.isSubset(of: larger))
                let near = smaller.reduce(into: Set<Int>()) { $0.formUnion(network.neighbours[$1]) }.subtracting(
                    smaller)
                let candidates = near.isEmpty ? Set(0..<d).subtracting(smaller) : near
                let best = candidates.map { modularity(smaller.union([$0])) }.max()!
                #expect(abs(modularity(larger) - best) < 1e-12)
            }
        }
    }

    /// a → b → c → a: one edge of the cycle goes, and over many draws each of the three; edges off cycles stay.
    @Test func cyclesAreBrokenAnywhere() {
        var stream = RandomStream(seed: 2)
        var kept = Set<[Edge]>()
        for _ in 0..<200 {
            let module = RandomGraphTests.network.module(of: 8, topShare: 1, stream: &stream)
            #expect(module.graph.isAcyclic && module.graph.edgeCount == 6 && module.effects.count == 6)
            kept.insert(module.graph.edges)
        }
        #expect(kept.count == 3)
    }
}
