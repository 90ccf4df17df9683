import Testing

@testable import Reports

@Suite struct FigureSheetTests {
    private func figure(_ title: String, _ series: Int) -> LineFigure {
        LineFigure(
            title: title, horizontalAxis: "worlds seen", verticalAxis: "average precision",
            series: (0..<series).map { number in
                LineFigure.Series(
                    name: "a rather long name of number \(number)",
                    points: [.init(x: 1, y: 0.2), .init(x: 2, y: 0.3 + 0.1 * Double(number))])
            })
    }

    /// A file of its own: well formed, with its stylesheet, the words of all figures, and what they say to those who listen.
    @Test func aSheetStandsAlone() {
        let sheet = FigureSheet(
            title: "Learning <curve>", caption: "of 3 & more",
            figures: (1...5).map { figure("part \($0)", $0 % 3 + 1) },
            columns: 2)
        let page = PageReader(sheet.svg)
        #expect(page.isWellFormed, "\(page.problem)")
        #expect(sheet.svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(sheet.svg.contains("Learning &lt;curve&gt;") && sheet.svg.contains("--blue:"))
        for number in 1...5 { #expect(sheet.svg.contains(">part \(number)<")) }
        #expect(sheet.svg.components(separatedBy: "Line chart of average precision").count == 6)
        // Two columns and three rows; nothing is placed beyond the width.
        let places = sheet.svg.components(separatedBy: "translate(").dropFirst().compactMap { part in
            part.prefix { $0 != ")" }.split(separator: " ").compactMap { Double($0) }
        }
        #expect(places.count == 10 && Set(places.filter { $0[0] > 0 }.map { $0[0] }).count == 2)
        #expect(Set(places.filter { $0[0] > 0 }.map { $0[1] }).count == 3)
        #expect(PageReader(FigureSheet(title: "none", figures: []).svg).isWellFormed)
    }

    /// Figures that are to be compared span the same range.
    @Test func aRangeIsKept() {
        var figure = figure("a", 1)
        #expect(!figure.drawing().content.map(\.serialized).joined().contains(">0.0<"))
        figure.verticalRange = 0...1
        let labels = figure.drawing().content.map(\.serialized).joined()
        #expect(labels.contains(">0.0<") && labels.contains(">1.0<"))
    }
}
