import Foundation
import Testing

@testable import Reports

@Suite struct RowClusteringTests {
    private struct Golden: Decodable {
        struct Case: Decodable {
            var name: String
            var rows: [[Double]]
            var merges: [[Int]]
            var heights: [Double]
            var order: [Int]
            var least: Double?
            var length: Double
            var lengthWithoutOrdering: Double
        }
        var cases: [Case]
    }

    private static let golden: Result<Golden, any Error> = Result {
        let file = URL(fileURLWithPath: #filePath).appending(
            path: "../../../../Reference/Golden/Clustering/values.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file.standardized))
    }

    private func distance(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for (x, y) in zip(a, b) { sum += (x - y) * (x - y) }
        return sum.squareRoot()
    }

    private func length(_ order: [Int], _ rows: [[Double]]) -> Double {
        var sum = 0.0
        for (a, b) in zip(order, order.dropFirst()) { sum += distance(rows[a], rows[b]) }
        return sum
    }

    /// scipy 1.17.1 by `Pipelines/Golden/clustering.py`. Heights to 1e-12: means of distances, summed in another order.
    @Test func linkageIsThatOfScipy() throws {
        let cases = try Self.golden.get().cases
        #expect(cases.count == 5)
        for entry in cases {
            let found = RowClustering(rows: entry.rows)
            let merges: [[Int]] = found.merges.map { [$0.first, $0.second] }
            #expect(merges == entry.merges, "\(entry.name)")
            for (merge, height) in zip(found.merges, entry.heights) {
                #expect(abs(merge.height - height) <= 1e-12 * height, "\(entry.name)")
            }
        }
    }

    /// The shortest of all orders that the tree allows, where all can be tried; elsewhere never longer than scipy's.
    @Test func orderIsTheShortest() throws {
        let cases = try Self.golden.get().cases
        #expect(cases.filter { $0.least != nil }.count == 2)
        for entry in cases {
            let found = RowClustering(rows: entry.rows)
            let length = length(found.order, entry.rows)
            #expect(length <= entry.length * (1 + 1e-12), "\(entry.name)")
            if let least = entry.least { #expect(abs(length - least) <= 1e-12 * least, "\(entry.name)") }
            // Every cluster stands together.
            var rows: [[Int]] = entry.rows.indices.map { [$0] }
            for merge in found.merges {
                rows.append(rows[merge.first] + rows[merge.second])
                let places = (rows.last ?? []).compactMap { found.order.firstIndex(of: $0) }.sorted()
                #expect((places.last ?? 0) - (places.first ?? 0) == places.count - 1, "\(entry.name)")
            }
        }
        // The order is worth its while: without it neighbours differ more.
        #expect(cases.filter { $0.length < 0.95 * $0.lengthWithoutOrdering }.count >= 2)
    }

    @Test func fewOrUnknownRows() {
        #expect(RowClustering(rows: []).order.isEmpty)
        #expect(RowClustering(rows: [[1, 2]]).order == [0])
        #expect(RowClustering(rows: [[1], [2]]).order == [0, 1])
        let gaps = RowClustering(rows: [[.nan, .nan], [0, 1], [0, .nan], [9, 9], [.infinity, 1]])
        #expect(gaps.order.sorted() == [0, 1, 2, 3, 4])
        #expect(gaps.merges.allSatisfy { $0.height.isFinite })
        #expect(gaps.merges.first?.first == 1 && gaps.merges.first?.second == 2)
    }

    /// Equal rows have no distance: every order is as good, and the same one comes out each time.
    @Test func tiesAreStable() {
        let rows = [[1.0, 1], [1, 1], [0, 0], [1, 1], [0, 0]]
        let found = RowClustering(rows: rows)
        #expect(found == RowClustering(rows: rows))
        #expect(length(found.order, rows) == 2.0.squareRoot())
    }
}

@Suite struct ClusteredHeatmapTests {
    /// Two kinds of rows and of columns, mixed.
    private func figure(_ clustering: HeatmapFigure.Clustering, columns: Int = 20) -> HeatmapFigure {
        let values = (0..<6).map { row in
            (0..<columns).map { column -> Double in
                let kind: Double = row % 2 == column % 2 ? 1 : -0.5
                return kind + Double(row) * 1e-3 + Double(column) * 1e-4
            }
        }
        return HeatmapFigure(
            title: "t", rowName: "r", columnName: "c", valueName: "v", rows: (0..<6).map { "row \($0)" },
            columns: (0..<columns).map { "c\($0)" }, values: values, scale: .diverging, outlined: [[1, 1]],
            outlineName: "here", clustering: clustering)
    }

    private func read(_ figure: HeatmapFigure) -> PageReader {
        PageReader("<svg>" + figure.drawing().content.map(\.serialized).joined() + "</svg>")
    }

    @Test func likeRowsStandTogether() {
        let names = read(figure(.both)).named("text").map(\.text)
        let rows = names.filter { $0.hasPrefix("row ") }.compactMap { $0.last?.wholeNumberValue }
        #expect(rows.count == 6)
        #expect(Set(rows.prefix(3).map { $0 % 2 }).count == 1)
        let columns = names.filter { $0.hasPrefix("c") && $0.count <= 3 && $0 != "c" }.compactMap {
            Int($0.dropFirst())
        }
        #expect(columns.count == 20 && Set(columns.prefix(10).map { $0 % 2 }).count == 1)
        #expect(figure(.both).description.contains("both in the order of their clusters"))
    }

    /// A tree of six rows has five merges, one of twenty columns nineteen.
    @Test func treesAreDrawnWhereAsked() {
        func merges(_ clustering: HeatmapFigure.Clustering) -> [Int] {
            read(figure(clustering)).named("path").filter { $0.attributes["class"] == "tree" }
                .map { ($0.attributes["d"] ?? "").count { $0 == "M" } }
        }
        #expect(merges(.none).isEmpty)
        #expect(merges(.rows) == [5])
        #expect(merges(.columns) == [19])
        #expect(merges(.both) == [5, 19])
    }

    /// The outline goes where its row and column went.
    @Test func outlineFollowsItsCell() throws {
        let page = read(figure(.both))
        let texts = DrawnText.all(in: figure(.both).drawing())
        let row = try #require(texts.first { $0.text == "row 1" }).box
        let data = try #require(page.named("path").first { $0.attributes["class"] == "outline" }?.attributes["d"])
        let top = try #require(Double(data.dropFirst().split(separator: "h")[0].split(separator: " ")[1]))
        #expect(top < row.y + row.height && row.y < top + 20)
    }

    /// Every cell is covered once by the runs of its row, whatever their shades.
    @Test func runsCoverTheMap() {
        let runs = read(figure(.none)).named("path").filter { $0.attributes["stroke-opacity"] != nil }
            .flatMap { ($0.attributes["d"] ?? "").split(separator: "M") }
        var covered = [Int](repeating: 0, count: 6 * 20)
        for run in runs {
            let parts = run.split { " h".contains($0) }.compactMap { Int($0) }
            for x in parts[0]..<(parts[0] + parts[2]) { covered[parts[1] * 20 + x] += 1 }
        }
        #expect(covered.allSatisfy { $0 == 1 })
    }

    /// A screen of 150 × 200 as a map: some ten bytes a cell, and no name over another.
    @Test func largeMapStaysSmall() {
        let map = HeatmapFigure(
            title: "t", rowName: "r", columnName: "c", valueName: "v", rows: (0..<150).map { "drug \($0)" },
            columns: (0..<200).map { "GENE\($0)" },
            values: (0..<150).map { row in (0..<200).map { FixtureReport.noise(row * 200 + $0) - 0.5 } },
            scale: .diverging)
        let drawing = map.drawing()
        #expect(drawing.content.map(\.serialized).joined().utf8.count < 300_000)
        #expect(drawing.width < 1100 && drawing.height < 1200)
        let rows = DrawnText.all(in: drawing).filter { $0.text.hasPrefix("drug") }
        #expect(rows.count >= 50 && DrawnText.overlaps(rows).isEmpty)
    }
}
