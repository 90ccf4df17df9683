/// How wide text will be, from a small table of wide sans-serif faces, so that labels can be placed without a browser.
///
/// The widths are upper bounds over the system fonts the page asks for; a narrower font only leaves more room.
extension String {
    /// Width in pixels at a font size in pixels.
    func width(fontSize: Double) -> Double {
        unicodeScalars.reduce(0) { $0 + String.width(of: $1) } * fontSize
    }

    /// The text, or its beginning and an ellipsis where it would be wider than `limit` pixels.
    func fitted(to limit: Double, fontSize: Double) -> String {
        if width(fontSize: fontSize) <= limit { return self }
        var kept = ""
        var used = "…".width(fontSize: fontSize)
        for character in self {
            used += String(character).width(fontSize: fontSize)
            if used > limit { break }
            kept.append(character)
        }
        while kept.last == " " { kept.removeLast() }
        return kept + "…"
    }

    /// Width of one scalar in em.
    private static func width(of scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!", " ": return 0.33
        case "f", "t", "r", "(", ")", "[", "]", "/", "-": return 0.42
        case "m", "w", "M", "W", "@", "%", "…", "—": return 0.98
        case "A"..."Z": return 0.72
        case "a"..."z", "0"..."9": return 0.63
        default: return scalar.value < 0x300 || (0x370..<0x500).contains(scalar.value) ? 0.7 : 1
        }
    }
}
