/// A unit in which doses are given: what it measures, and how it is to the unit of that kind to which others are converted.
public struct DoseUnit: Sendable, Equatable {
    /// What a unit measures; units of different kinds cannot be converted.
    public enum Dimension: String, Sendable, CaseIterable {
        case molarConcentration = "molar concentration"
        case massConcentration = "mass concentration"
        case activityConcentration = "activity concentration"
        case massPerBodyMass = "mass per body mass"
        case percentage
        case absorbedRadiation = "absorbed radiation"

        /// The unit to which others of the kind are converted.
        public var common: String {
            switch self {
            case .molarConcentration: "uM"
            case .massConcentration: "ug/ml"
            case .activityConcentration: "U/ml"
            case .massPerBodyMass: "mg/kg"
            case .percentage: "%"
            case .absorbedRadiation: "Gy"
            }
        }
    }

    /// The unit as it is usually spelled, in ASCII, such as `uM`.
    public let symbol: String
    public let dimension: Dimension
    /// One of this unit is ten to the power of this many of `dimension.common`.
    public let power: Int

    /// Reads a unit: `nM`, `µM` with either micro sign, `mol/l`, `ng/mL`, `U/ml`, `mg/kg`, `%`, `Gy`, `micromolar`.
    ///
    /// The case of `M` tells molar from metres: `nm` is refused, since a length is no dose. `NM` and `UM` can only be `nM`
    /// and `uM`; `MM` and `PM`, which can be mega and peta, are refused. Masses and volumes are read in any case.
    /// - Throws: `DOSE_VALUE`.
    public init(_ text: String) throws(ScreenError) {
        let spelled = text.filter { $0 != " " && $0 != "\u{A0}" }
            .replacingMicroSigns.trimmingDots
        if let unit = Self.molar(spelled) ?? Self.perVolume(spelled) ?? Self.other(spelled) {
            self = unit
            return
        }
        func refused(_ message: String, _ remedy: String) -> ScreenError {
            ScreenError(code: "DOSE_VALUE", element: text, message: message, remedy: remedy)
        }
        let molarSpelling = spelled.lowercased().dropLast() + "M"
        if spelled.last == "m", Self.molarPowers[String(molarSpelling)] != nil {
            throw refused("\(spelled) is a length; \(molarSpelling) may be meant", "write \(molarSpelling) if it is")
        }
        if ["MM", "PM", "FM"].contains(spelled) {
            throw refused(
                "\(spelled) may be \(molarSpelling) or a million times more and over", "write \(molarSpelling)")
        }
        throw refused(
            "a unit such as nM, uM, ng/ml, mg/kg, U/ml, Gy or % expected, found '\(text.prefix(30))'",
            "write the dose in one of these units, or as a number with its unit in doseUnit")
    }

    private init(_ symbol: String, _ dimension: Dimension, _ power: Int) {
        self.symbol = symbol
        self.dimension = dimension
        self.power = power
    }

    private static let molarPowers = ["M": 6, "mM": 3, "uM": 0, "nM": -3, "pM": -6, "fM": -9]
    private static let otherMolarSpellings = [
        "NM": "nM", "UM": "uM", "molar": "M", "millimolar": "mM", "micromolar": "uM", "nanomolar": "nM",
        "picomolar": "pM", "femtomolar": "fM", "mol/l": "M", "mmol/l": "mM", "umol/l": "uM", "nmol/l": "nM",
        "pmol/l": "pM", "fmol/l": "fM",
    ]
    private static let masses = ["kg": 3, "g": 0, "mg": -3, "ug": -6, "mcg": -6, "ng": -9, "pg": -12, "fg": -15]
    private static let volumes = ["l": 0, "dl": -1, "ml": -3, "cc": -3, "ul": -6, "nl": -9]

    private static func molar(_ text: String) -> DoseUnit? {
        let symbol =
            otherMolarSpellings[text] ?? otherMolarSpellings[text.lowercased()].flatMap { found in
                // Words and fractions are read in any case, bare symbols are not.
                text.count > 2 ? found : nil
            } ?? text
        return molarPowers[symbol].map { DoseUnit(symbol, .molarConcentration, $0) }
    }

    /// Masses and units of activity per volume or per body mass.
    private static func perVolume(_ text: String) -> DoseUnit? {
        let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        let upper = parts[0] == "mcg" ? "ug" : parts[0]
        if parts[1] == "kg", let mass = masses[upper] { return DoseUnit("\(upper)/kg", .massPerBodyMass, mass + 3) }
        guard let volume = volumes[parts[1]] else { return nil }
        let lower = parts[1] == "cc" ? "ml" : parts[1]
        if let mass = masses[upper] { return DoseUnit("\(upper)/\(lower)", .massConcentration, mass - volume + 3) }
        let activities = ["u": ("U", 0), "iu": ("U", 0), "mu": ("mU", -3), "ku": ("kU", 3)]
        return activities[upper].map { DoseUnit("\($0.0)/\(lower)", .activityConcentration, $0.1 - volume - 3) }
    }

    private static func other(_ text: String) -> DoseUnit? {
        switch text.lowercased() {
        case "%", "percent", "%v/v", "%(v/v)": DoseUnit("%", .percentage, 0)
        case "gy": DoseUnit("Gy", .absorbedRadiation, 0)
        case "cgy": DoseUnit("cGy", .absorbedRadiation, -2)
        case "mgy": DoseUnit("mGy", .absorbedRadiation, -3)
        default: nil
        }
    }
}

extension String {
    /// The micro sign (U+00B5) and the Greek letter (U+03BC) as `u`.
    fileprivate var replacingMicroSigns: String {
        String(map { $0 == "\u{B5}" || $0 == "\u{3BC}" ? "u" : $0 })
    }

    fileprivate var trimmingDots: String { last == "." ? String(dropLast()) : self }
}
