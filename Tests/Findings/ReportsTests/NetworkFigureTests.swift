import Foundation
import Testing

@testable import Reports

/// What makes a drawn network readable, as numbers.
@Suite struct NetworkFigureTests {
    /// Hubs act on many: the source of an edge is an early gene more often than a late one.
    private static func network(_ count: Int) -> NetworkFigure {
        let genes = (0..<count).map { ["TP53-\($0)", "CDKN1A-\($0)", "ENSG00000141\(100 + $0)"][$0 % 3] }
        var edges: [NetworkEdge] = []
        for index in 0..<(count * 3 / 2) {
            let a = Int(pow(FixtureReport.noise(index * 3 + count), 2) * Double(count))
            let b = Int(FixtureReport.noise(index * 3 + 1 + count) * Double(count))
            let isNew = !edges.contains { $0.source == genes[min(a, b)] && $0.target == genes[max(a, b)] }
            guard a != b, isNew else { continue }
            edges.append(
                .init(
                    source: genes[min(a, b)], target: genes[max(a, b)],
                    probability: 0.5 + FixtureReport.noise(index) / 2, effect: FixtureReport.noise(index + 7) - 0.5))
        }
        return NetworkFigure(title: "t", genes: genes, edges: edges)
    }

    private func shown(_ count: Int) throws -> NetworkFigure {
        let all = Self.network(count)
        let blocks = NetworkFindings(genes: all.genes, edges: all.edges).section.blocks
        let drawn = blocks.compactMap { block -> NetworkFigure? in
            if case .figure(.network(let figure), _) = block { figure } else { nil }
        }
        return try #require(drawn.first)
    }

    /// Names of 12 pixels, whole, none over another, all within the drawing; edges never leave it.
    @Test(arguments: [20, 50, 200])
    func namesAreLegible(count: Int) throws {
        let figure = try shown(count)
        let drawing = figure.drawing()
        let joined = Set(figure.edges.flatMap { [$0.source, $0.target] })
        let names = DrawnText.all(in: drawing).filter { joined.contains($0.text) }
        #expect(names.count == joined.count)
        #expect(DrawnText.overlaps(names).isEmpty)
        for name in names {
            #expect(name.box.height == 12)
            #expect(name.box.x >= 0 && name.box.x + name.box.width <= drawing.width)
        }
        // A curve lies within its control points.
        let page = PageReader("<svg>" + drawing.content.map(\.serialized).joined() + "</svg>")
        for edge in page.named("path").compactMap({ $0.attributes["d"] }) where edge.contains("C") {
            let numbers = edge.split { "MCL Z".contains($0) }.compactMap { Double($0) }
            let across = numbers.indices.filter { $0 % 2 == 0 }.map { numbers[$0] }
            #expect(across.allSatisfy { $0 >= 0 && $0 <= drawing.width })
        }
    }

    /// All of 20 and 50 genes are drawn; of 200 what is most probable, and the caption says so.
    @Test func largeNetworksSayWhatIsLeftOut() throws {
        for count in [20, 50] {
            let whole = Self.network(count)
            #expect(try shown(count).edges.count == whole.edges.count)
        }
        let all = Self.network(200)
        let large = try shown(200)
        let genes = Set(large.edges.flatMap { [$0.source, $0.target] })
        #expect(genes.count <= 60 && large.edges.count < all.edges.count)
        #expect(large.caption.contains("the \(large.edges.count) most probable of \(all.edges.count)"))
        #expect(large.caption.contains("\(200 - genes.count) genes are not drawn"))
    }

    /// Edges that end at one gene end at least six pixels apart: 40 arrows into one gene widen it.
    @Test func edgesAtAHubLieApart() {
        let genes = (0...40).map { "g\($0)" }
        let figure = NetworkFigure(
            title: "t", genes: genes,
            edges: (1...40).map { .init(source: genes[$0], target: "g0", probability: 0.9, effect: 1) })
        let page = PageReader("<svg>" + figure.drawing().content.map(\.serialized).joined() + "</svg>")
        let heads = page.named("path").filter { $0.attributes["class"] == "head up" }
            .compactMap { Double(($0.attributes["d"] ?? "").dropFirst().prefix { $0 != " " }) }.sorted()
        #expect(heads.count == 40)
        #expect(zip(heads, heads.dropFirst()).allSatisfy { $1 - $0 >= NetworkFigure.leastEdgeGap - 0.11 })
    }

    /// Sign by the end (arrowhead or bar) and by dashes, probability by width: none of it by colour alone.
    @Test func signAndProbabilityAreSeenWithoutColour() {
        let figure = NetworkFigure(
            title: "t", genes: ["a", "b", "c"],
            edges: [
                .init(source: "a", target: "b", probability: 1, effect: 1),
                .init(source: "a", target: "c", probability: 0.5, effect: -1),
            ])
        let page = PageReader("<svg>" + figure.drawing().content.map(\.serialized).joined() + "</svg>")
        let widths = page.named("path").compactMap { Double($0.attributes["stroke-width"] ?? "") }
        #expect(widths == [2.2, 3.6])
        #expect(page.named("path").filter { $0.attributes["class"] == "head up" }.count == 1)
        #expect(page.named("line").filter { $0.attributes["class"] == "edge bar down" }.count == 1)
        #expect(ReportStyle.sheet.contains(".fig .edge.down{stroke:var(--blue);stroke-dasharray"))
    }

    /// Crossings of the layout against those of the same layers with genes in the order in which they came.
    @Test(arguments: [(20, 0.4), (50, 0.5), (200, 0.5)])
    func crossingsAreFarFewerThanInANaiveOrder(count: Int, bound: Double) throws {
        let figure = try shown(count)
        var index: [String: Int] = [:]
        for gene in figure.genes where index[gene] == nil { index[gene] = index.count }
        let ends = figure.edges.map { (source: index[$0.source, default: 0], target: index[$0.target, default: 0]) }
        let layout = LayeredLayout(
            widths: figure.genes.map { _ in 60 }, edges: ends, weights: figure.edges.map(\.probability))
        // Each edge as its places from layer to layer; bends come after the genes of their layer.
        let heights = Array(Set(layout.centres.map(\.y))).sorted()
        func spans(_ place: (Int, Int, Double) -> Double) -> [[(Double, Double)]] {
            var spans = [[(Double, Double)]](repeating: [], count: heights.count)
            for (number, route) in layout.routes.enumerated() {
                let points = route.upward ? route.points.reversed() : route.points
                for (slot, pair) in zip(points, points.dropFirst()).enumerated() {
                    let layer = heights.firstIndex(of: pair.0.y) ?? 0
                    spans[layer].append((place(number, slot, pair.0.x), place(number, slot + 1, pair.1.x)))
                }
            }
            return spans
        }
        func crossings(_ spans: [[(Double, Double)]]) -> Int {
            var total = 0
            for span in spans {
                for a in span.indices {
                    for b in 0..<a where (span[a].0 - span[b].0) * (span[a].1 - span[b].1) < -1e-9 { total += 1 }
                }
            }
            return total
        }
        let found = crossings(spans { _, _, x in x })
        let naive = crossings(
            spans { number, slot, _ in
                let route = layout.routes[number]
                let edge = ends[route.edge]
                let (first, last) = route.upward ? (edge.target, edge.source) : (edge.source, edge.target)
                return slot == 0
                    ? Double(first) : slot == route.points.count - 1 ? Double(last) : Double(count + number)
            })
        #expect(Double(found) <= bound * Double(naive), "\(found) crossings, \(naive) in a naive order")
    }
}
