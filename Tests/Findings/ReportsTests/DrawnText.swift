@testable import Reports

/// The texts of a drawing with the boxes they fill, read back from what was drawn.
struct DrawnText {
    var text: String
    var style: String
    var box: LabelPlacement.Box

    static func all(in drawing: Drawing) -> [DrawnText] {
        PageReader("<svg>" + drawing.content.map(\.serialized).joined() + "</svg>").named("text").map { element in
            // A group of texts holds what they have in common.
            func given(_ name: String) -> String? { element.attributes[name] ?? element.outer[name] }
            let style = given("class") ?? ""
            let size = Double(given("font-size") ?? "") ?? (["tick", "name"].contains(style) ? 11 : 12)
            let width = element.text.width(fontSize: size)
            let x = Double(element.attributes["x"] ?? "") ?? .nan
            let y = Double(element.attributes["y"] ?? "") ?? .nan
            let start =
                switch given("text-anchor") {
                case "middle": x - width / 2
                case "end": x - width
                default: x
                }
            return DrawnText(
                text: element.text, style: style,
                box: .init(x: start, y: y - size * 0.8, width: width, height: size))
        }
    }

    /// Pairs of texts that cover each other by more than a rounding of their places.
    static func overlaps(_ texts: [DrawnText]) -> [(String, String)] {
        texts.indices.flatMap { a in
            texts.indices.dropFirst(a + 1).compactMap { b in
                let (first, second) = (texts[a].box.inset(by: 0.2), texts[b].box.inset(by: 0.2))
                return first.meets(second) ? (texts[a].text, texts[b].text) : nil
            }
        }
    }
}

extension LabelPlacement.Box {
    fileprivate func inset(by margin: Double) -> LabelPlacement.Box {
        .init(x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin)
    }
}
