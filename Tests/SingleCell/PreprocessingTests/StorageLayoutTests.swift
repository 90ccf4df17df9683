import AnnotatedData
import Matrices
import Testing

@testable import Preprocessing

/// How a matrix is stored says nothing about the cells: dense, sparse, or sparse with entries in any order, in parts, and
/// zeros among them.
struct StorageLayoutTests {
    /// Counts up to 40 in 60 cells × 12 genes, with a cell and a gene of none.
    private static let counts: Matrix<Float> = {
        var matrix = Matrix<Float>(rows: 60, columns: 12)
        for cell in 0..<60 where cell != 17 {
            for gene in 0..<11 where (cell + 2 * gene) % 3 == 0 {
                matrix[cell, gene] = Float((cell * 13 + gene * 29) % (5 + 3 * gene) + 1)
            }
        }
        return matrix
    }()

    private static func sparse(_ dense: Matrix<Float>, isOdd: Bool) -> CellMatrix {
        var (starts, genes, values): ([Int], [Int32], [Float]) = ([0], [], [])
        for cell in 0..<dense.rows {
            let stored = (0..<dense.columns).filter { dense[cell, $0] != 0 }
            for gene in isOdd ? stored.reversed() : stored {
                // A quarter and the rest are exact in any order.
                let value = dense[cell, gene]
                let parts = isOdd ? [value / 4, value - value / 4] : [value]
                genes += parts.map { _ in Int32(gene) }
                values += parts
            }
            if isOdd {
                genes.append(Int32(cell % dense.columns))
                values.append(0)
            }
            starts.append(values.count)
        }
        return .sparse(
            SparseMatrix(
                rows: dense.rows, columns: dense.columns, rowStarts: starts, columnIndices: genes, values: values))
    }

    private func data(_ x: CellMatrix) -> AnnotatedMatrix {
        var cells = AnnotationTable(names: (0..<x.rows).map { "c\($0)" })
        cells["drug"] = .strings((0..<x.rows).map { ["a", "b", nil][$0 % 3] })
        cells["batch"] = .strings((0..<x.rows).map { $0 % 2 == 0 ? "x" : "y" })
        return AnnotatedMatrix(
            x: x, cells: cells, genes: AnnotationTable(names: (0..<x.columns).map { $0 == 4 ? "MT-4" : "g\($0)" }))
    }

    private func options(_ selection: GeneSelection, batch: String? = nil) -> PreprocessingOptions {
        var options = PreprocessingOptions()
        options.minCellsPerGene = 1
        options.topGenes = 6
        options.geneSelection = selection
        options.percentTop = [2, 5]
        options.batchColumn = batch
        return options
    }

    @Test(arguments: [GeneSelection.seurat, .seuratV3, .variance], [nil, "batch"])
    func everyLayoutIsPreprocessedAlike(selection: GeneSelection, batch: String?) throws {
        func result(_ x: CellMatrix) throws -> BlockwisePreprocessing {
            try BlockwisePreprocessing(
                SmallBlocks(matrix: x, height: 7), annotation: data(x), options: options(selection, batch: batch),
                pseudobulkBy: ["drug"], budget: 0)
        }
        let usual = try result(Self.sparse(Self.counts, isOdd: false))
        let expected = try CellMatrix(gathering: usual.x)
        #expect(usual.result.scaleBefore == .counts && usual.result.cellsAfter == 59)
        for x in [CellMatrix.dense(Self.counts), Self.sparse(Self.counts, isOdd: true)] {
            let found = try result(x)
            #expect(found.result == usual.result)
            #expect(found.pseudobulk == usual.pseudobulk)
            #expect(try CellMatrix(gathering: found.x).dense == expected.dense)
        }
    }

    @Test func everyLayoutHasTheSameScaleAndMetrics() throws {
        let usual = Self.sparse(Self.counts, isOdd: false)
        for x in [CellMatrix.dense(Self.counts), Self.sparse(Self.counts, isOdd: true)] {
            #expect(detectScale(of: x) == detectScale(of: usual))
            #expect(QualityMetrics(x) == QualityMetrics(usual))
            let bulk = Pseudobulk(x, groups: data(x).cells["drug"]?.labels ?? [])
            #expect(bulk == Pseudobulk(usual, groups: data(usual).cells["drug"]?.labels ?? []))
            let ratios = try [x, usual].map { try PrincipalComponents(blocks: $0, count: 3).varianceRatios }
            // Dense and sparse products are summed in other orders.
            #expect(zip(ratios[0], ratios[1]).allSatisfy { abs($0 - $1) < 1e-12 })
        }
    }
}
