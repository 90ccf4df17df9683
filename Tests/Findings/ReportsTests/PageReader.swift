import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// A page read back as XML, with what the tests ask for.
struct PageReader: Sendable {
    struct Element: Equatable, Sendable {
        var name: String
        var attributes: [String: String]
        /// Of the element directly around it.
        var outer: [String: String]
        /// Names of the elements around it, outermost first.
        var parents: [String]
        /// The text within, down to three levels.
        var text = ""
        /// Names of the elements directly within.
        var children: [String] = []
    }

    let elements: [Element]
    let isWellFormed: Bool
    let problem: String

    init(_ page: String) {
        let collector = Collector()
        let parser = XMLParser(data: Data(page.utf8))
        parser.delegate = collector
        isWellFormed = parser.parse()
        problem = isWellFormed ? "" : "line \(parser.lineNumber): \(String(describing: parser.parserError))"
        elements = collector.elements
    }

    func named(_ names: String...) -> [Element] { elements.filter { names.contains($0.name) } }

    private final class Collector: NSObject, XMLParserDelegate {
        var elements: [Element] = []
        private var open: [Int] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String] = [:]
        ) {
            if let parent = open.last { elements[parent].children.append(name) }
            elements.append(
                Element(
                    name: name, attributes: attributes, outer: open.last.map { elements[$0].attributes } ?? [:],
                    parents: open.map { elements[$0].name }))
            open.append(elements.count - 1)
        }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            open.removeLast()
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            for index in open.suffix(4) { elements[index].text += text }
        }
    }
}
