import AnnotatedData
import Foundation
import Matrices
import Preprocessing
import Testing

struct CountProfileTests {
    /// Small counts, and in gene 0 large ones.
    private var counts: Matrix<Float> {
        Matrix(
            rows: 90, columns: 5,
            values: (0..<450).map { place in
                let count = (place * 29 + place / 7) % 11
                return Float(place % 5 == 0 ? count * 5000 : max(0, count - 5))
            })
    }

    @Test(arguments: [1, 2, 5]) func momentsAreExact(lanes: Int) {
        let codes = (0..<90).map { Int32($0 % 3) - 1 }
        var profile = CountProfile(genes: 5, groups: 2, lanes: lanes)
        profile.add(GoldenTable.sparse(counts.selectingRows(Array(0..<50))), groups: Array(codes[..<50]))
        var rest = CountProfile(genes: 5, groups: 2, lanes: 3)
        rest.add(.dense(counts.selectingRows(Array(50..<90))), groups: Array(codes[50...]))
        profile.merge(rest)
        #expect(profile.isComplete && profile.isWhole)
        for group in 0..<2 {
            let cells = codes.indices.filter { codes[$0] == Int32(group) }
            let expected = counts.columnMoments(rows: cells)
            #expect(profile.moments(of: group).means == expected.means)
            #expect(largestDifference(profile.moments(of: group).variances, expected.variances) < 1e-12)
            let seen = (0..<5).map { gene in cells.count { counts[$0, gene] > 0 } }
            #expect(Array(profile.totals().cells[group * 5..<group * 5 + 5]) == seen)
        }
    }

    @Test(arguments: [Float(0.5), -1, .infinity, .nan, 16_777_216]) func whatIsNoCountIsTold(value: Float) {
        var profile = CountProfile(genes: 1)
        profile.add(.dense(Matrix(rows: 2, columns: 1, values: [3, value])))
        #expect(!profile.isComplete && profile.isWhole == (value == 16_777_216))
        // Nothing makes it whole again.
        profile.add(.dense(Matrix(rows: 1, columns: 1, values: [3])))
        #expect(!profile.isComplete)
    }

    @Test func tooManyLargeCountsAreTold() {
        var profile = CountProfile(genes: 1, lanes: 1)
        profile.add(.dense(Matrix(rows: 1 << 20, columns: 1, values: (0..<1 << 20).map { Float($0 + 100) })))
        #expect(profile.isComplete)
        profile.add(.dense(Matrix(rows: 2, columns: 1, values: [3_000_000, 3_000_001])))
        #expect(!profile.isComplete && profile.isWhole)
    }

    /// A table for so many genes and groups would take more memory than the profile may.
    @Test func tooManyPlacesAreTold() {
        var profile = CountProfile(genes: 1 << 20, groups: 5, lanes: 2)
        profile.add(.dense(Matrix(rows: 1, columns: 1 << 20)))
        #expect(!profile.isComplete && profile.isWhole)
    }
}
