import AnnotatedData
import Foundation
import Identification

/// Many queries in one file, each with its graph: `{"queries": [{"id", "graph", "query", "experiments"?}, …]}`.
public struct IdentificationBatch {
    private struct File: Decodable { let queries: [Record] }

    private struct Record: Decodable {
        struct Query: Decodable {
            let outcomes: [String]
            let treatments: [String]?
            let conditions: [String]?
        }

        let id: String
        let graph: DiagramDescription
        let query: Query
        let experiments: [[String]]?
    }

    /// The answer to a query, a line of JSON.
    private struct Line: Encodable {
        let id: String
        var isIdentifiable: Bool?
        var ast: FormulaTree?
        var hedge: [String: [String]]?
        var microseconds: Double?
        var error: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case id, ast, hedge, microseconds, error
            case isIdentifiable = "identifiable"
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(id, forKey: .id)
            // Null where there is none: readers look for these keys.
            try values.encode(isIdentifiable, forKey: .isIdentifiable)
            try values.encode(ast, forKey: .ast)
            try values.encode(hedge, forKey: .hedge)
            try values.encode(microseconds, forKey: .microseconds)
            try values.encodeIfPresent(error, forKey: .error)
        }
    }

    private let path: String
    private let records: [Record]

    public init(file path: String) throws {
        self.path = path
        let text = try IdentificationJob.text(path)
        records = try reading(path) {
            do {
                return try JSONDecoder().decode(File.self, from: Data(text.utf8)).queries
            } catch {
                throw IdentificationError(describing: error)
            }
        }
    }

    /// Answers every query in turn, `{"id", "identifiable", "ast", "hedge", "microseconds"}`; one that can't be understood
    /// has `error` instead of an answer.
    /// - Throws: After the last answer, where one could not be understood.
    public func run(_ tell: (String) -> Void) throws {
        var bad = 0
        for record in records {
            let line = Self.answer(record)
            bad += line.error == nil ? 0 : 1
            tell(String(decoding: CanonicalJSON.encode(line), as: UTF8.self))
        }
        guard bad == 0 else {
            throw Failure(
                code: "BAD_QUERIES", file: path, element: nil,
                message: "expected queries that fit their graphs, found \(counted(bad, "that doesn't", "that don't"))",
                remedy: "see error in their lines", exit: .badData)
        }
    }

    /// The time is that of the answer and its formula, with the graph at hand.
    private static func answer(_ record: Record) -> Line {
        var line = Line(id: record.id)
        do {
            let diagram = try CausalDiagram(record.graph)
            let query = CausalQuery(
                outcomes: record.query.outcomes, treatments: record.query.treatments ?? [],
                conditions: record.query.conditions ?? [])
            let clock = ContinuousClock.now
            let answer = try diagram.identify(query, experiments: record.experiments ?? [])
            let estimand = answer.isIdentifiable ? answer.derivation.estimand : nil
            line.microseconds = (ContinuousClock.now - clock) / .microseconds(1)
            line.isIdentifiable = answer.isIdentifiable
            line.ast = estimand?.tree
            line.hedge = answer.hedge.map {
                [
                    "F": diagram.names(of: $0.nodes), "F_prime": diagram.names(of: $0.inner),
                    "R": diagram.names(of: $0.roots),
                ]
            }
        } catch {
            let failure = Failure(reporting: error)
            line.error = ["code": failure.code, "message": failure.message, "remedy": failure.remedy]
            line.error?["element"] = failure.element
        }
        return line
    }
}
