import AnnotatedData
import Foundation
import Matrices
import Testing

@testable import Preprocessing

/// What is gathered from packed cells is what their values say, one by one.
struct PackedStretchTests {
    private static let (rows, genes) = (2_500, 40)

    /// Small and large counts in rows of very different depth; with fractions where asked for, and empty cells.
    private func matrix(hasFractions: Bool) -> Matrix<Float> {
        var matrix = Matrix<Float>(rows: Self.rows, columns: Self.genes)
        for row in 0..<Self.rows where row % 97 != 5 {
            for gene in 0..<Self.genes where (row &* 31 &+ gene &* 17) % 5 < 2 {
                let seed = (row &* 7_919 &+ gene &* 104_729) % 1_009
                matrix[row, gene] = seed < 900 ? Float(1 + seed % 9) : Float(seed - 800)
                if hasFractions, seed % 50 == 3 { matrix[row, gene] = Float(seed) / 7 + 0.1 }
            }
        }
        return matrix
    }

    private func sparse(_ matrix: Matrix<Float>) -> CellMatrix {
        var (starts, columns, values) = ([0], [Int32](), [Float]())
        for row in 0..<matrix.rows {
            for column in 0..<matrix.columns where matrix[row, column] != 0 {
                columns.append(Int32(column))
                values.append(matrix[row, column])
            }
            starts.append(values.count)
        }
        return .sparse(
            SparseMatrix(
                rows: matrix.rows, columns: matrix.columns, rowStarts: starts, columnIndices: columns, values: values))
    }

    /// Of every other cell and all genes but two.
    private func view(_ matrix: Matrix<Float>, genes: [Int], budget: Int) throws -> PackedView {
        let intake = try CellIntake(
            sparse(matrix), cells: nil, masks: GeneMasks([:]), percentTop: [], budget: budget,
            directory: NSTemporaryDirectory())
        return PackedView(
            intake.spill, cells: cells, genes: genes, of: Self.genes, isDense: false,
            storedCount: intake.spill.storedCount)
    }

    private let cells = Array(stride(from: 0, to: rows, by: 2))
    private let someGenes = (0..<genes).filter { $0 != 3 && $0 != 20 }
    /// Every seventh cell is in no group.
    private let codes = (0..<rows / 2).map { $0 % 7 == 0 ? -1 : Int32($0 % 3) }

    @Test(arguments: [false, true], [0, Int.max])
    func momentsAreThoseOfTheBlocks(hasFractions: Bool, budget: Int) throws {
        let matrix = matrix(hasFractions: hasFractions)
        let normalisation = CellNormalisation(target: 100, isExcluded: nil, totals: nil)
        let view = try view(matrix, genes: someGenes, budget: budget).transformed(
            by: .normalisedLogarithm(normalisation, LogarithmBase(base: nil)), isRestored: true)
        var packed = GeneMoments(genes: someGenes.count, groups: 3)
        var blocks = packed
        let readers = (0..<packed.lanes).map { _ in CellReader(view) }
        try view.forEachStretch { packed.add($0, groups: Array(codes[$0.rows]), readers: readers) }
        try view.forEachBlock { blocks.add($0.matrix, groups: Array(codes[$0.rows])) }
        #expect(packed == blocks)
        var expected = [Double](repeating: 0, count: 3 * someGenes.count)
        for (row, cell) in cells.enumerated() where codes[row] >= 0 {
            let values = someGenes.map { matrix[cell, $0] }
            let total = Float(values.reduce(0.0) { $0 + Double($1) })
            let factor = total == 0 ? 1 : total / 100
            for (gene, value) in values.enumerated() {
                expected[Int(codes[row]) * values.count + gene] += Double(expm1(log1p(value / factor)))
            }
        }
        for group in 0..<3 {
            for (gene, sum) in packed.totals(of: group).sums.enumerated() {
                // Sums in another order differ by roundings of Double.
                #expect(abs(sum - expected[group * someGenes.count + gene]) <= 1e-10 * abs(sum))
            }
        }
    }

    @Test(arguments: [0, Int.max])
    func countsAreTallied(budget: Int) throws {
        let matrix = matrix(hasFractions: false)
        let view = try view(matrix, genes: Array(0..<Self.genes), budget: budget)
        for lanes in [1, 3] {
            var profile = CountProfile(genes: Self.genes, groups: 3, lanes: lanes)
            try view.forEachStretch { profile.add($0, groups: Array(codes[$0.rows])) }
            var (sums, numbers) = (
                [Double](repeating: 0, count: 3 * Self.genes), [Int](repeating: 0, count: 3 * Self.genes)
            )
            for (row, cell) in cells.enumerated() where codes[row] >= 0 {
                for gene in 0..<Self.genes where matrix[cell, gene] != 0 {
                    sums[Int(codes[row]) * Self.genes + gene] += Double(matrix[cell, gene])
                    numbers[Int(codes[row]) * Self.genes + gene] += 1
                }
            }
            #expect(profile.isComplete && profile.isWhole)
            #expect(profile.totals().sums == sums && profile.totals().cells == numbers)
        }
    }

    @Test func fractionsMakeAProfileIncomplete() throws {
        let view = try view(matrix(hasFractions: true), genes: Array(0..<Self.genes), budget: .max)
        var profile = CountProfile(genes: Self.genes)
        try view.forEachStretch { profile.add($0, groups: nil) }
        #expect(!profile.isComplete && !profile.isWhole)
    }

    @Test(arguments: [false, true])
    func groupsAreSummedInTheOrderOfTheirCells(hasFractions: Bool) throws {
        let matrix = matrix(hasFractions: hasFractions)
        let view = try view(matrix, genes: Array(0..<Self.genes), budget: .max)
        var bulk = Pseudobulk(groups: ["a", "b", "c"], genes: Self.genes)
        try view.forEachStretch { bulk.add($0, codes: Array(codes[$0.rows])) }
        var expected = Matrix<Double>(rows: 3, columns: Self.genes)
        for (row, cell) in cells.enumerated() where codes[row] >= 0 {
            for gene in 0..<Self.genes { expected[Int(codes[row]), gene] += Double(matrix[cell, gene]) }
        }
        #expect(bulk.sums == expected)
        #expect(bulk.cellCounts == (0..<3).map { group in codes.count { $0 == Int32(group) } })
    }
}
