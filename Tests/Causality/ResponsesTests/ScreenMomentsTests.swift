import Foundation
import Matrices
import Testing

@testable import Responses

struct ScreenMomentsTests {
    @Test func sumsAreThoseOfTheCells() throws {
        var world = PlantedWorld.five
        world.stratum = [0, 1, 0, 0, 0]
        let cells = world.cells()
        let summary = try ScreenSummary(world.moments(basis: .additive))
        let basis = MechanismBasis.additive
        let (n, d) = (cells.values.rows, world.genes)
        let width = 1 + d * 5 + 2
        #expect(summary.gram.rows == width)
        func row(_ cell: Int) -> [Double] {
            var row = [1.0] + (0..<d).map { Double(cells.values[cell, $0]) }
            for curve in basis.curves {
                row += (0..<d).map { tanh(Double(curve.slope * cells.values[cell, $0] + curve.offset)) }
            }
            return row + (0..<2).map { Double(cells.covariates![cell, $0]) }
        }
        var gram = Matrix<Double>(rows: width, columns: width)
        var sums = [Double](repeating: 0, count: world.contexts.count * width)
        for cell in 0..<n {
            let row = row(cell)
            for i in 0..<width {
                sums[cells.contexts[cell] * width + i] += row[i]
                for j in 0..<width { gram[i, j] += row[i] * row[j] }
            }
        }
        for place in gram.values.indices {
            // tanh in single precision is off by at most 3e-7 a cell.
            #expect(abs(gram.values[place] - summary.gram.values[place]) < 1e-6 * Double(n))
        }
        for place in sums.indices { #expect(abs(sums[place] - summary.sums[place]) < 1e-6 * Double(n)) }
        #expect(summary.counts == world.cellsPerContext)
        #expect(summary.cells.count == n)
    }

    @Test func blocksOfAnyLengthGiveTheSameBytes() throws {
        var world = PlantedWorld.five
        world.replaced = [(perturbation: 1, gene: 1, mean: -2, deviation: 0.3)]
        let whole = try ScreenSummary(world.moments(basis: .additive, block: 10_000))
        for block in [1, 37, 512] {
            let parts = try ScreenSummary(world.moments(basis: .additive, block: block))
            #expect(parts.gram == whole.gram)
            #expect(parts.sums == whole.sums)
            #expect(parts.replaced == whole.replaced)
            #expect(parts.cells.values == whole.cells.values)
        }
    }

    @Test func cellsAreKeptEvenlyWhereNotAllFit() throws {
        let cells = PlantedWorld.five.cells()
        var moments = try ScreenMoments(
            design: PlantedWorld.five.design(), basis: .linear, cellCount: cells.values.rows,
            keptBytes: cells.values.rows * 5 * 4 / 2)
        try moments.add(cells.values, contexts: cells.contexts)
        let summary = try ScreenSummary(moments)
        #expect(summary.keptShare == 0.5)
        // 900 cells with chance ½: four standard deviations are 60.
        #expect(abs(summary.cells.count - 450) < 60)
        #expect(summary.counts.reduce(0, +) == 900)
        // A kept cell stands at its context with all of its values.
        let kept = summary.cells
        for context in 0..<6 {
            for place in kept.starts[context]..<kept.starts[context + 1] {
                let values = (0..<5).map { kept.values[$0 * kept.count + place] }
                let isThere = cells.contexts.indices.contains { cell in
                    cells.contexts[cell] == context && Array(cells.values.row(cell)) == values
                }
                #expect(isThere)
            }
        }
    }

    @Test func badCellsAreRefused() throws {
        let world = PlantedWorld.five
        let cells = world.cells()
        func failure(_ add: (inout ScreenMoments) throws(ResponseError) -> Void) throws -> String? {
            var moments = try ScreenMoments(design: world.design(), basis: .linear, cellCount: 10)
            do { try add(&moments) } catch { return error.code }
            return nil
        }
        var broken = cells.values
        broken[3, 2] = .nan
        #expect(try failure { m throws(ResponseError) in try m.add(broken, contexts: cells.contexts) } == "NOT_FINITE")
        #expect(
            try failure { m throws(ResponseError) in
                try m.add(cells.values, contexts: cells.contexts.map { $0 + 3 })
            } == "NO_SUCH_CONTEXT")
        #expect(
            try failure { m throws(ResponseError) in
                try m.add(cells.values.selectingColumns([0, 1]), contexts: cells.contexts)
            } == "SHAPE")
        #expect(
            try failure { m throws(ResponseError) in
                try m.add(cells.values, contexts: cells.contexts, covariates: Matrix(rows: 900, columns: 1))
            } == "SHAPE")
        let nothing = try ScreenMoments(design: world.design(), basis: .linear, cellCount: 10)
        #expect { try ScreenSummary(nothing) } throws: { ($0 as? ResponseError)?.code == "NO_CONTROL" }
    }
}
