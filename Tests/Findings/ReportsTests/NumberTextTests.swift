import Testing

@testable import Reports

@Suite struct NumberTextTests {
    @Test(arguments: [
        (0.0, "0"), (1, "1.00"), (-1.5, "−1.50"), (0.12345, "0.123"), (12345, "12,345"), (1234567.4, "1,234,567"),
        (0.00001, "10⁻⁵"), (-0.0000123, "−1.23×10⁻⁵"), (2.5e9, "2.5×10⁹"), (.nan, "–"), (.infinity, "∞"),
        (-.infinity, "−∞"),
    ])
    func significant(value: Double, text: String) { #expect(value.significantText() == text) }

    @Test(arguments: [(0.5, "0.5"), (0.25, "0.25"), (1, "1"), (10, "10"), (100, "100"), (1.05, "1.1")])
    func short(value: Double, text: String) { #expect(value.shortText(2) == text) }

    @Test func fixed() {
        #expect((-0.001).fixedText(2) == "0.00")
        #expect((-12345.678).fixedText(1) == "−12,345.7")
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (-1234567, "−1,234,567"), (Int.min, "−9,223,372,036,854,775,808"),
    ])
    func count(value: Int, text: String) { #expect(value.countText == text) }

    @Test(arguments: [(1.0, "1"), (1.25, "1.3"), (-0.04, "0"), (-3.5, "-3.5"), (.nan, "0"), (1e300, "1000000")])
    func coordinate(value: Double, text: String) { #expect(value.coordinateText == text) }
}
