import AnnotatedData
import Foundation
import Matrices
import Testing

@testable import Preprocessing

/// Against scanpy 1.11.5 with scikit-learn; tolerances and their reasons stand in
/// `Reference/Golden/Preprocessing/provenance.json`.
struct PrincipalComponentsTests {
    private func logarithms() throws -> CellMatrix {
        GoldenTable.sparse(try GoldenTable("log1p").matrix.float)
    }

    @Test(arguments: [true, false], [true, false])
    func componentsAreScikitLearns(sparse: Bool, isCentred: Bool) throws {
        let x = try logarithms()
        let name = isCentred ? "pca" : "pca_uncentred"
        let matrix = sparse ? x : .dense(x.dense)
        let found = try PrincipalComponents(blocks: matrix, count: isCentred ? 8 : 5, isCentred: isCentred)
        let variances = try GoldenTable("\(name)_variances")
        #expect(largestDifference(found.variances, variances.column("variance")) < 1e-6)
        #expect(largestDifference(found.varianceRatios, variances.column("variance_ratio")) < 1e-6)
        #expect(
            largestDifference(found.loadings.values, try GoldenTable("\(name)_loadings").matrix.values) < 1e-6)
        let scores = try found.transform(matrix)
        #expect(largestDifference(scores.double.values, try GoldenTable("\(name)_scores").matrix.values) < 1e-5)
    }

    /// Fitted to some cells and genes, in blocks, as to a matrix of these alone; applied to all cells.
    @Test func fittedToSomeCellsAndGenes() throws {
        let x = try logarithms()
        let cells = (0..<x.rows).filter { $0 % 4 != 2 }
        // In an order of their own.
        let genes = (0..<x.columns).filter { $0 % 3 != 0 }.reversed().map(\.self)
        let found = try PrincipalComponents(
            blocks: SmallBlocks(matrix: x, height: 9), cells: cells, genes: genes, count: 6)
        let alone = x.selectingRows(cells).selectingColumns(genes)
        let expected = try PrincipalComponents(blocks: alone, count: 6)
        #expect(largestDifference(found.loadings.values, expected.loadings.values) < 1e-9)
        #expect(largestDifference(found.varianceRatios, expected.varianceRatios) < 1e-12)
        let scores = try found.transform(x).selectingRows(cells).double
        #expect(largestDifference(scores.values, try expected.transform(alone).double.values) < 1e-5)
        // Their variance is what it says.
        for (found, expected) in zip(scores.columnMoments().variances, expected.variances) {
            #expect(abs(found - expected) < 1e-5 * expected)
        }
    }

    /// Walks through the data, as with too many genes for their products, give what sums of products give.
    @Test func bothWaysMeet() throws {
        var state: UInt64 = 9
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24)
        }
        // Five directions of falling strength and noise, a fifth of the entries 0.
        let directions = (0..<5).map { _ in (0..<70).map { _ in uniform() - 0.5 } }
        var values: [Float] = []
        for _ in 0..<300 {
            let weights = (0..<5).map { (uniform() - 0.5) * Double(10 - 2 * $0) }
            for gene in 0..<70 {
                let signal = (0..<5).reduce(0) { $0 + weights[$1] * directions[$1][gene] }
                values.append(uniform() < 0.2 ? 0 : Float(2 + signal + 0.2 * uniform()))
            }
        }
        let x = GoldenTable.sparse(Matrix(rows: 300, columns: 70, values: values))
        for isCentred in [true, false] {
            let data = SelectedCells(blocks: SmallBlocks(matrix: x, height: 64), cells: nil, genes: nil)
            let sums = try PrincipalComponents(data: data, count: 5, isCentred: isCentred, gramLimit: 100)
            let walks = try PrincipalComponents(data: data, count: 5, isCentred: isCentred, gramLimit: 0)
            #expect(largestDifference(walks.variances, sums.variances) < 1e-9)
            // Residuals of 1e-9 over gaps of about a tenth of the largest variance.
            #expect(largestDifference(walks.loadings.values, sums.loadings.values) < 1e-7)
            #expect(walks.notices.isEmpty)
        }
    }

    @Test func whatCannotBeFittedIsTold() throws {
        let x = CellMatrix.dense(Matrix(rows: 4, columns: 3, values: [1, 2, 0, 4, 0, 1, 2, 2, 2, 0, 1, 7]))
        let found = try PrincipalComponents(blocks: x)
        #expect(found.variances.count == 2 && found.notices.map(\.code) == ["FEWER_COMPONENTS"])
        let missing = CellMatrix.dense(Matrix(rows: 4, columns: 3, values: [1, 2, 0, 4, 0, 1, .nan, 2, 2, 0, 1, 7]))
        #expect { try PrincipalComponents(blocks: missing) } throws: {
            ($0 as? PreprocessingError)?.code == "NONFINITE"
        }
        for (cells, genes, code) in [([1], [0, 1], "NO_CELLS"), ([0, 1, 2], [2], "NO_GENES")] {
            #expect { try PrincipalComponents(blocks: x, cells: cells, genes: genes) } throws: {
                ($0 as? PreprocessingError)?.code == code
            }
        }
    }
}
