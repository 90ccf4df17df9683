import Testing

@testable import Reports

@Suite struct LayeredLayoutTests {
    private func layout(_ count: Int, _ edges: [(Int, Int)], weights: [Double]? = nil) -> LayeredLayout {
        LayeredLayout(
            widths: (0..<count).map { 50 + Double($0 * 37 % 60) },
            edges: edges.map { (source: $0.0, target: $0.1) }, weights: weights ?? edges.map { _ in 1 })
    }

    /// A random graph in which every edge goes from a lower to a higher index, without the index order showing.
    private func randomGraph(count: Int, edges: Int, seed: Int) -> [(Int, Int)] {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        return (0..<edges).compactMap { _ in
            let (a, b) = (next(count), next(count))
            return a == b ? nil : (min(a, b) * 7 % count, max(a, b) * 7 % count)
        }
    }

    @Test(arguments: [(10, 12, 1), (23, 40, 2), (40, 80, 3), (31, 31, 4), (5, 30, 5)])
    func edgesPointDownAndNodesKeepApart(count: Int, edges: Int, seed: Int) {
        let graph = randomGraph(count: count, edges: edges, seed: seed)
        let drawn = layout(count, graph)
        for route in drawn.routes {
            #expect(!route.upward)
            #expect(zip(route.points, route.points.dropFirst()).allSatisfy { $0.y < $1.y })
            #expect(route.points.first?.y == drawn.centres[graph[route.edge].0].y)
            #expect(route.points.last?.y == drawn.centres[graph[route.edge].1].y)
        }
        for a in 0..<count {
            let width = 50 + Double(a * 37 % 60)
            #expect(drawn.centres[a].x - width / 2 >= 0 && drawn.centres[a].x + width / 2 <= drawn.width)
            for b in 0..<a where drawn.layers[a] == drawn.layers[b] {
                let needed = (width + 50 + Double(b * 37 % 60)) / 2
                #expect(abs(drawn.centres[a].x - drawn.centres[b].x) >= needed + LayeredLayout.gap - 1e-6)
            }
        }
        for layer in 0..<(drawn.layers.max() ?? 0) {
            #expect((1...LayeredLayout.layerCapacity).contains(drawn.layers.filter { $0 == layer }.count))
        }
    }

    /// In a cycle of three the lightest edge, the last, is the one drawn upwards.
    @Test func lightestEdgeOfACyclePointsUp() {
        let drawn = layout(3, [(0, 1), (1, 2), (2, 0)], weights: [0.9, 0.8, 0.3])
        #expect(drawn.routes.map(\.upward) == [false, false, true])
        #expect(drawn.layers == [0, 1, 2])
    }

    /// Two crossed pairs are uncrossed by swapping one layer.
    @Test func crossingIsRemoved() {
        let drawn = layout(4, [(0, 3), (1, 2)])
        #expect((drawn.centres[0].x - drawn.centres[1].x) * (drawn.centres[3].x - drawn.centres[2].x) > 0)
    }

    @Test func chainStandsUpright() {
        let drawn = layout(4, [(0, 1), (1, 2), (2, 3)])
        #expect(drawn.layers == [0, 1, 2, 3])
        #expect(drawn.centres.allSatisfy { abs($0.x - drawn.centres[0].x) < 1e-6 })
    }

    /// Three edges into one node of width 50 must not share an end: they have 30 pixels, so 13 each way is allowed.
    @Test func edgesEndSideBySide() {
        let drawn = LayeredLayout(
            widths: [50, 50, 50, 50], edges: [(0, 3), (1, 3), (2, 3)], weights: [1, 1, 1])
        let ends = drawn.routes.compactMap { $0.points.last?.x }.sorted()
        #expect(abs(ends[1] - ends[0] - 13) < 1e-9 && abs(ends[2] - ends[1] - 13) < 1e-9)
        #expect(abs(ends[1] - drawn.centres[3].x) < 1e-9)
    }

    @Test func nothingAndSelfEdges() {
        #expect(layout(0, []).routes.isEmpty)
        let drawn = layout(1, [(0, 0)])
        #expect(drawn.routes.isEmpty && drawn.centres.count == 1)
    }

    @Test func sameGraphGivesSameLayout() {
        let graph = randomGraph(count: 30, edges: 50, seed: 9)
        #expect(layout(30, graph).routes == layout(30, graph).routes)
    }
}
