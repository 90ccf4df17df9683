/// What assistive technology needs of a page's structure, checked over the page as it was written: after the rules of axe
/// (duplicate-id, heading-order, html-has-lang, document-title, landmark-one-main, region, image-alt, th-has-data-cells,
/// td-headers, list, definition-list, link-name, aria-valid-attr-value, scrollable-region-focusable, tabindex,
/// meta-viewport, summary-name) and WCAG 2.2, 1.3.1, 2.4.1, 2.4.6, 4.1.2.
struct PageStructure {
    let page: PageReader

    /// What is wrong, one sentence each.
    var violations: [String] {
        guard page.isWellFormed else { return ["not well formed: \(page.problem)"] }
        return document + headings + references + drawings + tables + lists + controls
    }

    private var document: [String] {
        var found: [String] = []
        let html = page.named("html").first
        if html?.attributes["lang"]?.isEmpty ?? true { found.append("the page has no language") }
        let titles = page.named("title").filter { $0.parents.last == "head" }
        if titles.count != 1 { found.append("\(titles.count) titles of the page") }
        for name in ["header", "nav", "main", "footer"] where page.named(name).count != 1 {
            found.append("\(page.named(name).count) landmarks \(name)")
        }
        if page.named("nav").contains(where: { $0.attributes["aria-label"]?.isEmpty ?? true }) {
            found.append("a nav without a name")
        }
        let viewport = page.named("meta").first { $0.attributes["name"] == "viewport" }?.attributes["content"] ?? ""
        if !viewport.contains("width=device-width") || viewport.contains("user-scalable")
            || viewport.contains("maximum")
        {
            found.append("the viewport can't be enlarged: \(viewport)")
        }
        // What follows the body must stand in a landmark, but for the way past the contents and the script.
        let landmarks: Set = ["header", "nav", "main", "footer"]
        let loose = page.elements.filter { element in
            element.parents == ["html", "body"] && !landmarks.contains(element.name) && element.name != "script"
                && element.attributes["class"] != "skip" && element.attributes["class"] != "frame"
        }
        return found + loose.map { "\($0.name) outside of the landmarks" }
    }

    private var headings: [String] {
        let all = page.named("h1", "h2", "h3", "h4", "h5", "h6")
        let levels = all.compactMap { $0.name.last?.wholeNumberValue }
        var found = zip(levels, levels.dropFirst()).filter { $1 > $0 + 1 }.map { "h\($1) after h\($0)" }
        if levels.filter({ $0 == 1 }).count != 1 || levels.first != 1 { found.append("not one h1, first of all") }
        return found
            + all.filter { $0.text.allSatisfy(\.isWhitespace) && $0.name != "h1" }.map { "an empty \($0.name)" }
    }

    private var references: [String] {
        var seen: Set<String> = []
        var found: [String] = []
        for id in page.elements.compactMap({ $0.attributes["id"] }) where !seen.insert(id).inserted {
            found.append("two elements \(id)")
        }
        for element in page.elements {
            let named = ["aria-labelledby", "aria-describedby", "aria-controls", "headers", "for"]
                .flatMap { (element.attributes[$0] ?? "").split(separator: " ").map(String.init) }
            let anchor = element.attributes["href"].flatMap { $0.hasPrefix("#") ? String($0.dropFirst()) : nil }
            for id in named + (anchor.map { [$0] } ?? []) where !seen.contains(id) {
                found.append("\(element.name) points to \(id), which is not there")
            }
        }
        for link in page.named("a") where link.text.allSatisfy(\.isWhitespace) || link.attributes["href"] == nil {
            found.append("a link without text or end")
        }
        return found
    }

    private var drawings: [String] {
        page.named("svg").filter { drawing in
            drawing.attributes["role"] != "img" || drawing.children.prefix(2) != ["title", "desc"]
                || drawing.attributes["aria-labelledby"] == nil || !drawing.parents.contains("figure")
        }.map { _ in "a drawing without a title and a description in a figure" }
            + page.named("desc").filter { $0.text.count < 20 }.map { "a drawing described as '\($0.text)'" }
            + page.named("figure").filter { !$0.children.contains("figcaption") }.map { _ in
                "a figure without a caption"
            }
    }

    private var tables: [String] {
        var found: [String] = []
        for table in page.named("table") where table.children.first != "caption" {
            found.append("a table without a caption")
        }
        for caption in page.named("caption") where caption.text.allSatisfy(\.isWhitespace) {
            found.append("an empty caption")
        }
        for head in page.named("th") where !["row", "col"].contains(head.attributes["scope"] ?? "") {
            found.append("a header '\(head.text)' of neither row nor column")
        }
        // Rows in the order of the page: one of headers, then as many cells in each.
        var columns = 0
        for row in page.named("tr") {
            if row.parents.last == "thead" {
                columns = row.children.count
                if row.children.contains(where: { $0 != "th" }) { found.append("a header row with data") }
            } else if row.children.count != columns || row.children.first != "th" {
                found.append("a row of \(row.children.count) cells under \(columns) headers")
            }
        }
        return found
    }

    private var lists: [String] {
        page.named("ul", "ol").filter { list in list.children.isEmpty || list.children.contains { $0 != "li" } }
            .map { "a list of \($0.children)" }
            + page.named("dl").filter { list in list.children.contains { $0 != "div" } }.map {
                "a dl of \($0.children)"
            }
            + page.named("details").filter { $0.children.first != "summary" }.map { _ in "details without a summary" }
            + page.named("summary").filter { $0.text.allSatisfy(\.isWhitespace) }.map { _ in "a summary without words" }
    }

    private var controls: [String] {
        var found: [String] = []
        for element in page.elements {
            if let index = element.attributes["tabindex"], !["0", "-1"].contains(index) {
                found.append("a tabindex of \(index)")
            }
            let scrolls = element.attributes["class"] == "scroll" || element.name == "pre"
            let isReached = element.attributes["tabindex"] == "0"
            if isReached, element.attributes["role"] == nil || (element.attributes["aria-label"] ?? "").isEmpty {
                found.append("a stop of the keyboard without role and name: \(element.name)")
            }
            if scrolls, element.children.contains("table"), !isReached {
                found.append("a table that scrolls and can't be reached")
            }
            if ["button", "input", "select"].contains(element.name) {
                found.append("a \(element.name) that does nothing without the script")
            }
        }
        return found
    }
}
