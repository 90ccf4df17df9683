/// The pieces of sections.
extension PageWriter {
    /// - Parameter depth: the level of the next heading, 3 to 6.
    mutating func blocks(_ blocks: [ReportBlock], depth: Int) -> [Markup] {
        var level = depth
        return blocks.flatMap { block -> [Markup] in
            if case .heading(let title) = block {
                level = min(6, depth + 1)
                return [.tag("h\(depth)", ["id": identifier(title)], title)]
            }
            return markup(of: block, depth: level)
        }
    }

    private mutating func markup(of block: ReportBlock, depth: Int) -> [Markup] {
        switch block {
        case .heading: return []
        case .paragraph(let text): return [.tag("p", ["class": "prose"], text)]
        case .facts(let list): return list.isEmpty ? [] : [facts(list)]
        case .notice(let entry): return [notice(entry)]
        case .table(let table): return [table.markup()]
        case .figure(let entry, let table): return [figure(entry, table: table)]
        case .gallery(let figures, let table):
            var drawn: [Markup] = []
            for entry in figures { drawn.append(figure(entry, table: table)) }
            let small = figures.allSatisfy { $0.drawn.drawing().width < 300 }
            return drawn.isEmpty ? [] : [.tag("div", ["class": small ? "gallery small" : "gallery"], drawn)]
        case .cards(let entries): return cards(entries, depth: depth)
        case .folded(let entry): return [card(entry, id: identifier(entry.title), isOpen: false, depth: depth)]
        }
    }

    func facts(_ list: [ReportFact]) -> Markup {
        .tag(
            "dl", ["class": "facts"],
            list.map { fact in
                .tag(
                    "div", [:],
                    [.tag("dt", [:], fact.name), .tag("dd", [:], fact.value)]
                        + (fact.note.isEmpty ? [] : [.tag("dd", ["class": "note"], fact.note)]))
            })
    }

    func notice(_ entry: ReportNotice) -> Markup {
        let word = entry.weight == .warning ? "Warning" : "Note"
        let code: [Markup] = entry.code.isEmpty ? [] : [.text(" "), .tag("code", [:], entry.code)]
        return .tag(
            "p", ["class": "notice \(entry.weight.rawValue)"],
            [.tag("strong", [:], "\(word): "), .text(entry.message)] + code)
    }

    private mutating func figure(_ entry: ReportFigure, table: String?) -> Markup {
        let figure = entry.drawn
        let id = identifier("figure \(figure.title)")
        let drawing = figure.drawing()
        // Wide drawings scroll in their own box, which the keyboard must reach.
        let scrolls = drawing.width > 440
        let box: KeyValuePairs<String, String?> = [
            "class": "scroll", "tabindex": scrolls ? "0" : nil, "role": scrolls ? "group" : nil,
            "aria-label": scrolls ? "Figure: \(figure.title)" : nil,
        ]
        var pieces: [Markup] = [
            .tag("div", box, [drawing.svg(title: figure.title, description: figure.description, id: id)]),
            .tag(
                "figcaption", [:],
                [.tag("strong", [:], figure.title)]
                    + (figure.caption.isEmpty ? [] : [.text(". " + figure.caption)])
                    + (table.map { links(to: $0, isSentence: !figure.caption.isEmpty) } ?? [])),
        ]
        if let numbers = figure.numbers(), !numbers.rows.isEmpty {
            let table = numbers.markup(visibleTitle: false)
            pieces.append(
                .tag("details", ["class": "numbers"], [.tag("summary", [:], "Numbers behind the figure"), table]))
        }
        return .tag("figure", ["class": drawing.width > 600 ? "wide" : nil], pieces)
    }

    /// To the files of the table behind a figure; a caption that is no sentence gets its full stop.
    private func links(to table: String, isSentence: Bool) -> [Markup] {
        [.text(isSentence ? " Table: " : ". Table: ")]
            + FigureTable.endings.enumerated().flatMap { place, ending -> [Markup] in
                [
                    .text(place == 0 ? "" : ", "),
                    .tag("a", ["href": FigureTable.path(table, ending)], place == 0 ? "\(table).\(ending)" : ending),
                ]
            } + [.text(".")]
    }

    private mutating func cards(_ entries: [ReportCard], depth: Int) -> [Markup] {
        guard !entries.isEmpty else { return [] }
        var links: [Markup] = []
        var drawn: [Markup] = []
        for (index, card) in entries.enumerated() {
            let id = identifier(card.title)
            links.append(.tag("li", [:], [.tag("a", ["href": "#\(id)"], card.title)]))
            drawn.append(self.card(card, id: id, isOpen: index == 0, depth: depth))
        }
        let index = Markup.tag("ul", ["class": "index"], links)
        return (entries.count > 1 ? [index] : []) + [
            .tag("div", ["class": entries.count > 16 ? "cards dense" : "cards"], drawn)
        ]
    }

    /// The anchor lies inside the card, so that a browser opens the card when its link is followed.
    private mutating func card(_ card: ReportCard, id: String, isOpen: Bool, depth: Int) -> Markup {
        let tags = card.tags.map { Markup.tag("span", ["class": "tag"], $0) }
        let summary: [Markup] =
            [.tag("h\(depth)", [:], card.title)] + tags
            + (card.summary.isEmpty ? [] : [.tag("span", ["class": "aside"], card.summary)])
        let content = Markup.tag(
            "div", ["class": "cardbody", "id": id], blocks(card.blocks, depth: min(6, depth + 1)))
        return .tag(
            "details", ["class": "card", "open": isOpen ? "open" : nil], [.tag("summary", [:], summary), content])
    }
}
