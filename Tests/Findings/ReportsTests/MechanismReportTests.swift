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

    @Test func isSmall() {
        #expect(Self.page.utf8.count < 5_000_000)
    }

    /// A screen of 188 drugs, the size of the largest public ones, must stay under 5 MB too.
    @Test func largeScreenStaysSmall() {
        let perturbations = (0..<188).map { index in
            var finding = FixtureReport.perturbation(index % 9)
            finding.name += " \(index)"
            let shifts = finding.shifts
            finding.shifts = (0..<60).map { shifts[$0 % shifts.count] }
            return finding
        }
        let report = MechanismReport(
            title: "Large",
            sections: [
                PerturbationFindings(shiftName: "shift", perturbations: perturbations).section,
                FixtureReport.network.section,
            ])
        #expect(report.html().utf8.count < 5_000_000)
    }

    @Test func loadsNothing() {
        let loading = Set(["script", "link", "img", "iframe", "object", "embed", "image", "use", "base"])
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

    @Test func identifiersAreUniqueAndLinksLand() {
        let ids = Self.reader.elements.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count)
        let anchors = Self.reader.elements.compactMap { $0.attributes["href"] }.filter { $0.hasPrefix("#") }
            .map { String($0.dropFirst()) }
        #expect(!anchors.isEmpty && Set(anchors).isSubset(of: Set(ids)))
        let named = Self.reader.elements.compactMap { $0.attributes["aria-labelledby"] }
            .flatMap { $0.split(separator: " ").map(String.init) }
        #expect(Set(named).isSubset(of: Set(ids)))
    }

    @Test func headingsDescendByOneAtMost() {
        let levels = Self.reader.named("h1", "h2", "h3", "h4", "h5", "h6").compactMap { $0.name.last?.wholeNumberValue }
        #expect(levels.first == 1 && levels.filter { $0 == 1 }.count == 1)
        #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 })
    }

    @Test func hasLandmarks() {
        for name in ["header", "nav", "main", "footer"] { #expect(Self.reader.named(name).count == 1) }
        #expect(Self.reader.named("html").first?.attributes["lang"] == "en")
    }

    @Test func everyDrawingSaysWhatItShows() {
        let drawings = Self.reader.named("svg")
        #expect(drawings.count > 80)
        for drawing in drawings {
            #expect(drawing.attributes["role"] == "img")
            #expect(drawing.children.prefix(2) == ["title", "desc"])
            #expect(drawing.parents.contains("figure"))
        }
        #expect(Self.reader.named("desc").allSatisfy { $0.text.count > 20 })
        #expect(Self.reader.named("figure").allSatisfy { $0.children.contains("figcaption") })
    }

    @Test func everyTableHeaderHasAScope() {
        #expect(Self.reader.named("th").allSatisfy { ["row", "col"].contains($0.attributes["scope"] ?? "") })
        #expect(Self.reader.named("table").allSatisfy { $0.children.contains("caption") })
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
