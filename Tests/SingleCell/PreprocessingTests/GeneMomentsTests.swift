import AnnotatedData
import Foundation
import Matrices
import Preprocessing
import Testing

struct GeneMomentsTests {
    private func value(_ cell: Int, _ gene: Int) -> Float {
        max(0, Float((cell * 37 + gene * 11 + cell * gene) % 13) - 6)
    }

    private var dense: Matrix<Float> {
        Matrix(rows: 700, columns: 9, values: (0..<700 * 9).map { value($0 / 9, $0 % 9) })
    }

    private func sparse(_ matrix: Matrix<Float>) -> CellMatrix { GoldenTable.sparse(matrix) }

    /// Blocks of any height, sparse or dense, give the same bits.
    @Test func blocksDoNotShow() {
        var whole = GeneMoments(genes: 9)
        whole.add(.dense(dense))
        for height in [1, 100, 333] {
            var moments = GeneMoments(genes: 9)
            for first in stride(from: 0, to: 700, by: height) {
                moments.add(sparse(dense.selectingRows(Array(first..<min(700, first + height)))))
            }
            #expect(moments.moments() == whole.moments())
        }
        let expected = dense.columnMoments()
        // Sums of small whole numbers are exact; the variance is rounded once more than there.
        #expect(whole.means() == expected.means)
        #expect(largestDifference(whole.variances(), expected.variances) < 1e-12)
    }

    @Test func groupsAreKeptApart() {
        let codes = (0..<700).map { Int32($0 % 4) - 1 }
        var moments = GeneMoments(genes: 9, groups: 3)
        moments.add(sparse(dense), groups: codes)
        for group in 0..<3 {
            let cells = codes.indices.filter { codes[$0] == Int32(group) }
            let expected = dense.columnMoments(rows: cells)
            #expect(moments.means(of: group) == expected.means)
            #expect(largestDifference(moments.variances(of: group), expected.variances) < 1e-12)
        }
        let counted = codes.indices.filter { codes[$0] >= 0 }
        #expect(largestDifference(moments.pooled().variances, dense.columnMoments(rows: counted).variances) < 1e-12)
        var twice = moments
        twice.merge(moments)
        #expect(twice.means(of: 1) == moments.means(of: 1) && twice.cellCounts == moments.cellCounts.map { 2 * $0 })
    }

    @Test func valuesAreReadAsAsked() {
        let matrix = Matrix<Float>(rows: 2, columns: 2, values: [1, 2, 3, 0])
        func sums(_ reading: ValueReading) -> [Double] {
            var moments = GeneMoments(genes: 2)
            moments.add(.dense(matrix), reading: reading)
            return moments.totals().sums
        }
        #expect(sums(.divided(by: [2, 4])) == [1.25, 1])
        #expect(sums(.clipped(at: [1.5, 9])) == [2.5, 2])
        // expm1 in single precision.
        #expect(largestDifference(sums(.expm1()), [expm1(1) + expm1(3), expm1(2)]) < 1e-6)
        #expect(largestDifference(sums(.expm1(scale: Float(log(2.0)))), [1 + 7, 3]) < 1e-6)
    }

    /// Rounding leaves no variance to a constant gene, and nothing is known of one cell or of none.
    @Test func constantsDoNotVary() {
        var moments = GeneMoments(genes: 1)
        moments.add(.dense(Matrix(rows: 1000, columns: 1, repeating: 0.1)))
        #expect(moments.variances() == [0])
        var single = GeneMoments(genes: 1, groups: 2)
        single.add(.dense(Matrix(rows: 1, columns: 1, repeating: 3)), groups: [1])
        #expect(single.variances(of: 1)[0].isNaN && single.variances(of: 1, ddof: 0) == [0])
        #expect(single.means(of: 0)[0].isNaN)
    }
}
