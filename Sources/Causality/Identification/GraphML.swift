import Foundation

/// Graphs in GraphML (Brandes et al. 2002), as networkx, igraph, Cytoscape and `structure --graphml` write them.
///
/// Edges are directed; where `kind`, `type` or `edge_type` says `bidirected`, they are that. Nodes bear the data
/// `name` where they have it, else their id; `latent` or `observed` says which are not measured.
struct GraphML {
    /// A start tag, an end tag (`/name`) or a tag that is both (`isClosed`).
    private struct Tag {
        var name = ""
        var attributes: [String: String] = [:]
        var isClosed = false
        /// What follows up to the next tag.
        var text = ""
        var line = 1
    }

    private var keys: [String: String] = [:]
    private var edgesAreDirected = true
    private var nodes: [(id: String, data: [String: String])] = []
    private var edges: [(tag: Tag, data: [String: String])] = []

    static func read(_ text: String) throws(IdentificationError) -> DiagramDescription {
        var reader = GraphML()
        try reader.walk(try tags(of: text))
        return try reader.description()
    }

    private mutating func walk(_ tags: [Tag]) throws(IdentificationError) {
        guard tags.contains(where: { $0.name == "graphml" }) else {
            throw GraphText.bad(nil, "expected GraphML, found other XML", "write the graph as GraphML, DOT or JSON")
        }
        var isEdge = false
        for tag in tags {
            switch tag.name {
            case "key":
                if let id = tag.attributes["id"] { keys[id] = (tag.attributes["attr.name"] ?? id).lowercased() }
            case "graph": edgesAreDirected = tag.attributes["edgedefault"] != "undirected"
            case "node":
                nodes.append((try Self.required("id", of: tag), [:]))
                isEdge = false
            case "edge":
                edges.append((tag, [:]))
                isEdge = true
            case "data":
                let id = try Self.required("key", of: tag)
                let name = keys[id] ?? id.lowercased()
                let value = tag.isClosed ? "" : tag.text
                if isEdge, !edges.isEmpty {
                    edges[edges.count - 1].data[name] = value
                } else if !nodes.isEmpty {
                    nodes[nodes.count - 1].data[name] = value
                }
            default: break
            }
        }
    }

    private func description() throws(IdentificationError) -> DiagramDescription {
        var description = DiagramDescription()
        var names: [String: String] = [:]
        for node in nodes {
            let name = node.data["name"].flatMap { $0.isEmpty ? nil : $0 } ?? node.id
            names[node.id] = name
            description.nodes.append(name)
            if GraphMarks.areLatent(node.data) { description.latent.append(name) }
        }
        for (tag, data) in edges {
            let (source, target) = (try Self.required("source", of: tag), try Self.required("target", of: tag))
            let pair = DiagramDescription.Pair(names[source] ?? source, names[target] ?? target)
            if GraphMarks.areBidirected(data) {
                description.bidirected.append(pair)
            } else if tag.attributes["directed"].map({ $0 != "true" }) ?? !edgesAreDirected {
                throw GraphText.bad(
                    "line \(tag.line)", "expected directed or bidirected edges, found an undirected one",
                    "say directed=\"true\", or give it the data kind with the value bidirected")
            } else if GraphMarks.areDropped(data) {
                description.leftOut += 1
            } else {
                description.directed.append(pair)
            }
        }
        return description
    }

    private static func required(_ name: String, of tag: Tag) throws(IdentificationError) -> String {
        guard let value = tag.attributes[name] else {
            throw GraphText.bad(
                "line \(tag.line)", "expected \(tag.name) to have the attribute \(name), found none",
                "write the graph again")
        }
        return value
    }

    // MARK: Tags

    private static func tags(of text: String) throws(IdentificationError) -> [Tag] {
        var tags: [Tag] = []
        var rest = Substring(text)
        var line = 1
        func skip(_ part: Substring) { line += part.count { $0.isNewline } }
        while let start = rest.firstIndex(of: "<") {
            skip(rest[..<start])
            if let last = tags.indices.last { tags[last].text = plain(rest[..<start]) }
            rest = rest[start...]
            let closing = rest.hasPrefix("<!--") ? "-->" : rest.hasPrefix("<?") ? "?>" : ">"
            guard let end = rest.range(of: closing) else {
                throw GraphText.bad("line \(line)", "expected \(closing), found the end", "write the graph again")
            }
            if closing == ">", !rest.hasPrefix("<!") {
                tags.append(tag(rest[rest.index(after: rest.startIndex)..<end.lowerBound], line: line))
            }
            skip(rest[..<end.upperBound])
            rest = rest[end.upperBound...]
        }
        return tags
    }

    private static func tag(_ text: Substring, line: Int) -> Tag {
        var tag = Tag(line: line)
        var rest = text
        if rest.last == "/" {
            tag.isClosed = true
            rest.removeLast()
        }
        let name = rest.prefix { !$0.isWhitespace }
        // Prefixes of name spaces don't matter here.
        tag.name = String(name.split(separator: ":").last ?? "")
        rest = rest.dropFirst(name.count)
        while let equals = rest.firstIndex(of: "=") {
            let key = rest[..<equals].filter { !$0.isWhitespace }
            let value = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
            guard let quote = value.first, "\"'".contains(quote),
                let end = value.dropFirst().firstIndex(of: quote)
            else { break }
            tag.attributes[String(key)] = plain(value[value.index(after: value.startIndex)..<end])
            rest = value[value.index(after: end)...]
        }
        return tag
    }

    /// With references to characters resolved.
    private static func plain(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        let named = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        let resolved = text.replacing(/&(#x[0-9A-Fa-f]+|#[0-9]+|[a-z]+);/) { match -> Substring in
            let name = match.output.1
            if let known = named[String(name)] { return Substring(known) }
            let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
            return number.flatMap(Unicode.Scalar.init).map { Substring(String(Character($0))) } ?? match.output.0
        }
        return String(resolved)
    }
}
