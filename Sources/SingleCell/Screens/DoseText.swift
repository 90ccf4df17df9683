import Foundation

/// Doses as people write them: `10 nM`, `0.1uM`, `1e-5 M`, `5%`, `vehicle`, or several, `10 nM + 5 uM`.
public struct DoseText: Sendable, Equatable {
    /// One dose: the number as written, and its unit.
    public struct Dose: Sendable, Equatable {
        /// Digits with or without a point: `12.5`.
        let significand: String
        let exponent: Int
        /// nil for a bare number.
        public let unit: DoseUnit?

        /// In its own unit.
        public var value: Double { value(shiftedBy: 0) }

        /// In the common unit of its kind, rounded once; a bare number as it is.
        public var commonValue: Double { value(shiftedBy: unit?.power ?? 0) }

        /// In another unit of the same kind, rounded once; nil for units of different kinds, and for a bare number other
        /// than 0.
        public func value(in other: DoseUnit) -> Double? {
            guard let unit else { return value == 0 ? 0 : nil }
            return unit.dimension == other.dimension ? value(shiftedBy: unit.power - other.power) : nil
        }

        /// The decimal digits are kept, so that 0.1 uM is 100 nM and not nearly so.
        private func value(shiftedBy power: Int) -> Double { Double("\(significand)e\(exponent + power)") ?? .nan }
    }

    /// As it was written.
    public let text: String
    /// One or more.
    public let doses: [Dose]

    /// Reads a text.
    ///
    /// Several doses are divided by `+`, `;`, `|` or `&`; where only the last has a unit, it is everyone's. Words for no
    /// treatment (`vehicle`, `control`, `untreated`, `none`, `DMSO`) are a dose of 0.
    /// - Throws: `DOSE_VALUE` for ranges and bounds, negative doses, commas (of decimals or thousands), and anything else,
    ///   with what to write instead.
    public init(_ text: String) throws(ScreenError) {
        self.text = text
        guard text.utf8.count <= 200 else {
            throw Self.refused(String(text.prefix(40)) + "…", "a dose expected, found a long text", "check the column")
        }
        // The Unicode minus, as spreadsheets write it.
        let plain = text.replacingOccurrences(of: "\u{2212}", with: "-").replacingOccurrences(of: "\u{A0}", with: " ")
            .trimmingCharacters(in: .whitespaces)
        if Self.noTreatment.contains(plain.lowercased()) {
            doses = [Dose(significand: "0", exponent: 0, unit: nil)]
            return
        }
        var doses: [Dose] = []
        for part in Self.parts(plain) { doses.append(try Self.dose(part, in: text)) }
        if let last = doses.last?.unit, doses.dropLast().allSatisfy({ $0.unit == nil }) {
            doses = doses.map { Dose(significand: $0.significand, exponent: $0.exponent, unit: last) }
        }
        let isMixed = doses.contains { $0.unit == nil && $0.value != 0 } && doses.contains { $0.unit != nil }
        guard !isMixed else {
            throw Self.refused(text, "some of these doses have units and some have none", "write every dose's unit")
        }
        self.doses = doses
    }

    private static let noTreatment: Set<String> = [
        "vehicle", "control", "ctrl", "untreated", "none", "dmso", "mock", "no treatment", "no drug",
    ]

    /// Divided where doses end; a plus sign behind an `e` or before digits at the beginning belongs to a number.
    private static func parts(_ text: String) -> [String] {
        var parts: [String] = [""]
        var previous: Character = " "
        for character in text {
            let isExponent =
                character == "+" && (previous == "e" || previous == "E") && endsInExponent(parts.last ?? "")
            let isSign = character == "+" && parts.count == 1 && parts[0].allSatisfy { $0 == " " }
            if ";|&+".contains(character), !isExponent, !isSign {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
            previous = character
        }
        return parts
    }

    /// Whether the text is a number and an `e`, to which a sign may belong.
    private static func endsInExponent(_ text: String) -> Bool {
        let number = text.dropLast().drop { $0 == " " }
        return !number.isEmpty && number.utf8.allSatisfy { $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") }
    }

    private static func dose(_ part: String, in text: String) throws(ScreenError) -> Dose {
        var rest = part.trimmingCharacters(in: .whitespaces)[...]
        guard !rest.isEmpty else { throw refused(text, "a dose expected, found nothing", "write a number and a unit") }
        if let first = rest.first, "<>~≤≥≈±".contains(first) {
            throw refused(text, "one dose expected, found a bound or an estimate", "write the dose that was given")
        }
        if rest.first == "-" { throw refused(text, "a dose is not negative", "correct the dose") }
        if rest.first == "+" { rest = rest.dropFirst() }
        let significand = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        rest = rest[significand.endIndex...]
        if significand.contains("..") { throw range(text) }
        guard significand.contains(where: { $0 != "." }), significand.count(where: { $0 == "." }) <= 1 else {
            throw refused(
                text, "a number expected, found '\(part.prefix(30))'", "write a number and a unit, such as 10 nM")
        }
        try refuseSeparators(rest, in: text)
        var exponent = 0
        if let mark = rest.first, mark == "e" || mark == "E" {
            let digits = rest.dropFirst()
            let sign = digits.first.flatMap { "+-".contains($0) ? $0 : nil }
            let number = (sign == nil ? digits : digits.dropFirst()).prefix { $0.isASCII && $0.isNumber }
            if !number.isEmpty {
                guard let power = Int(number), power <= 10_000 else {
                    throw refused(text, "the exponent is out of range", "correct the dose")
                }
                exponent = sign == "-" ? -power : power
                rest = rest[number.endIndex...]
            }
        }
        let spelled = rest.trimmingCharacters(in: .whitespaces)
        let unit = spelled.isEmpty ? nil : try unit(spelled, in: text)
        let dose = Dose(significand: String(significand), exponent: exponent, unit: unit)
        guard dose.value.isFinite, dose.commonValue.isFinite else {
            throw refused(text, "the dose is out of range", "correct the dose")
        }
        return dose
    }

    private static func unit(_ spelled: String, in text: String) throws(ScreenError) -> DoseUnit {
        do throws(ScreenError) {
            return try DoseUnit(spelled)
        } catch {
            throw refused(text, error.message, error.remedy)
        }
    }

    /// Commas and spaces in numbers, and ranges.
    private static func refuseSeparators(_ rest: Substring, in text: String) throws(ScreenError) {
        let next = rest.drop { $0 == " " }
        if let mark = rest.first, ",'_\u{2019}\u{202F}".contains(mark) {
            throw refused(
                text, "the number holds '\(mark)', which may divide decimals or thousands",
                "write decimals with a point and thousands without a separator: 1.5, 1000")
        }
        if next.startIndex > rest.startIndex, let digit = next.first, digit.isNumber {
            throw refused(text, "two numbers follow each other", "write 1000, not 1 000; divide several doses by ;")
        }
        if let mark = next.first, "-–—".contains(mark) || next.hasPrefix("to ") || mark == "±" {
            throw range(text)
        }
    }

    private static func range(_ text: String) -> ScreenError {
        refused(text, "one dose expected, found a range", "write the dose that was given")
    }

    private static func refused(_ text: String, _ message: String, _ remedy: String) -> ScreenError {
        ScreenError(code: "DOSE_VALUE", element: text, message: message, remedy: remedy)
    }
}
