import Foundation
import Testing

@testable import Reports

@Suite struct FigureTableTests {
    /// Every figure of a page says which table lies behind it, and the report has that table, each once.
    @Test func everyFigureHasItsTable() {
        let report = FixtureReport.report
        let names = report.tables.map(\.name)
        #expect(Set(names).count == names.count)
        let figures = report.figures
        #expect(figures.count > 80)
        for (figure, table) in figures {
            #expect(table.map(names.contains) == true, "\(figure.title) has no table")
        }
        // None is made for nothing, but for what is listed and not drawn.
        let drawn = Set(figures.compactMap(\.table))
        #expect(Set(names).subtracting(drawn) == ["hill_fits", "movers", "tests", "treatment_quality"])
        for table in report.tables where drawn.contains(table.name) { #expect(!table.rows.isEmpty, "\(table.name)") }
    }

    /// All figures of a card are walked to, however deep they stand.
    @Test func figuresAreFoundWhereverTheyStand() {
        let bars = ReportFigure.bars(BarFigure(title: "a", axis: "x", bars: []))
        let report = MechanismReport(
            title: "t",
            sections: [
                ReportSection(
                    title: "s",
                    blocks: [
                        .figure(bars, table: "one"), .gallery([bars, bars], table: "two"),
                        .cards([
                            ReportCard(title: "c", blocks: [.folded(ReportCard(title: "f", blocks: [.figure(bars)]))])
                        ]),
                    ])
            ])
        #expect(report.figures.map(\.table) == ["one", "two", "two", nil])
        #expect(report.figures.map(\.figure.title) == ["a", "a", "a", "a"])
    }

    @Test func theCaptionLinksToTheFiles() {
        let bars = BarFigure(title: "a", caption: "Says more.", axis: "x", bars: [.init(label: "b", value: 1)])
        func page(_ block: ReportBlock) -> PageReader {
            PageReader(MechanismReport(title: "t", sections: [ReportSection(title: "s", blocks: [block])]).html())
        }
        let linked = page(.figure(.bars(bars), table: "shifts"))
        #expect(linked.isWellFormed)
        let links = linked.named("a").filter { $0.parents.contains("figcaption") }
        #expect(links.map { $0.attributes["href"] } == ["tables/shifts.tsv", "tables/shifts.json"])
        #expect(linked.named("figcaption")[0].text == "a. Says more. Table: shifts.tsv, json.")
        #expect(page(.figure(.bars(bars))).named("a").allSatisfy { !$0.parents.contains("figcaption") })
    }

    @Test func missingValuesAreEmptyOrNull() throws {
        let table = FigureTable(
            name: "n", title: "t", columns: ["gene", "shift", "cells", "known"],
            rows: [
                [.text("a"), .number(0.5), .count(3), .flag(true)], [.text("b"), .optional(.nan), .missing, .missing],
            ])
        #expect(table.rows.map { $0.map(\.text) } == [["a", "0.5", "3", "true"], ["b", "", "", ""]])
        let object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(table)) as? [String: Any])
        #expect(object["columns"] as? [String] == ["gene", "shift", "cells", "known"])
        let rows = try #require(object["rows"] as? [[String: Any]])
        #expect(
            rows[0]["shift"] as? Double == 0.5 && rows[0]["cells"] as? Int == 3 && rows[0]["known"] as? Bool == true)
        #expect(rows[1]["shift"] is NSNull && rows[1].count == 4)
    }

    /// The report's own JSON does not repeat the tables.
    @Test func tablesAreFilesOfTheirOwn() throws {
        let section = DataFindings(cellsRead: 9, genesRead: 5).section
        #expect(!section.tables.isEmpty)
        let again = try JSONDecoder().decode(ReportSection.self, from: JSONEncoder().encode(section))
        #expect(again.tables.isEmpty && again.blocks == section.blocks)
    }
}
