import Foundation

@testable import Identification

/// The queries and numeric cases of `identification/` in the folder that INTERVENTOME_DATA names.
enum GivenQueries {
    static let folder = ProcessInfo.processInfo.environment["INTERVENTOME_DATA"].map {
        URL(fileURLWithPath: $0).appendingPathComponent("identification")
    }
    static let isThere =
        folder.map { FileManager.default.fileExists(atPath: $0.appendingPathComponent("queries_given.json").path) }
        ?? false
    static let absence = "INTERVENTOME_DATA names no folder with identification/queries_given.json"

    struct Record: Decodable {
        struct Query: Decodable {
            var outcomes: [String]
            var treatments: [String]
            var conditions: [String]
        }
        struct Reduced: Decodable {
            var moved: [String]

            private enum CodingKeys: String, CodingKey { case moved = "moved_by_rule2" }
        }

        var id: String
        var graph: DiagramDescription
        var query: Query
        var reduced: Reduced
        var identifiable: Bool
        var steps: [Int]

        private enum CodingKeys: String, CodingKey {
            case id, graph, query, reduced, identifiable
            case steps = "id_steps"
        }

        var causalQuery: CausalQuery {
            CausalQuery(outcomes: query.outcomes, treatments: query.treatments, conditions: query.conditions)
        }
    }

    struct NumericCase: Decodable {
        struct Table: Decodable {
            var axes: [String]
            var shape: [Int]
            var p: [Double]
        }

        var id: String
        var graph: DiagramDescription
        var query: Record.Query
        var joint: Table
        var truth: Table
    }

    static func records() throws -> [Record] {
        struct File: Decodable { var queries: [Record] }
        return try read("queries_given.json", as: File.self).queries
    }

    static func numericCases() throws -> [NumericCase] {
        struct File: Decodable { var cases: [NumericCase] }
        return try read("numeric_given.json", as: File.self).cases
    }

    private static func read<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder!.appendingPathComponent(name)))
    }
}

extension ProbabilityTable {
    init(_ table: GivenQueries.NumericCase.Table, _ diagram: CausalDiagram) {
        self.init(
            axes: zip(table.axes, table.shape).map { (node: diagram.number(of: $0)!, levels: $1) }, values: table.p)
    }
}
