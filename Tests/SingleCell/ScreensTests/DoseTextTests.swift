import Foundation
import Screens
import Testing

struct DoseTextTests {
    private func single(_ text: String) throws -> DoseText.Dose {
        let doses = try DoseText(text).doses
        #expect(doses.count == 1)
        return doses[0]
    }

    private func failure(_ text: String) -> ScreenError? {
        #expect(throws: ScreenError.self, "\(text)") { try DoseText(text) }
    }

    /// Values as written, and in µM, µg/ml, U/ml, mg/kg or Gy.
    @Test(arguments: [
        ("10 nM", 10, "nM", 0.01), ("0.1uM", 0.1, "uM", 0.1), ("0.1 \u{B5}M", 0.1, "uM", 0.1),
        ("0.1 \u{3BC}M", 0.1, "uM", 0.1), ("1e-5 M", 1e-5, "M", 10), ("1e\u{2212}5 M", 1e-5, "M", 10),
        ("1E+2nM", 100, "nM", 0.1), ("3 mM", 3, "mM", 3000), ("5 pM", 5, "pM", 5e-6), ("250 NM", 250, "nM", 0.25),
        ("2 UM", 2, "uM", 2), ("10 \u{B5}mol/L", 10, "uM", 10), ("4 nanomolar", 4, "nM", 0.004),
        ("1 mg/ml", 1, "mg/ml", 1000), ("100 ng/mL", 100, "ng/ml", 0.1), ("2 \u{B5}g/\u{B5}l", 2, "ug/ul", 2000),
        ("7 mcg/ml", 7, "ug/ml", 7), ("50 U/ml", 50, "U/ml", 50), ("20 IU/mL", 20, "U/ml", 20),
        ("2.5 mg/kg", 2.5, "mg/kg", 2.5), ("5%", 5, "%", 5), ("8 Gy", 8, "Gy", 8), ("20 cGy", 20, "cGy", 0.2),
        (" +.5\u{A0}nM ", 0.5, "nM", 0.0005), ("5. uM", 5, "uM", 5),
    ])
    func unitsAreRead(text: String, value: Double, unit: String, common: Double) throws {
        let dose = try single(text)
        #expect(dose.value == value && dose.unit?.symbol == unit)
        // Rounded once from the decimal digits, so equal and not nearly so.
        #expect(dose.commonValue == common)
        #expect(try DoseText(text).text == text)
    }

    @Test(arguments: [("10", 10.0), ("0", 0), ("1e-6", 1e-6), ("vehicle", 0), ("Control", 0), ("DMSO", 0)])
    func bareNumbersAndWordsHaveNoUnit(text: String, value: Double) throws {
        let dose = try single(text)
        #expect(dose.value == value && dose.unit == nil)
    }

    @Test func severalDosesAreAList() throws {
        let mixed = try DoseText("10 nM + 5 uM").doses
        #expect(mixed.map(\.value) == [10, 5] && mixed.map(\.unit?.symbol) == ["nM", "uM"])
        let shared = try DoseText("10;100 nM").doses
        #expect(shared.map(\.value) == [10, 100] && shared.allSatisfy { $0.unit?.symbol == "nM" })
        #expect(try DoseText("1+1").doses.map(\.value) == [1, 1])
        #expect(try DoseText("1e+2+3").doses.map(\.value) == [100, 3])
        #expect(failure("10 nM + 5")?.message.contains("some have none") == true)
        #expect(failure("10 nM +")?.code == "DOSE_VALUE")
    }

    @Test(arguments: [
        ("10 nm", "nM"), ("10 um", "uM"), ("5 MM", "mM"), ("1-10 uM", "range"), ("1 \u{2013} 10 uM", "range"),
        ("1..10", "range"), ("1 to 10 uM", "range"), ("<10 nM", "bound"), ("~5 uM", "bound"), ("-1 nM", "negative"),
        ("\u{2212}1", "negative"), ("1,5 nM", "','"), ("1,000", "','"), ("1'000 nM", "'''"),
        ("1 000 nM", "two numbers"),
        ("10 parsecs", "parsecs"), ("high", "number"), ("", "nothing"), ("nM", "number"), ("1.2.3 nM", "number"),
        ("1e999", "out of range"), ("1e99999999999999999999 nM", "out of range"), ("10 nM nM", "unit"),
        ("\u{661} nM", "number"),
    ])
    func whatIsNotClearIsRefusedWithTheReason(text: String, reason: String) {
        let error = failure(text)
        #expect(error?.code == "DOSE_VALUE")
        #expect(error?.message.contains(reason) == true || error?.remedy.contains(reason) == true, "\(error as Any)")
        #expect(error?.remedy.isEmpty == false)
    }

    @Test func unitsOfOneKindAreConvertedExactly() throws {
        let nanomolar = try DoseUnit("nM")
        #expect(try single("0.1 uM").value(in: nanomolar) == 100)
        #expect(try single("1e-5 M").value(in: nanomolar) == 10_000)
        #expect(try single("1 ng/ml").value(in: nanomolar) == nil)
        #expect(try single("0").value(in: nanomolar) == 0)
        #expect(try single("3").value(in: nanomolar) == nil)
    }

    /// What is written as a number and a unit is read as these.
    @Test func writtenDosesAreReadAgain() throws {
        let units = [
            "M", "mM", "uM", "\u{B5}M", "nM", "pM", "fM", "g/l", "mg/ml", "ug/ml", "ng/ul", "U/ml", "mg/kg", "%", "Gy",
        ]
        for step in 0..<5000 {
            let value = exp(sin(Double(step) * 12.9898) * 40)
            let unit = units[step % units.count]
            for text in ["\(value) \(unit)", "\(value)\(unit)"] {
                let dose = try single(text)
                #expect(dose.value == value)
                #expect(try dose.unit == DoseUnit(unit))
            }
        }
    }
}
