import Probability
import Testing

@testable import Interventions

@Suite struct OrderedEffectsTests {
    /// An acyclic graph over `d` genes whose order is not that of their numbers.
    private func drawn(_ d: Int, _ random: inout RandomStream) -> [Double] {
        var rank = Array(0..<d)
        rank.shuffle(using: &random)
        return (0..<d * d).map { e in
            rank[e / d] < rank[e % d] && random.bernoulli(0.3) ? random.normal() : 0
        }
    }

    @Test("Solving along the order is multiplying with the inverse of I − B")
    func solving() throws {
        var random = RandomStream(seed: 5)
        for d in [1, 2, 7, 70] {
            let effects = drawn(d, &random)
            var matrix = effects.map { -$0 }
            for i in 0..<d { matrix[i * d + i] += 1 }
            let inverse = try #require(DenseProducts.inverse(matrix, size: d)).inverse
            let pushes = (0..<d).map { _ in random.normal() }
            let expected = DenseProducts.product(pushes, inverse, m: 1, n: d, k: d)
            let ordered = OrderedEffects(matrix: effects, genes: d)
            let size = expected.reduce(1) { max($0, abs($1)) }
            #expect(zip(ordered.total(of: pushes), expected).allSatisfy { abs($0 - $1) < 1e-10 * size })
            // Fixed genes: the columns of the effects on them are empty.
            let fixed = (0..<d).map { $0 % 3 == 0 }
            let cut = OrderedEffects(
                matrix: effects.indices.map { fixed[$0 % d] ? 0 : effects[$0] }, genes: d)
            #expect(ordered.total(of: pushes, fixed: fixed) == cut.total(of: pushes))
        }
    }

    @Test("Causes come before what they act on; the order of genes that do not care is that of their numbers")
    func order() {
        // 3 → 1, 3 → 0, 1 → 0; 2 stands alone.
        let ordered = OrderedEffects([(1, 0, 1), (3, 0, 1), (3, 1, 1)], genes: 4)
        #expect(ordered.order == [2, 3, 1, 0] && ordered.isAcyclic)
        #expect(!OrderedEffects([(0, 1, 1), (1, 0, 1)], genes: 3).isAcyclic)
        // Nothing passes an edge without effect.
        #expect(OrderedEffects([(0, 1, 1), (1, 0, 0)], genes: 2).isAcyclic)
    }

    @Test("Drawn graphs hold the edges that breaking cycles of the same draw leaves")
    func draws() {
        let d = 70
        var random = RandomStream(seed: 8)
        let probabilities = (0..<d * d).map { e in e / d == e % d ? 0 : Double(Int(random.uniform() * 20)) / 80 }
        let member = InterventionModel.Member(
            edgeProbabilities: probabilities, graph: probabilities.map { _ in 0 },
            mechanisms: .init(
                effects: probabilities.map { _ in random.normal() }, intercepts: [], logDeviations: []),
            averageEffects: [], map: [])
        let draws = GraphDraws(member, genes: d)
        for seed in 0..<3 {
            var (one, other) = (RandomStream(seed: UInt64(seed)), RandomStream(seed: UInt64(seed)))
            var edges: [(source: Int, target: Int, probability: Double)] = []
            for i in 0..<d {
                for j in 0..<d where i != j && probabilities[i * d + j] > 1e-3 {
                    if one.bernoulli(probabilities[i * d + j]) { edges.append((i, j, probabilities[i * d + j])) }
                }
            }
            var effects = [Double](repeating: 0, count: d * d)
            let (kept, refused) = Acyclicity.breakCycles(edges, genes: d)
            #expect(!refused.isEmpty)
            for edge in kept {
                effects[edge.source * d + edge.target] = member.mechanisms.effects[edge.source * d + edge.target]
            }
            let pushes = (0..<d).map { _ in 1.0 }
            #expect(draws.draw(&other).total(of: pushes) == OrderedEffects(matrix: effects, genes: d).total(of: pushes))
            #expect(one.next() == other.next())
        }
    }

    @Test("An edge is refused if, and only if, its target already leads to its source")
    func paths() {
        let d = 66
        var random = RandomStream(seed: 2)
        var paths = Acyclicity.Paths(genes: d)
        var children = [Set<Int>](repeating: [], count: d)
        func leads(_ a: Int, _ b: Int) -> Bool {
            var seen: Set<Int> = [a]
            var open = [a]
            while let next = open.popLast() {
                for child in children[next] where seen.insert(child).inserted { open.append(child) }
            }
            return seen.contains(b)
        }
        var refused = 0
        for _ in 0..<400 {
            let (a, b) = (random.index(below: d), random.index(below: d))
            let closes = leads(b, a)
            #expect(paths.add(a, b) == !closes)
            if closes { refused += 1 } else { children[a].insert(b) }
        }
        #expect(refused > 20 && refused < 380)
    }
}
