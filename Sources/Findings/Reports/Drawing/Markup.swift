/// A piece of a page: HTML and SVG share this tree, so that what is written is well formed and escaped by construction.
///
/// The output is both valid HTML5 and well-formed XML. Characters that XML forbids become U+FFFD.
enum Markup {
    case element(String, [(name: String, value: String)], [Markup])
    case text(String)
    /// Written as it stands: for the stylesheet and the script alone, which must hold neither `<` nor `&`.
    case verbatim(String)

    /// An element; attributes whose value is nil are left out.
    static func tag(
        _ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ children: [Markup] = []
    ) -> Markup {
        .element(name, attributes.compactMap { pair in pair.value.map { (pair.key, $0) } }, children)
    }

    /// An element around a text.
    static func tag(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ text: String) -> Markup {
        tag(name, attributes, [.text(text)])
    }

    /// The text of this piece.
    var serialized: String {
        var output = ""
        write(to: &output)
        return output
    }

    func write(to output: inout String) {
        switch self {
        case .text(let text): Markup.escape(text, into: &output)
        case .verbatim(let text): output += text
        case .element(let name, let attributes, let children):
            output += "<"
            output += name
            for attribute in attributes {
                output += " \(attribute.name)=\""
                Markup.escape(attribute.value, into: &output)
                output += "\""
            }
            if children.isEmpty && Markup.closedAtOnce.contains(name) {
                output += "/>"
                return
            }
            output += ">"
            for child in children { child.write(to: &output) }
            output += "</\(name)>"
            if Markup.endsLine.contains(name) { output += "\n" }
        }
    }

    /// HTML's void elements and SVG's shapes: the only ones that both parsers accept as `<name/>`.
    private static let closedAtOnce: Set<String> = [
        "meta", "br", "hr", "rect", "line", "path", "circle", "polygon", "polyline",
    ]

    private static let endsLine: Set<String> = [
        "head", "title", "style", "script", "header", "nav", "main", "footer", "section", "article", "figure", "table",
        "tr", "p",
        "h1", "h2", "h3", "h4", "li", "ul", "ol", "dl", "div", "details", "pre", "svg", "g",
    ]

    /// Appends text with the five special characters of XML written as entities.
    static func escape(_ text: String, into output: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case "\t", "\n": output.unicodeScalars.append(scalar)
            default:
                let forbidden =
                    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE
                output.unicodeScalars.append(forbidden ? "\u{FFFD}" : scalar)
            }
        }
    }
}
