import AnnotatedData
import Foundation
import Matrices
import Preprocessing
import Testing

struct PreprocessTests {
    private func annotated(_ matrix: Matrix<Float>) -> AnnotatedMatrix {
        AnnotatedMatrix(
            x: .dense(matrix), cells: AnnotationTable(names: (0..<matrix.rows).map { "c\($0)" }),
            genes: AnnotationTable(names: (0..<matrix.columns).map { "g\($0)" }))
    }

    /// Matrices of values made from the same simple generator; expectations hold for any draw of this size.
    private func drawn(_ rows: Int, _ columns: Int, _ value: (inout Draws) -> Double) -> Matrix<Float> {
        var draws = Draws()
        return Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in Float(value(&draws)) })
    }

    private struct Draws {
        private var state: UInt64 = 3

        /// Knuth's linear congruential generator (MMIX); the upper 32 bits.
        mutating func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Double(state >> 32) + 0.5) / 4_294_967_296
        }

        /// Box–Muller.
        mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
    }

    private var counts: Matrix<Float> { drawn(40, 30) { floor(exp($0.normal())) } }

    @Test func scalesAreRecognised() {
        #expect(detectScale(of: .dense(counts)).scale == .counts)
        let normalised = log1pTransform(normaliseTotal(.dense(counts)).normalised)
        #expect(detectScale(of: normalised).scale == .log1p)
        #expect(detectScale(of: normalised).evidence.contains("ln(1 + s)"))
        // The same logarithms to base 2.
        let binary = normaliseTotal(.dense(counts)).normalised.dense
        let base2 = Matrix<Float>(rows: 40, columns: 30, values: binary.values.map { log2(1 + $0) })
        #expect(detectScale(of: .dense(base2)).scale == .logIntensity)
        #expect(detectScale(of: .dense(drawn(40, 30) { 8 + 2 * $0.uniform() })).scale == .logIntensity)
        #expect(detectScale(of: .dense(drawn(40, 30) { exp(4 + 2 * $0.normal()) + 1 })).scale == .intensity)
        #expect(detectScale(of: .dense(drawn(40, 30) { $0.normal() })).scale == .scaled)
    }

    @Test func whatCannotBeToldIsNotGuessed() {
        let zeros = Matrix<Float>(rows: 3, columns: 3)
        #expect(detectScale(of: .dense(zeros)).scale == nil)
        let binary = Matrix<Float>(rows: 2, columns: 2, values: [0, 1, 1, 0])
        #expect(detectScale(of: .dense(binary)).scale == nil)
        // Rounded fluorescence looks like counts, but for its lack of zeros.
        #expect(detectScale(of: .dense(drawn(40, 11) { floor(exp(4 + 2 * $0.normal())) + 1 })).scale == nil)
        let odd = drawn(40, 30) { max(0, 40 * $0.uniform() - 5) }
        #expect(detectScale(of: .dense(odd)) != .decided(.counts, evidence: ""))
        #expect { try preprocess(annotated(odd)) } throws: {
            let error = $0 as? PreprocessingError
            return error?.code == "AMBIGUOUS" && error?.remedy.contains("scale") == true
        }
    }

    @Test func onlyCountsAreNormalised() throws {
        let normalised = log1pTransform(normaliseTotal(.dense(counts)).normalised).dense
        let logged = try preprocess(annotated(normalised))
        #expect(
            logged.data.x?.dense
                == normalised.selectingColumns(
                    (0..<30).filter { gene in
                        normalised.column(gene).count { $0 != 0 } >= 3
                    }))
        #expect(logged.notices.map(\.code) == ["NOT_NORMALISED"])
        let arrays = drawn(40, 30) { 8 + 2 * $0.uniform() }
        let result = try preprocess(annotated(arrays))
        #expect(result.data.x?.dense == arrays && result.scaleAfter == .logIntensity)
    }

    @Test func intensitiesAreTransformedAsAsked() throws {
        let flow = drawn(40, 11) { exp(4 + 2 * $0.normal()) + 1 }
        var options = PreprocessingOptions()
        let byLog = try preprocess(annotated(flow), options: options)
        #expect(byLog.data.x?.dense.values == flow.values.map { log1p($0) })
        #expect(byLog.scaleBefore == .intensity && byLog.scaleAfter == .logIntensity)
        options.intensityTransform = .asinh
        let byAsinh = try preprocess(annotated(flow), options: options)
        #expect(byAsinh.data.x?.dense.values == flow.values.map { asinh($0 / 150) })
        #expect(byAsinh.notices.map(\.code) == ["INTENSITY_ASINH"])
    }

    /// What held-out cells hold must change neither the genes chosen nor the values of training cells.
    @Test func nothingLeaksFromHeldOutCells() throws {
        var options = PreprocessingOptions()
        options.topGenes = 8
        var changed = counts
        for cell in 30..<40 { for gene in 0..<30 { changed[cell, gene] = Float((cell * gene) % 17) * 9 } }
        let a = try preprocess(annotated(counts), options: options, statisticsCells: Array(0..<30))
        let b = try preprocess(annotated(changed), options: options, statisticsCells: Array(0..<30))
        #expect(a.data.genes.names == b.data.genes.names)
        #expect(a.data.x?.dense.selectingRows(Array(0..<30)) == b.data.x?.dense.selectingRows(Array(0..<30)))
        let c = try preprocess(annotated(changed), options: options)
        #expect(a.data.x?.dense.selectingRows(Array(0..<30)) != c.data.x?.dense.selectingRows(Array(0..<30)))
    }

    @Test func genesAskedForAreKept() throws {
        var options = PreprocessingOptions()
        options.topGenes = 3
        let chosen = try preprocess(annotated(counts), options: options).data.genes.names
        let other = try #require((0..<30).map { "g\($0)" }.first { !chosen.contains($0) })
        options.keepGenes = [other]
        let kept = try preprocess(annotated(counts), options: options).data.genes.names
        #expect(Set(kept) == Set(chosen + [other]))
        options.keepGenes = ["nowhere"]
        #expect { try preprocess(annotated(counts), options: options) } throws: {
            ($0 as? PreprocessingError)?.code == "UNKNOWN_GENES"
        }
    }

    /// An entry stored in two parts is their sum: the logarithm must see it whole.
    @Test func repeatedEntriesAreSummedFirst() throws {
        let parts = SparseMatrix(
            rows: 3, columns: 2, rowStarts: [0, 3, 5, 7], columnIndices: [1, 0, 1, 0, 1, 0, 1],
            values: [1, 2, 3, 5, 1, 2, 2])
        let whole = try preprocess(annotated(parts.dense)).data.x?.dense
        var data = annotated(parts.dense)
        data.x = .sparse(parts)
        #expect(try preprocess(data).data.x?.dense == whole)
    }

    @Test func badDataEndInAnError() {
        var broken = counts
        broken[0, 0] = .nan
        #expect { try preprocess(annotated(broken)) } throws: { ($0 as? PreprocessingError)?.code == "NONFINITE" }
        #expect { try preprocess(annotated(Matrix(rows: 0, columns: 3))) } throws: {
            ($0 as? PreprocessingError)?.code == "EMPTY_MATRIX"
        }
        var options = PreprocessingOptions()
        options.minGenesPerCell = 31
        #expect { try preprocess(annotated(counts), options: options) } throws: {
            ($0 as? PreprocessingError)?.code == "NO_CELLS"
        }
    }
}
