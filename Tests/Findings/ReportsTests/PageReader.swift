import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Reads a page back as XML and keeps what the tests ask for.
final class PageReader: NSObject, XMLParserDelegate {
    struct Element: Equatable {
        var name: String
        var attributes: [String: String]
        var parents: [String]
        var text = ""
        var children: [String] = []
    }

    private(set) var elements: [Element] = []
    private var open: [Int] = []
    private(set) var isWellFormed = false
    private(set) var problem = ""

    init(_ page: String) {
        super.init()
        let parser = XMLParser(data: Data(page.utf8))
        parser.delegate = self
        isWellFormed = parser.parse()
        if !isWellFormed { problem = "line \(parser.lineNumber): \(String(describing: parser.parserError))" }
    }

    func named(_ names: String...) -> [Element] { elements.filter { names.contains($0.name) } }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        if let parent = open.last { elements[parent].children.append(name) }
        elements.append(Element(name: name, attributes: attributes, parents: open.map { elements[$0].name }))
        open.append(elements.count - 1)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        for index in open { elements[index].text += text }
    }
}
