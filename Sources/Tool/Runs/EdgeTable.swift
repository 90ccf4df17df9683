import AnnotatedData
import Formats
import Foundation
import Graphs
import Structure

extension EdgeBeliefs {
    /// How many edges are likely, such as `12 edges of probability 0.5 or more`.
    var likelyEdges: String {
        counted(ranked.prefix { $0.probability >= 0.5 }.count, "edge", "edges") + " of probability 0.5 or more"
    }
}

/// Edges as a table `source target probability`, by falling probability, all ordered pairs; where cells were drawn anew,
/// with `low` and `high`, the 5 % and 95 % quantiles of the probability over the resamples.
enum EdgeTable {
    static func text(_ beliefs: EdgeBeliefs, resampled: ResampledBeliefs? = nil) -> String {
        // Millions of rows: names are quoted once, and no row is held beside the text.
        let names = beliefs.genes.map { $0.field() }
        var text = "source\ttarget\tprobability" + (resampled == nil ? "" : "\tlow\thigh") + "\n"
        for edge in beliefs.ranked {
            text += names[edge.source]
            text += "\t"
            text += names[edge.target]
            text += "\t\(edge.probability)"
            if let resampled {
                let place = edge.source * names.count + edge.target
                text += "\t\(resampled.low[place])\t\(resampled.high[place])"
            }
            text += "\n"
        }
        return text
    }

    /// Reads such a table; pairs that it does not name have probability 0. Genes that are not among `genes` are an error.
    static func read(_ path: String, genes: [String]) throws -> EdgeBeliefs {
        let place = Dictionary(genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var probabilities = [Float](repeating: 0, count: genes.count * genes.count)
        for edge in try edges(path) {
            guard (0...1).contains(edge.probability) else {
                throw Failure(
                    code: "CSV_VALUE", file: path, element: "\(edge.source) → \(edge.target)",
                    message: "expected a probability from 0 to 1, found \(edge.probability)",
                    remedy: "correct the column probability", exit: .badData)
            }
            guard let source = place[edge.source], let target = place[edge.target] else {
                throw Failure(
                    code: "UNKNOWN_GENES", file: path, element: "\(edge.source) → \(edge.target)",
                    message: "expected genes of the screen, found another", remedy: "use the genes that were kept",
                    exit: .badData)
            }
            probabilities[source * genes.count + target] = Float(edge.probability)
        }
        return EdgeBeliefs(genes: genes, probabilities: probabilities)
    }

    /// The rows of a table with the columns `source` and `target`; without a column `probability` each counts 1.
    static func edges(_ path: String) throws -> [(source: String, target: String, probability: Double)] {
        let table = try readTable(path, namesColumn: "source", textColumns: ["target"])
        guard let targets = table["target"]?.labels else {
            throw Failure(
                code: "MISSING_ELEMENT", file: path, element: "target",
                message:
                    "expected the columns source and target, found \(table.columns.map(\.name).joined(separator: ", "))",
                remedy: "name the columns source and target", exit: .badData)
        }
        let probabilities = table["probability"]?.numbers
        return table.names.indices.compactMap { row in
            targets[row].map { (table.names[row], $0, probabilities?[row] ?? 1) }
        }
    }
}
