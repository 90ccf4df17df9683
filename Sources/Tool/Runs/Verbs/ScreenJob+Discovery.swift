import AnnotatedData
import Discovery
import Foundation

/// How `structure` is to be learned: by trained weights, or by a classical method for comparison.
public enum StructureMethod: Sendable, Equatable {
    case amortised
    case classical(ClassicalMethod)

    public init?(_ name: String) {
        if name == "amortised" {
            self = .amortised
        } else if let method = ClassicalMethod(rawValue: name) {
            self = .classical(method)
        } else {
            return nil
        }
    }

    public static let names = ["amortised"] + ClassicalMethod.allCases.map(\.rawValue)

    /// For a help text: each classical method and what its scores are, line by line.
    public static let legend = ClassicalMethod.allCases.map { "\($0.rawValue): \($0.score)" }.joined(separator: "\n")
}

extension ScreenJob {
    /// Scores of edges by a classical method, in the form of probabilities; the summary is for `--json`.
    public func discover(to output: String, method: ClassicalMethod) throws -> DiscoverySummary {
        let started = Date()
        let prepared = try prepareInBlocks()
        let cells = try cells(of: prepared) { _ in ClassicalMethod.cellsAtMost(readingOptions) }
        console.begin("structure")
        let found = try reporting { try method.discover(in: cells, options: readingOptions) }
        found.notices.forEach { console.note($0.message) }
        try OutputFile.write(EdgeTable.text(found.beliefs), to: output)
        console.end("scores of \(method.rawValue) for the edges among \(found.beliefs.genes.count) genes")
        return DiscoverySummary(
            edges: output, method: method.rawValue, seconds: Date().timeIntervalSince(started),
            notes: prepared.result.notices + found.notices)
    }

    /// What `structure --method NAME --json` prints.
    public struct DiscoverySummary: Encodable {
        let edges: String
        let method: String
        let seconds: Double
        let notes: [Notice]

        public var json: String { String(decoding: CanonicalJSON.encode(self), as: UTF8.self) }
    }
}
