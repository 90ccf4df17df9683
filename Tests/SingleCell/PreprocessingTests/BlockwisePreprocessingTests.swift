import AnnotatedData
import Foundation
import Matrices
import Testing

@testable import Preprocessing

struct BlockwisePreprocessingTests {
    /// Counts of more cells than a page of the spill holds, some of them above 255.
    private func counts(cells: Int = 2500, genes: Int = 40) -> AnnotatedMatrix {
        var state: UInt64 = 5
        var starts = [0]
        var columns: [Int32] = []
        var values: [Float] = []
        for cell in 0..<cells {
            for gene in 0..<genes {
                // Knuth's linear congruential generator (MMIX); the upper bits.
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let draw = Int(state >> 33)
                guard draw % 3 == 0 else { continue }
                columns.append(Int32(gene))
                values.append(Float(draw % 97 == 0 ? 300 + cell % 5 : 1 + draw % (3 + gene / 4)))
            }
            starts.append(values.count)
        }
        let matrix = SparseMatrix(
            rows: cells, columns: genes, rowStarts: starts, columnIndices: columns, values: values)
        var table = AnnotationTable(names: (0..<cells).map { "c\($0)" })
        table["drug"] = .strings((0..<cells).map { ["b", "a", nil][$0 % 3] })
        table["batch"] = .categories(codes: (0..<cells).map { Int32($0 % 2) }, levels: ["x", "y"], ordered: false)
        return AnnotatedMatrix(
            x: .sparse(matrix), cells: table, genes: AnnotationTable(names: (0..<genes).map { "g\($0)" }))
    }

    private var options: PreprocessingOptions {
        var options = PreprocessingOptions()
        options.minGenesPerCell = 8
        options.maxGenesPerCell = 20
        options.topGenes = 25
        options.geneSelection = .seuratV3
        options.annotatedSelections = [.seurat, .cellRanger]
        options.percentTop = [3, 5]
        return options
    }

    /// Neither where blocks begin nor where the packed cells lie may show in the result.
    @Test(arguments: [1, 7, 1023, 1024, 2500], [true, false]) func anyCutGivesTheSame(height: Int, isDense: Bool) throws
    {
        let data = counts()
        let sparse = try #require(data.x)
        let x = isDense ? CellMatrix.dense(sparse.dense) : sparse
        let whole = try BlockwisePreprocessing(x, annotation: data, options: options, pseudobulkBy: ["drug", "batch"])
        let cut = try BlockwisePreprocessing(
            SmallBlocks(matrix: x, height: height), annotation: data, options: options,
            pseudobulkBy: ["drug", "batch"], budget: 0)
        #expect(cut.result == whole.result)
        #expect(cut.pseudobulk == whole.pseudobulk)
        #expect(try CellMatrix(gathering: cut.x) == CellMatrix(gathering: whole.x))
        let found = try CellMatrix(gathering: #require(cut.counts))
        #expect(
            found.dense
                == sparse.dense.selectingRows(cut.result.keptCells).selectingColumns(cut.result.keptGenes))
        #expect(cut.x.storedCount == found.storedValues.count)
        #expect(cut.result.droppedCells.map(\.option) == ["minGenesPerCell", "maxGenesPerCell"])
    }

    /// As the same matrix in memory, which the tests against scanpy hold to its values.
    @Test func cellsLeftOutAreAsIfTheyWereNotThere() throws {
        let data = counts()
        let used = data.cells.names.indices.filter { $0 % 3 != 2 }
        let x = try #require(data.x)
        let streamed = try BlockwisePreprocessing(
            SmallBlocks(matrix: x, height: 100), annotation: data, options: options, cells: used,
            statisticsCells: Array(0..<900))
        let selected = try preprocess(data.selecting(cells: used), options: options, statisticsCells: Array(0..<900))
        #expect(try CellMatrix(gathering: streamed.x) == selected.data.x)
        #expect(streamed.result.data.genes == selected.data.genes)
        #expect(streamed.result.keptCells == selected.keptCells.map { used[$0] })
    }

    @Test func groupsComeInTheOrderOfTheirCategories() throws {
        let data = counts()
        var options = PreprocessingOptions()
        options.minCellsPerGene = 0
        let found = try BlockwisePreprocessing(
            SmallBlocks(matrix: #require(data.x), height: 64), annotation: data, options: options,
            pseudobulkBy: ["batch", "drug"])
        let bulk = try #require(found.pseudobulk)
        #expect(bulk.groups == ["x_a", "x_b", "y_a", "y_b"])
        let dense = try #require(data.x).dense
        // Cells of drug a and batch x are those of places 4, 10, 16 …; whole numbers, so sums are exact.
        let members = found.result.keptCells.filter { $0 % 6 == 4 }
        #expect(bulk.cellCounts[0] == members.count)
        #expect(Array(bulk.sums.row(0)) == dense.columnSums(rows: members))
    }

    @Test func dominantGenesCanBeLeftOutOfTotals() throws {
        let values: [Float] = [90, 6, 4, 0, 5, 5, 5, 5, 2, 3, 3, 2]
        let data = AnnotatedMatrix(
            x: .dense(Matrix(rows: 3, columns: 4, values: values)), cells: AnnotationTable(names: ["a", "b", "c"]),
            genes: AnnotationTable(names: ["g0", "g1", "g2", "g3"]))
        var options = PreprocessingOptions()
        options.minCellsPerGene = 0
        options.excludeHighlyExpressed = true
        options.maxFraction = 0.5
        options.targetSum = 10
        let x = try #require(preprocess(data, options: options).data.x).dense
        // g0 has 90 % of the first cell: totals are 10, 15 and 8 over the others.
        for (cell, total) in [Float(10), 15, 8].enumerated() {
            for gene in 0..<4 {
                #expect(x[cell, gene] == log1p(values[cell * 4 + gene] / (total / 10)))
            }
        }
    }

    @Test func totalsCanComeFromAColumn() throws {
        var data = counts(cells: 30)
        data.cells["n_umi"] = .integers((0..<30).map { Int64(1000 + $0) })
        var options = PreprocessingOptions()
        options.librarySizeColumn = "n_umi"
        options.targetSum = 10_000
        options.logarithmBase = 2
        let result = try preprocess(data, options: options)
        let before = try #require(result.data.layers["counts"]).dense
        let after = try #require(result.data.x).dense
        #expect(after[4, 3] == log1p(before[4, 3] / (1004 / 10_000)) / Float(log(2.0)))
        #expect(result.scaleAfter == .logIntensity)
        data.cells["n_umi"] = nil
        #expect { try preprocess(data, options: options) } throws: {
            ($0 as? PreprocessingError)?.code == "MISSING_ELEMENT"
        }
    }

    /// Of a panel, totals over all genes are taken where a column can hold nothing else.
    @Test func totalsOfPanelsAreFoundInTheTable() throws {
        var data = counts(cells: 30)
        data.cells["nCount_RNA"] = .integers((0..<30).map { Int64(1000 + $0) })
        var named = PreprocessingOptions()
        named.librarySizeColumn = "nCount_RNA"
        let found = try preprocess(data, options: PreprocessingOptions())
        #expect(try found.data.x?.dense == preprocess(data, options: named).data.x?.dense)
        #expect(found.notices.contains { $0.code == "KNOWN_TOTALS" && $0.message.contains("nCount_RNA") })
        // One cell below the total of the panel: the column is something else.
        data.cells["nCount_RNA"] = .integers((0..<30).map { $0 == 3 ? 1 : Int64(1000 + $0) })
        let other = try preprocess(data, options: PreprocessingOptions())
        #expect(!other.notices.contains { $0.code == "KNOWN_TOTALS" })
        // What options say comes first.
        data.cells["nCount_RNA"] = .integers((0..<30).map { Int64(1000 + $0) })
        var given = PreprocessingOptions()
        given.targetSum = 100
        #expect(try !preprocess(data, options: given).notices.contains { $0.code == "KNOWN_TOTALS" })
    }
}
