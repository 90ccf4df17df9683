import Foundation

/// The ways in which a causal diagram is written in a file.
public enum GraphText: String, Sendable, CaseIterable {
    /// `{"nodes": […], "directed": [[a, b], …], "bidirected": [[a, b], …], "latent": […]}`.
    case json
    /// Lines `source target` with tabs between, a header first; a third column says `directed` or `bidirected`.
    case table
    case graphML, dot

    /// By what the text begins with.
    public init(recognising text: String) {
        let start = text.drop { $0.isWhitespace }
        let word = start.prefix { $0.isLetter }.lowercased()
        if start.first == "{" || start.first == "[" {
            self = .json
        } else if start.first == "<" {
            self = .graphML
        } else if ["digraph", "graph", "strict", "dag", "mag", "pdag"].contains(word), text.contains("{") {
            self = .dot
        } else {
            self = .table
        }
    }

    /// - Throws: `BAD_GRAPH` with the line, `EMPTY_GRAPH`.
    public static func read(_ text: String) throws(IdentificationError) -> DiagramDescription {
        var text = Substring(text)
        if text.first == "\u{FEFF}" { text.removeFirst() }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw IdentificationError(
                code: "EMPTY_GRAPH", message: "expected a graph, found an empty text", remedy: "write the graph again")
        }
        let whole = String(text)
        return switch GraphText(recognising: whole) {
        case .json: try json(whole)
        case .table: try EdgeLines.read(whole)
        case .graphML: try GraphML.read(whole)
        case .dot: try DotReader.read(whole)
        }
    }

    private static func json(_ text: String) throws(IdentificationError) -> DiagramDescription {
        do {
            return try JSONDecoder().decode(DiagramDescription.self, from: Data(text.utf8))
        } catch {
            throw IdentificationError(describing: error)
        }
    }

    static func bad(_ element: String?, _ message: String, _ remedy: String) -> IdentificationError {
        IdentificationError(code: "BAD_GRAPH", element: element, message: message, remedy: remedy)
    }
}

extension IdentificationError {
    /// What is wrong with JSON of a graph, and where.
    public init(describing error: any Error) {
        let remedy = #"write {"nodes": ["a", "b"], "directed": [["a", "b"]], "bidirected": [], "latent": []}"#
        guard let error = error as? DecodingError else {
            self = GraphText.bad(nil, "expected a graph as JSON, found \(error)", remedy)
            return
        }
        let (path, message): ([any CodingKey], String) =
            switch error {
            case .keyNotFound(let key, let context):
                (context.codingPath, "expected the key \(key.stringValue), found none")
            case .typeMismatch(let type, let context):
                (context.codingPath, "expected \(type), found another kind of value")
            case .valueNotFound(let type, let context): (context.codingPath, "expected \(type), found the end or null")
            case .dataCorrupted(let context): (context.codingPath, context.debugDescription)
            @unknown default: ([], "\(error)")
            }
        let place = path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "/")
        self = GraphText.bad(place.isEmpty ? nil : "/" + place, message, remedy)
    }
}
