import Foundation

/// Numbers as text, the same in every locale: a full stop for decimals, commas for thousands, U+2212 for minus.
extension Double {
    /// With so many significant digits; `–` when there is no number.
    func significantText(_ digits: Int = 3) -> String {
        if isNaN { return "–" }
        if isInfinite { return self < 0 ? "−∞" : "∞" }
        if self == 0 { return "0" }
        let magnitude = abs(self)
        if magnitude >= 1e7 || magnitude < 1e-4 { return scientificText(digits) }
        let exponent = Int(floor(log10(magnitude)))
        return fixedText(max(0, digits - 1 - exponent))
    }

    /// With at most so many significant digits, without zeros at the end.
    func shortText(_ digits: Int = 3) -> String {
        let text = significantText(digits)
        guard text.contains("."), !text.contains("×") else { return text }
        let cut = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(cut.reversed())
    }

    /// With so many decimals; `–` when there is no number.
    func fixedText(_ decimals: Int) -> String {
        guard isFinite else { return significantText() }
        let text = String(format: "%.\(decimals)f", abs(self))
        let parts = text.split(separator: ".", maxSplits: 1)
        let whole = String(parts[0]).groupedByThousands
        let negative = self < 0 && text.contains { $0 != "0" && $0 != "." }
        return (negative ? "−" : "") + whole + (parts.count > 1 ? ".\(parts[1])" : "")
    }

    /// Such as `1.2×10⁻⁵`.
    func scientificText(_ digits: Int = 3) -> String {
        guard isFinite else { return significantText() }
        let text = String(format: "%.\(max(0, digits - 1))e", abs(self))
        guard let split = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: split)...]) else {
            return text
        }
        let raised = String(exponent).map { character -> Character in
            if character == "-" { return "⁻" }
            let superscripts: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
            return character.wholeNumberValue.map { superscripts[$0] } ?? character
        }
        var mantissa = String(text[..<split])
        if mantissa.contains(".") {
            while mantissa.hasSuffix("0") { mantissa.removeLast() }
            if mantissa.hasSuffix(".") { mantissa.removeLast() }
        }
        let power = "10" + String(raised)
        return (self < 0 ? "−" : "") + (mantissa == "1" ? power : "\(mantissa)×\(power)")
    }

    /// A share in whole per cent, such as `82 %`.
    public var percentText: String { (100 * self).fixedText(0) + "\u{202F}%" }

    /// A coordinate of a drawing: to a tenth of a pixel.
    var coordinateText: String {
        guard isFinite else { return "0" }
        let tenths = Int((Swift.min(Swift.max(self, -1e6), 1e6) * 10).rounded())
        let whole = abs(tenths) / 10
        let rest = abs(tenths) % 10
        return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
    }
}

extension Int {
    /// With commas between thousands.
    public var countText: String { (self < 0 ? "−" : "") + String(magnitude).groupedByThousands }

    /// The same with its noun: `1 edge`, `1,200 edges`.
    func countText(_ one: String, _ many: String) -> String { "\(countText) \(self == 1 ? one : many)" }
}

extension String {
    fileprivate var groupedByThousands: String {
        guard count > 3 else { return self }
        var grouped = ""
        for (index, character) in enumerated() {
            if index > 0 && (count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(character)
        }
        return grouped
    }
}
