import AnnotatedData
import Matrices
import Testing

struct AnnotatedMatrixSelectionTests {
    let data = AnnotatedMatrix(
        x: .dense(Matrix(rows: 3, columns: 2, values: [1, 2, 3, 4, 5, 6])),
        cells: AnnotationTable(
            names: ["a", "b", "c"],
            columns: [
                AnnotationColumn(
                    name: "drug", values: .categories(codes: [0, -1, 1], levels: ["x", "y"], ordered: false))
            ]),
        genes: AnnotationTable(names: ["g", "h"]),
        layers: [
            "counts": .sparse(
                SparseMatrix(rows: 3, columns: 2, rowStarts: [0, 1, 1, 2], columnIndices: [0, 1], values: [7, 8]))
        ])

    @Test func cellsAndGenesAreCutAlike() {
        let cut = data.selecting(cells: [2, 0]).selecting(genes: [1])
        #expect(cut.x?.dense.values == [6, 2])
        #expect(cut.layers["counts"]?.dense.values == [8, 0])
        #expect(cut.cells.names == ["c", "a"] && cut.genes.names == ["h"])
        #expect(cut.cells["drug"]?.labels == ["y", "x"])
    }

    @Test func columnsAsTextNumbersAndTruths() {
        #expect(data.cells["drug"]?.labels == ["x", nil, "y"])
        #expect(ColumnValues.floats([1, 0.5, .nan]).labels == ["1", "0.5", nil])
        #expect(ColumnValues.strings(["1e-3", "2"]).numbers == [0.001, 2])
        #expect(ColumnValues.strings(["1+1"]).numbers == nil)
        #expect(ColumnValues.integers([0, 1]).truths == [false, true])
        #expect(ColumnValues.booleans([true, nil]).truths == nil)
    }
}
