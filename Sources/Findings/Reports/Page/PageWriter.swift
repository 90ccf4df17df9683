/// Turns a report into a page and hands out its identifiers.
struct PageWriter {
    private var taken: Set<String> = []

    /// An identifier that no other element of the page has, made of the text's letters and digits.
    mutating func identifier(_ text: String) -> String {
        var slug = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9": slug.unicodeScalars.append(scalar)
            case "A"..."Z": slug += String(scalar).lowercased()
            default: if !slug.isEmpty && !slug.hasSuffix("-") { slug += "-" }
            }
            if slug.count >= 40 { break }
        }
        while slug.hasSuffix("-") { slug.removeLast() }
        if slug.isEmpty || slug.first?.isNumber == true { slug = "part-\(slug)" }
        var candidate = slug
        var number = 1
        // Figures give their titles and descriptions the names `id-t` and `id-d`.
        while !taken.isDisjoint(with: [candidate, candidate + "-t", candidate + "-d"]) {
            number += 1
            candidate = "\(slug)-\(number)"
        }
        taken.formUnion([candidate, candidate + "-t", candidate + "-d"])
        return candidate
    }

    mutating func page(_ report: MechanismReport) -> String {
        taken = ["main", "contents"]
        var parts: [(id: String, title: String, body: [Markup])] = []
        let headline = headlineBody(report)
        if !headline.isEmpty { parts.append((identifier("summary"), "Summary", headline)) }
        for section in report.sections {
            let id = identifier(section.title)
            let lead: [Markup] = section.lead.isEmpty ? [] : [.tag("p", ["class": "lead"], section.lead)]
            parts.append((id, section.title, lead + blocks(section.blocks, depth: 3)))
        }
        if !report.limits.isEmpty {
            parts.append((identifier("limits"), "Limits", [.tag("ul", [:], report.limits.map { .tag("li", [:], $0) })]))
        }
        if !report.methods.isEmpty {
            parts.append((identifier("methods"), "Methods", report.methods.map { .tag("p", ["class": "prose"], $0) }))
        }
        if !report.citations.isEmpty {
            parts.append((identifier("what to cite"), "What to cite", citationBody(report.citations)))
        }
        if !report.provenance.isEmpty {
            let hasNotes = report.provenance.contains { !$0.note.isEmpty }
            let table = ReportTable(
                title: "Provenance", columns: [.text("item"), .text("value")] + (hasNotes ? [.text("note")] : []),
                rows: report.provenance.map {
                    [.text($0.name), .text($0.value)] + (hasNotes ? [.text($0.note)] : [])
                })
            parts.append((identifier("provenance"), "Provenance", [table.markup(visibleTitle: false)]))
        }
        let page = Markup.tag(
            "html", ["xmlns": "http://www.w3.org/1999/xhtml", "lang": "en"], [head(report), body(report, parts)])
        return "<!DOCTYPE html>\n" + page.serialized + "\n"
    }

    private func head(_ report: MechanismReport) -> Markup {
        .tag(
            "head", [:],
            [
                .tag("meta", ["charset": "utf-8"]),
                .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .tag("meta", ["name": "color-scheme", "content": "light dark"]),
                // Nothing is loaded or sent, and no script runs but the page's own.
                .tag(
                    "meta",
                    [
                        "http-equiv": "Content-Security-Policy",
                        "content":
                            "default-src 'none'; style-src 'unsafe-inline'; script-src '\(ReportScript.digest)'; "
                            + "base-uri 'none'; form-action 'none'",
                    ]),
                .tag("title", [:], report.title), .tag("style", [:], [.verbatim(ReportStyle.sheet)]),
            ])
    }

    private func body(_ report: MechanismReport, _ parts: [(id: String, title: String, body: [Markup])]) -> Markup {
        let contents = parts.map { part -> Markup in
            .tag("li", [:], [.tag("a", ["href": "#\(part.id)"], part.title)])
        }
        let sections = parts.map { part -> Markup in
            .tag(
                "section", ["aria-labelledby": part.id],
                [.tag("h2", ["id": part.id], part.title)] + part.body)
        }
        return .tag(
            "body", [:],
            [
                .tag("a", ["class": "skip", "href": "#main"], "Skip to the findings"),
                .tag(
                    "header", ["class": "masthead"],
                    [
                        .tag("p", ["class": "kicker"], "Mechanism report"), .tag("h1", [:], report.title),
                    ] + (report.subtitle.isEmpty ? [] : [.tag("p", ["class": "subtitle"], report.subtitle)])),
                .tag(
                    "div", ["class": "frame"],
                    [
                        .tag(
                            "nav", ["aria-label": "Contents", "id": "contents"],
                            [.tag("p", ["class": "navtitle"], "Contents"), .tag("ol", [:], contents)]),
                        .tag("main", ["id": "main", "tabindex": "-1"], sections),
                    ]),
                .tag(
                    "footer", [:],
                    [.tag("p", [:], "Made by Interventome. This page is complete in one file and loads nothing.")]),
                .tag("script", [:], [.verbatim(ReportScript.text)]),
            ])
    }

    private func headlineBody(_ report: MechanismReport) -> [Markup] {
        var pieces: [Markup] = report.summary.map { .tag("p", ["class": "lead"], $0) }
        if let verdict = report.verdict {
            pieces.append(
                .tag(
                    "p", ["class": "answer \(verdict.rawValue)"],
                    [
                        .tag("span", ["class": "sign", "aria-hidden": "true"], verdict.sign),
                        .tag(
                            "span", [:],
                            [
                                .tag("strong", [:], "The model \(verdict.rawValue) the baselines. "),
                                .text(report.verdictText),
                            ]
                        ),
                    ]))
        }
        if !report.facts.isEmpty { pieces.append(facts(report.facts)) }
        return pieces + report.notices.map(notice)
    }

    private func citationBody(_ citations: [ReportCitation]) -> [Markup] {
        let bibtex = citations.map(\.bibtex).filter { !$0.isEmpty }.joined(separator: "\n\n")
        let list = Markup.tag("ol", ["class": "references"], citations.map { .tag("li", [:], $0.text) })
        let source = Markup.tag(
            "pre", ["tabindex": "0", "role": "group", "aria-label": "BibTeX entries"], [.tag("code", [:], bibtex)])
        return bibtex.isEmpty ? [list] : [list, .tag("h3", [:], "BibTeX"), source]
    }
}
