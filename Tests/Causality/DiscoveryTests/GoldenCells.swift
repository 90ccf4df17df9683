import Foundation
import Matrices
import Networks
import Probability
import Structure

@testable import Discovery

/// Cells of `Reference/Golden/Discovery`, made by `Pipelines/Golden/discovery.py`, and what the packages make of them.
struct GoldenCells {
    let cells: InterventionalCells
    let data: DiscoveryData

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Reference/Golden/Discovery")

    init(_ name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: "\(name).tsv"), encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: "\t") }
        let genes = lines[0].dropLast().map(String.init)
        let rows = lines.dropFirst()
        var values = [Float]()
        var interventions = [Float]()
        for row in rows {
            values += row.dropLast().map { Float($0)! }
            let target = Int(row.last!)!
            interventions += genes.indices.map { $0 == target ? 1 : 0 }
        }
        cells = InterventionalCells(
            genes: genes, values: Matrix(rows: rows.count, columns: genes.count, values: values),
            interventions: interventions.contains(1)
                ? Matrix(rows: rows.count, columns: genes.count, values: interventions) : nil)
        data = try DiscoveryData(values: cells.values, interventions: cells.interventions, genes: genes)
    }

    /// The packages' answers.
    static func values() throws -> Values {
        try JSONDecoder().decode(Values.self, from: Data(contentsOf: folder.appending(path: "values.json")))
    }

    struct Values: Decodable {
        let laplace, uniform: Linear
        let gaussian: Criterion
        let interventions: Interventions
        let curved: Curved

        struct Linear: Decodable {
            let correlations, partialCorrelations, weights: [[Double]]
            let shrinkage: Double
            let causalOrder: [Int]
        }
        struct Graph: Decodable {
            let parents: [[Int]]
            let difference: Double
        }
        struct Criterion: Decodable {
            let graphs: [Graph]
            let search: Graph
        }
        struct Interventions: Decodable {
            let truth: [[Int]]
            let graphs: [Graph]
            let shifts: [[Double]]
        }
        struct Curved: Decodable {
            struct Regression: Decodable {
                let gene: Int
                let parents: [Int]
                let share: Double
            }
            let regressions: [Regression]
        }
    }
}

extension DiscoveryMethod {
    func scores(of data: DiscoveryData, seed: UInt64 = 0, workers: Int = 2) throws -> [Double] {
        try scores(of: data, stream: RandomStream(seed: seed), workers: Workers(count: workers)).values
    }
}
