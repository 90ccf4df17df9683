import AnnotatedData
import Foundation
import Matrices
import Preprocessing
import Testing

struct GeneChoiceTests {
    /// Variances 0, 2, 8, 8 and 0.5.
    private let matrix = CellMatrix.dense(
        Matrix(rows: 2, columns: 5, values: [1, 0, 0, 4, 0, 1, 2, 4, 0, 1]))

    @Test func tiesAreAllTaken() {
        let found = GeneVariability(matrix, selection: .variance)
        #expect(found.normalised == [0, 2, 8, 8, 0.5])
        #expect(found.top(1) == [false, false, true, true, false])
        #expect(found.top(3) == [false, true, true, true, false])
        #expect(found.top(0) == [false, false, false, false, false])
    }

    @Test func askingForMoreThanThereAreIsTold() {
        let found = GeneVariability(
            .dense(Matrix(rows: 2, columns: 5, values: [1, 0, 0, 4, 0, 1, 2, 5, 0, 1])), selection: .seurat)
        // Gene 0 does not vary: it has no dispersion.
        let choice = found.choice(top: 5)
        #expect(choice.isChosen == [false, true, true, true, true])
        #expect(choice.notices.map(\.code) == ["FEWER_GENES"])
        #expect(found.choice(top: 4).notices.isEmpty)
    }

    /// Among genes with the same number of batches and the same dispersion the name decides, as in scanpy.
    @Test func namesBreakTiesBetweenBatches() {
        let twice = matrix.dense.values + matrix.dense.values
        let found = GeneVariability(
            .dense(Matrix(rows: 4, columns: 5, values: twice)), selection: .variance, batches: [0, 0, 1, 1])
        #expect(found.choice(top: 1).isChosen == [false, false, true, false, false])
        let named = found.choice(top: 1, names: ["a", "b", "z", "Z", "c"])
        #expect(named.isChosen == [false, false, false, true, false])
        #expect(named.batchCounts == [0, 0, 2, 2, 0] && named.batchCount == 2)
    }

    @Test func columnsBearScanpysNames() {
        func names(_ selection: GeneSelection, _ batches: [Int32]?) -> [String] {
            let found = GeneVariability(matrix, selection: selection, batches: batches)
            return found.columns(of: found.choice(top: 2)).map(\.name)
        }
        #expect(names(.seurat, nil) == ["highly_variable", "means", "dispersions", "dispersions_norm"])
        #expect(
            names(.seuratV3, [0, 1]) == [
                "highly_variable", "highly_variable_rank", "means", "variances", "variances_norm",
                "highly_variable_nbatches",
            ])
        #expect(
            names(.cellRanger, [0, 1]).suffix(2) == ["highly_variable_nbatches", "highly_variable_intersection"])
    }

    /// Cells of batch −1 count for nothing, and a batch without cells is none.
    @Test func emptyBatchesAreNone() {
        let found = GeneVariability(matrix, selection: .variance, cells: [0, 1], batches: [2, 2])
        #expect(found.batches.count == 1 && found.normalised == [0, 2, 8, 8, 0.5])
        // Of no cells nothing is known.
        for selection in GeneSelection.allCases {
            let none = GeneVariability(matrix, selection: selection, batches: [-1, -1])
            #expect(none.normalised.count == 5 && none.normalised.allSatisfy(\.isNaN))
        }
    }
}
