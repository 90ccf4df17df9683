import AnnotatedData
import Matrices
import Testing

struct AlignedArrayTests {
    /// 3 × 4; a row is stored out of order.
    private func sparse(isByRows: Bool) -> CompressedNumbers {
        isByRows
            ? CompressedNumbers(
                rows: 3, columns: 4, isByRows: true, starts: [0, 2, 2, 5], indices: [3, 0, 1, 2, 3],
                values: NumberArray(.integers([5, 1, 2, 3, 4]), type: .int32))
            : CompressedNumbers(
                rows: 3, columns: 4, isByRows: false, starts: [0, 1, 2, 3, 5], indices: [0, 2, 2, 0, 2],
                values: NumberArray(.integers([1, 2, 3, 5, 4]), type: .int32))
    }

    private func dense(_ matrix: CompressedNumbers) -> [[Double]] {
        var rows = Array(repeating: Array(repeating: 0.0, count: matrix.columns), count: matrix.rows)
        for line in 0..<matrix.starts.count - 1 {
            for entry in matrix.starts[line]..<matrix.starts[line + 1] {
                let other = Int(matrix.indices[entry])
                rows[matrix.isByRows ? line : other][matrix.isByRows ? other : line] += matrix.values.doubles[entry]
            }
        }
        return rows
    }

    @Test(arguments: [true, false])
    func sparseMatricesAreCutOnBothSides(isByRows: Bool) {
        let matrix = sparse(isByRows: isByRows)
        let whole: [[Double]] = [[1, 0, 0, 5], [0, 0, 0, 0], [0, 2, 3, 4]]
        #expect(dense(matrix) == whole)
        #expect(dense(matrix.selectingRows([2, 0, 2])) == [whole[2], whole[0], whole[2]])
        #expect(dense(matrix.selectingColumns([3, 3, 0])) == whole.map { [$0[3], $0[3], $0[0]] })
        #expect(matrix.selectingColumns([]).values.type == .int32)
    }

    @Test func numbersAreCutAlongAnyAxis() {
        let cube = NumberArray(.floats((0..<24).map { Float($0) }), shape: [2, 3, 4])
        #expect(cube.selecting([1]).doubles == (12..<24).map { Double($0) })
        #expect(cube.selecting([2, 0], axis: 1).shape == [2, 2, 4])
        #expect(cube.selecting([2, 0], axis: 1).doubles.prefix(8) == [8, 9, 10, 11, 0, 1, 2, 3])
        #expect(cube.selecting([3], axis: 2).doubles == [3, 7, 11, 15, 19, 23])
        #expect(cube.selecting([], axis: 1).shape == [2, 0, 4])
    }

    @Test func allThatGoesAlongTheCellsIsCut() {
        let graph = AlignedArray.sparse(
            CompressedNumbers(
                rows: 3, columns: 3, isByRows: true, starts: [0, 1, 2, 3], indices: [1, 2, 0],
                values: NumberArray(.doubles([0.5, 0.25, 0.125]))))
        let data = AnnotatedMatrix(
            x: nil, cells: AnnotationTable(names: ["a", "b", "c"], namesTitle: "barcode"),
            genes: AnnotationTable(names: ["g", "h"]),
            cellEmbeddings: ["map": .numbers(NumberArray(.floats([1, 2, 3, 4, 5, 6]), shape: [3, 2]))],
            geneLoadings: ["weights": .numbers(NumberArray(.doubles([7, 8]), shape: [2, 1]))],
            cellGraphs: ["distances": graph],
            geneGraphs: ["correlation": .numbers(NumberArray(.doubles([1, 2, 3, 4]), shape: [2, 2]))])
        let cut = data.selecting(cells: [2, 0]).selecting(genes: [1])
        #expect(cut.cells.namesTitle == "barcode")
        #expect(cut.cellEmbeddings["map"] == .numbers(NumberArray(.floats([5, 6, 1, 2]), shape: [2, 2])))
        #expect(cut.geneLoadings["weights"] == .numbers(NumberArray(.doubles([8]), shape: [1, 1])))
        #expect(cut.geneGraphs["correlation"] == .numbers(NumberArray(.doubles([4]), shape: [1, 1])))
        // Of the three entries only that from c to a has both ends left.
        #expect(
            cut.cellGraphs["distances"]
                == .sparse(
                    CompressedNumbers(
                        rows: 2, columns: 2, isByRows: true, starts: [0, 1, 1], indices: [1],
                        values: NumberArray(.doubles([0.125])))))
    }

    @Test func aColumnKeepsItsStorageUnlessItIsReplaced() {
        let storage = ColumnStorage(type: .uint8)
        var table = AnnotationTable(
            names: ["a", "b"],
            columns: [AnnotationColumn(name: "lane", values: .integers([1, 2]), storage: storage)])
        #expect(table.selecting([1]).columns[0].storage == storage)
        table["lane"] = .integers([3, 4])
        #expect(table.columns == [AnnotationColumn(name: "lane", values: .integers([3, 4]))])
    }
}
