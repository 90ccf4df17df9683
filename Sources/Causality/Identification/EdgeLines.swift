/// Edges as a table with tabs: a header that names `source` and `target`, or none and then these are the first two
/// columns.
///
/// A column `kind` (or `type`) says `directed`, `->`, `bidirected` or `<->`. Of a table with a column `decision`, as
/// `structure --dag` writes it, the edges `kept` count; of one with a column `probability` those of one half or more.
/// A line with one name is a node.
enum EdgeLines {
    private struct Columns {
        var source = 0
        var target = 1
        var kind: Int?
        var decision: Int?
        var probability: Int?

        init?(header fields: [String]) {
            let names = fields.map { $0.lowercased() }
            guard let source = names.firstIndex(of: "source"), let target = names.firstIndex(of: "target") else {
                return nil
            }
            self.source = source
            self.target = target
            kind = names.firstIndex { ["kind", "type"].contains($0) }
            decision = names.firstIndex(of: "decision")
            probability = names.firstIndex(of: "probability")
        }

        /// Of a table without header.
        init(count: Int) { kind = count > 2 ? 2 : nil }
    }

    static func read(_ text: String) throws(IdentificationError) -> DiagramDescription {
        var description = DiagramDescription()
        var columns: Columns?
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard line.contains(where: { !$0.isWhitespace }), line.first != "#" else { continue }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(unquoted)
            if columns == nil {
                columns = Columns(header: fields)
                if columns != nil { continue }
                columns = Columns(count: fields.count)
            }
            let place = "line \(number + 1)"
            if fields.count == 1, !fields[0].isEmpty, !fields[0].contains(where: { ",; ".contains($0) }) {
                description.nodes.append(fields[0])
                continue
            }
            try add(fields, columns!, place, to: &description)
        }
        description.addNodesOfEdges()
        return description
    }

    private static func add(
        _ fields: [String], _ columns: Columns, _ place: String, to description: inout DiagramDescription
    ) throws(IdentificationError) {
        guard fields.count > max(columns.source, columns.target) else {
            throw GraphText.bad(
                place,
                "expected a source and a target with a tab between, found \(fields.joined(separator: " ").prefix(60))",
                "write one edge a line, or the graph as JSON")
        }
        let pair = DiagramDescription.Pair(fields[columns.source], fields[columns.target])
        guard !pair.first.isEmpty, !pair.second.isEmpty else {
            throw GraphText.bad(place, "expected two names, found an empty one", "name both nodes")
        }
        func field(_ column: Int?) -> String? {
            column.flatMap { $0 < fields.count && !fields[$0].isEmpty ? fields[$0] : nil }
        }
        if let decision = field(columns.decision), decision != "kept" {
            description.leftOut += 1
            return
        }
        if columns.decision == nil, let probability = field(columns.probability) {
            guard let value = Double(probability), (0...1).contains(value) else {
                throw GraphText.bad(
                    place, "expected a probability from 0 to 1, found \(probability.prefix(40))", "correct the column")
            }
            if value < 0.5 {
                description.leftOut += 1
                return
            }
        }
        switch field(columns.kind)?.lowercased() {
        case nil, "directed", "->", "→", "causes": description.directed.append(pair)
        case "bidirected", "<->", "↔", "confounded": description.bidirected.append(pair)
        case let kind?:
            throw GraphText.bad(
                place, "expected directed or bidirected, found \(kind.prefix(40))", "correct the kind of the edge")
        }
    }

    /// Without the quotes around a field, of which two stand for one.
    private static func unquoted(_ field: Substring) -> String {
        guard field.count > 1, field.first == "\"", field.last == "\"" else { return String(field) }
        return field.dropFirst().dropLast().split(separator: "\"\"", omittingEmptySubsequences: false)
            .joined(separator: "\"")
    }
}
