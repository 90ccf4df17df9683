import Foundation
import Reports
import Testing

@Suite struct MechanismReportTests {
    private static let page = FixtureReport.report.html()
    private static let reader = PageReader(page)

    /// Writes the page where the variable says, to be looked at in a browser.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["INTERVENTOME_REPORT_PAGE"] != nil))
    func writesThePage() throws {
        let path = try #require(ProcessInfo.processInfo.environment["INTERVENTOME_REPORT_PAGE"])
        try Self.page.write(toFile: path, atomically: true, encoding: .utf8)
    }

    @Test func isWellFormed() {
        #expect(Self.reader.isWellFormed, "\(Self.reader.problem)")
        #expect(Self.page.hasPrefix("<!DOCTYPE html>\n<html "))
    }

    @Test func sameReportGivesSameBytes() {
        #expect(FixtureReport.report.html() == Self.page)
    }

    @Test func loadsNothing() {
        let loading = Set(["link", "img", "iframe", "object", "embed", "image", "use", "base"])
        #expect(Self.reader.elements.allSatisfy { !loading.contains($0.name) })
        #expect(Self.reader.elements.allSatisfy { $0.attributes["src"] == nil })
        // Links lead within the page, or to the tables beside it, which nobody has to have.
        #expect(
            Self.reader.elements.compactMap { $0.attributes["href"] }.allSatisfy {
                $0.hasPrefix("#") || $0.hasPrefix("tables/")
            })
        let style = Self.reader.named("style").map(\.text).joined()
        #expect(!style.isEmpty && !style.contains("url(") && !style.contains("@import"))
    }

    @Test func emptyReportIsAPage() {
        let reader = PageReader(MechanismReport(title: "").html())
        #expect(reader.isWellFormed)
        #expect(reader.named("h1").count == 1 && reader.named("h2").isEmpty)
    }

    @Test func reportSurvivesJSON() throws {
        let report = FixtureReport.report
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let again = try decoder.decode(MechanismReport.self, from: encoder.encode(report))
        #expect(again.html() == report.html())
    }
}
