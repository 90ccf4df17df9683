import AnnotatedData
import Foundation
import Shifts

/// The table of `compare`: one row a group and gene, groups in their order, genes by falling score.
///
/// Scores, means, fractions and fold changes are written in single precision, as scanpy keeps them, p-values in double.
struct GeneRankingTable {
    let ranking: GeneRanking
    let genes: [String]
    let scale: FoldChangeScale
    let adjustment: PValueAdjustment

    static let header =
        "group\tgene\tscore\tlog2_fold_change\tp_value\tp_adjusted\tmean_group\tmean_reference\tfraction_group\t"
        + "fraction_reference\n"

    /// Groups whose rows are made at the same time and then written: they bound the memory.
    private static let groupsAtOnce = 16

    func write(to path: String) throws -> [ComparisonJob.Summary.Group] {
        guard FileManager.default.createFile(atPath: path, contents: Data(Self.header.utf8)),
            let file = FileHandle(forWritingAtPath: path)
        else { throw Failure.unwritable(path) }
        defer { try? file.close() }
        var groups: [ComparisonJob.Summary.Group] = []
        let fields = genes.map { Array($0.field().utf8) }
        do {
            try file.seekToEnd()
            for first in stride(from: 0, to: ranking.groups.names.count, by: Self.groupsAtOnce) {
                let places = Array(first..<min(first + Self.groupsAtOnce, ranking.groups.names.count))
                for (rows, significant) in try Workers.map(places, { rows(of: $0, genes: fields) }) {
                    try file.write(contentsOf: rows)
                    let group = groups.count
                    groups.append(
                        .init(
                            group: ranking.groups.names[group], cells: ranking.groups.sizes[group],
                            significant: significant))
                }
            }
        } catch {
            throw Failure.unwritable(path)
        }
        return groups
    }

    private func rows(of group: Int, genes fields: [[UInt8]]) -> (Data, significant: Int) {
        let name = Array(ranking.groups.names[group].field().utf8)
        let adjusted = ranking.adjustedPValues(of: group, by: adjustment)
        var text: [UInt8] = []
        text.reserveCapacity(fields.count * 120)
        func append(_ number: some CustomStringConvertible) {
            text.append(UInt8(ascii: "\t"))
            text.append(contentsOf: number.description.utf8)
        }
        for gene in ranking.order(of: group) {
            let mean = ranking.mean(group: group, gene: gene)
            let reference = ranking.referenceMean(group: group, gene: gene)
            let change = GeneRanking.log2FoldChange(mean, reference, scale: scale)
            text.append(contentsOf: name)
            text.append(UInt8(ascii: "\t"))
            text.append(contentsOf: fields[gene])
            append(Float(ranking.scores[group, gene]))
            append(change.isNaN ? "" : Float(change).description)
            append(ranking.pValues[group, gene])
            append(adjusted[gene])
            append(Float(mean))
            append(Float(reference))
            append(Float(ranking.fraction(group: group, gene: gene)))
            append(Float(ranking.referenceFraction(group: group, gene: gene)))
            text.append(UInt8(ascii: "\n"))
        }
        return (Data(text), adjusted.count { $0 < 0.05 })
    }
}

/// The table of distances of `compare`: one row a group and metric.
enum DistanceTable {
    /// p-values are adjusted for the number of groups, metric by metric.
    static func text(
        _ distances: [GroupDistance], metrics: [DistanceMetric], adjustment: PValueAdjustment
    ) -> String {
        var adjusted: [DistanceMetric: [Double]] = [:]
        for metric in metrics {
            adjusted[metric] = adjustment.adjusted(distances.filter { $0.metric == metric }.compactMap(\.pValue))
        }
        var rows = ["group\tmetric\tvariant\tvalue\tp_value\tp_adjusted\tcells"]
        for (place, one) in distances.enumerated() {
            let group = place / max(1, metrics.count)
            rows.append(
                [
                    one.group.field(), one.measure.metric, one.measure.variant, "\(one.measure.value)",
                    one.pValue.map { "\($0)" } ?? "",
                    one.pValue == nil ? "" : "\(adjusted[one.metric]?[group] ?? .nan)",
                    "\(one.cells)",
                ].joined(separator: "\t"))
        }
        return rows.joined(separator: "\n") + "\n"
    }
}
