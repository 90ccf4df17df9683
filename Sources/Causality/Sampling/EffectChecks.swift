import Generators
import Identification

/// What a question and its rows must be like before anything is trained.
extension Derivation {
    /// The nodes of which an answer needs columns: ancestors of outcomes and conditions.
    public var needed: NodeSet {
        let inner = root.line == .ancestors ? root.children[0].nodes : root.nodes
        return inner.union(conditions)
    }

    /// - Throws: `LATENT`, `MISSING_COLUMN`, `TOO_FEW_ROWS`, `CONSTANT`.
    public func check(_ table: NodeTable) throws(SamplingError) {
        if let latent = diagram.latents.sorted().first(where: { table.columns[$0] != nil }) {
            throw SamplingError(
                code: "LATENT", element: latent, message: "expected no values of a latent node, found a column of them",
                remedy: "take it from the list of latent nodes, since it is measured, or remove the column")
        }
        let names = needed.map { diagram.names[$0] }
        for name in names where table.columns[name] == nil {
            throw SamplingError(
                code: "MISSING_COLUMN", element: name,
                message: "expected a column of every node, found none of this one",
                remedy: "add the column, or list the node as latent if it was not measured")
        }
        guard table.rows >= 10 else {
            throw SamplingError(
                code: "TOO_FEW_ROWS", element: "the data",
                message: "expected at least 10 rows to learn from, found \(table.rows)", remedy: "give more rows")
        }
        for name in names {
            let column = table[name]
            let width = column.kind.width
            let varies = column.values.indices.contains { column.values[$0] != column.values[$0 % width] }
            guard !varies else { continue }
            throw SamplingError(
                code: "CONSTANT", element: name, message: "expected values that differ, found one value in all rows",
                remedy: "remove the node from the graph, or give rows in which it varies")
        }
    }
}

extension SamplingNetwork {
    /// Treatments and conditions whose values have to be given.
    public var settable: [Node] { (treatments + conditions).sorted().map { nodes[$0] } }

    /// - Throws: `NO_VALUE`, `NOT_FINITE`, `CODES_RANGE`, `OUTSIDE_SUPPORT`.
    public func check(_ settings: NodeTable, allowsExtrapolation: Bool) throws(SamplingError) {
        for node in settable {
            guard let column = settings.columns[node.name] else {
                throw SamplingError(
                    code: "NO_VALUE", element: node.name,
                    message: "expected a value of everything that is set or conditioned on, found none of this one",
                    remedy:
                        "write do(\(node.name)=…) or \(node.name)=… in the query, or give a table with a column of it")
            }
            if let wrong = column.values.first(where: { !$0.isFinite }) {
                throw SamplingError(
                    code: "NOT_FINITE", element: node.name, message: "expected a finite value, found \(wrong)",
                    remedy: "give a number")
            }
            if let levels = node.kind.levels {
                if let wrong = column.values.first(where: { !(0..<Float(levels)).contains($0) || $0 != $0.rounded() }) {
                    throw SamplingError(
                        code: "CODES_RANGE", element: node.name,
                        message: "expected the place of one of \(levels) labels, found \(wrong)",
                        remedy: "number the labels from 0")
                }
            }
            guard !allowsExtrapolation, let ranges = ranges[node.name] else { continue }
            for (place, value) in column.values.enumerated() {
                let range = ranges[place % ranges.count]
                guard !range.contains(value) else { continue }
                throw SamplingError(
                    code: "OUTSIDE_SUPPORT", element: node.name,
                    message: "expected values between \(range.lower) and \(range.upper), where there are data, found "
                        + "\(value)",
                    remedy:
                        "ask for values within, or allow extrapolation and trust the draws no further than the models")
            }
        }
    }

    /// - Throws: `FEW_EFFECTIVE_ROWS` where a model that the answer rests on has too few effective rows.
    public func checkOverlap(smallest: Double) throws(SamplingError) {
        for model in diagnostics.models {
            guard let overlap = model.overlap, overlap.effectiveRows < smallest else { continue }
            let set = overlap.set.joined(separator: ", ")
            throw SamplingError(
                code: "FEW_EFFECTIVE_ROWS", element: set,
                message: "expected at least \(smallest) effective rows to learn \(model.node) from, found "
                    + "\((overlap.effectiveRows * 10).rounded() / 10) of \(overlap.rows): \(set) hardly varies beside the "
                    + "other causes of \(model.node)",
                remedy: "give rows in which it varies, or lower the bound and trust the draws accordingly")
        }
    }

    /// The smallest and largest observed value of one number.
    public struct Range: Codable, Sendable, Equatable {
        public let lower: Float
        public let upper: Float

        func contains(_ value: Float) -> Bool { lower <= value && value <= upper }
    }

    /// Of each coordinate of every numeric node that is set or conditioned on.
    static func ranges(of nodes: [Node], in table: NodeTable) -> [String: [Range]] {
        var ranges: [String: [Range]] = [:]
        for node in nodes where node.kind.levels == nil {
            let values = table[node.name].values
            ranges[node.name] = (0..<node.kind.width).map { place in
                let own = stride(from: place, to: values.count, by: node.kind.width).map { values[$0] }
                return Range(lower: own.min() ?? 0, upper: own.max() ?? 0)
            }
        }
        return ranges
    }
}
