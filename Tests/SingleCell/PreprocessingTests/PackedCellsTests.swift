import AnnotatedData
import Matrices
import Testing

@testable import Preprocessing

struct PackedCellsTests {
    /// Packs the rows of a matrix and unpacks them again, keeping all genes.
    private func unpacked(_ matrix: SparseMatrix) -> [[Int32: Float]] {
        var packer = CellPacker()
        for row in 0..<matrix.rows { packer.pack(row: row, of: .sparse(matrix)) { _ in } }
        let positions = (0..<Int32(matrix.columns)).map { $0 }
        var rows: [[Int32: Float]] = []
        packer.packed.forEachCell { _, cell in
            var columns = [Int32](repeating: 0, count: cell.count + 1)
            var values = [Float](repeating: 0, count: cell.count + 1)
            var codes = [UInt8](repeating: 0, count: cell.count + 1)
            let count = positions.withUnsafeBufferPointer { positions in
                columns.withUnsafeMutableBufferPointer { columns in
                    values.withUnsafeMutableBufferPointer { values in
                        codes.withUnsafeMutableBufferPointer { codes in
                            guard let columns = columns.baseAddress, let values = values.baseAddress,
                                let codes = codes.baseAddress
                            else { return 0 }
                            return cell.unpack(
                                positions: positions, columns: columns, values: values, codes: codes)
                        }
                    }
                }
            }
            let entries = (0..<count).map { (columns[$0], codes[$0] != 0 ? Float(codes[$0]) : values[$0]) }
            rows.append(Dictionary(uniqueKeysWithValues: entries))
        }
        return rows
    }

    @Test func everyValueAndGapComesBack() {
        let values: [Float] = [1, 255, 256, 0.5, -3, 1e9, .greatestFiniteMagnitude, 254]
        let columns: [Int32] = [0, 255, 511, 512, 767, 1023, 40_000, 99_999]
        let matrix = SparseMatrix(
            rows: 3, columns: 100_000, rowStarts: [0, 0, 8, 8], columnIndices: columns, values: values)
        let rows = unpacked(matrix)
        #expect(rows[0].isEmpty && rows[2].isEmpty)
        #expect(rows[1] == Dictionary(uniqueKeysWithValues: zip(columns, values)))
    }

    @Test func rowsAreOrderedSummedAndRidOfZeros() {
        let matrix = SparseMatrix(
            rows: 2, columns: 10, rowStarts: [0, 5, 7], columnIndices: [7, 2, 7, 4, 3, 0, 1],
            values: [1, 2, 3, 0, 0.25, 5, 0])
        #expect(unpacked(matrix) == [[2: 2, 3: 0.25, 7: 4], [0: 5]])
    }

    @Test func cellsOfFractionsNeedNoCodes() {
        let matrix = SparseMatrix(
            rows: 1, columns: 4, rowStarts: [0, 3], columnIndices: [0, 1, 3], values: [0.1, 0.2, 0.3])
        #expect(unpacked(matrix) == [[0: 0.1, 1: 0.2, 3: 0.3]])
    }
}
