import Foundation
import Preprocessing
import Testing

struct LocalRegressionTests {
    /// Against scikit-misc; see `Reference/Golden/Preprocessing/provenance.json`. Both solve well-conditioned least
    /// squares in double precision.
    @Test(arguments: ["plain", "few", "tied", "coarse", "wide", "all", "narrow"])
    func curvesAreThoseOfDloess(name: String) throws {
        let table = try GoldenTable("loess")
        let rows = table.rows.indices.filter { table.rows[$0] == name }
        #expect(!rows.isEmpty)
        func column(_ name: String) -> [Double] {
            let all = table.column(name)
            return rows.map { all[$0] }
        }
        let (x, y) = (column("x"), column("y"))
        let curve = LocalRegression(x: x, y: y, span: column("span")[0])
        #expect(curve.widenedVertices == 0)
        let range = (y.max() ?? 0) - (y.min() ?? 0)
        for (x, expected) in zip(x, column("fitted")) { #expect(abs(curve(x) - expected) < 1e-11 * range) }
    }

    /// Local parabolas through a parabola are that parabola; between the vertices a cubic holds it.
    @Test func parabolasAreKept() {
        let x = (0..<50).map { sin(Double($0)) }
        let y = x.map { 3 - 2 * $0 + 5 * $0 * $0 }
        let curve = LocalRegression(x: x, y: y)
        for (x, y) in zip(x, y) { #expect(abs(curve(x) - y) < 1e-12) }
        // The order of the points is nobody's business.
        let reversed = LocalRegression(x: x.reversed(), y: y.reversed())
        #expect(reversed == curve)
    }

    @Test func tooFewPointsGiveWhatTheyCan() {
        #expect(LocalRegression(x: [], y: []).vertices.isEmpty)
        let one = LocalRegression(x: [2], y: [7])
        #expect(one(2) == 7 && one.widenedVertices == 2)
        // Equal x: their mean.
        let equal = LocalRegression(x: [1, 1, 1, 1], y: [1, 2, 3, 6])
        #expect(abs(equal(1) - 3) < 1e-12)
        // Two places make a line.
        let line = LocalRegression(x: [0, 0, 1, 1], y: [0, 2, 5, 5])
        #expect(abs(line(0) - 1) < 1e-9 && abs(line(1) - 5) < 1e-9 && abs(line(0.5) - 3) < 1e-9)
        #expect(line.widenedVertices == line.vertices.count)
        // A crowd at one place beside a parabola: dloess would refuse it.
        let spread = (0..<20).map { Double($0) / 20 }
        let crowd = LocalRegression(
            x: spread + Array(repeating: 0.5, count: 100),
            y: spread.map { $0 * $0 } + Array(repeating: 0.25, count: 100))
        #expect(crowd.widenedVertices > 0)
        for x in spread { #expect(abs(crowd(x) - x * x) < 1e-6) }
    }
}
