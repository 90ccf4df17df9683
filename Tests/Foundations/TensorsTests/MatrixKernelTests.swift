import CKernels
import Testing

@testable import Tensors

/// The product's kernels for each width of vectors, against sums in Double.
struct MatrixKernelTests {
    /// Shapes with edges of the tiles, of the blocks of rows (112), of columns (128) and of the inner index (256).
    static let shapes = [
        [1, 1, 1], [1, 33, 7], [14, 32, 16], [15, 31, 17], [30, 30, 32], [113, 16, 5], [29, 129, 257], [230, 65, 300],
        [6, 16, 0], [3, 5, 520],
    ]

    @Test(arguments: [16, 8, 4], shapes) func productsAreSums(_ lanes: Int, _ shape: [Int]) {
        let (rows, columns, inner) = (shape[0], shape[1], shape[2])
        var generator = Lehmer(state: UInt64(rows * 1000 + columns))
        for (transposeA, transposeB, packs) in [
            (false, false, false), (true, false, true), (false, true, true), (true, true, false), (false, true, false),
        ] {
            // Rows lie further apart than they are long.
            let strideA = (transposeA ? rows : inner) + 3
            let strideB = (transposeB ? inner : columns) + 1
            let strideC = columns + 2
            let a = generator.floats((transposeA ? inner : rows) * strideA + 1)
            let b = generator.floats((transposeB ? columns : inner) * strideB + 1)
            let before = generator.floats(rows * strideC)
            let bias = generator.floats(columns)
            var c = before
            var packed = Array(repeating: Float.nan, count: kernel_packed_count(inner, columns))
            c.withUnsafeMutableBufferPointer { c in
                a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        bias.withUnsafeBufferPointer { bias in
                            var product = kernel_product(
                                a.baseAddress!, strideA, transposed: transposeA, b.baseAddress!, strideB,
                                transposed: transposeB, rows: rows, columns: columns, inner: inner, beta: 2,
                                into: c.baseAddress!, strideC)
                            product.lanes = Int32(lanes)
                            product.bias = bias.baseAddress
                            packed.withUnsafeMutableBufferPointer { packed in
                                if packs {
                                    kernel_pack_matrix(
                                        &product, packed.baseAddress, 0, kernel_panel_count(&product))
                                    product.packed = UnsafePointer(packed.baseAddress)
                                }
                                kernel_multiply_matrices(&product)
                            }
                        }
                    }
                }
            }
            var worst = 0.0
            for i in 0..<rows {
                for j in 0..<columns {
                    var sum = 0.0
                    for k in 0..<inner {
                        let left = a[transposeA ? k * strideA + i : i * strideA + k]
                        sum += Double(left) * Double(b[transposeB ? j * strideB + k : k * strideB + j])
                    }
                    let expected = sum + 2 * Double(before[i * strideC + j]) + Double(bias[j])
                    worst = max(worst, abs(expected - Double(c[i * strideC + j])))
                }
            }
            // Partial sums reach about 16, so each of up to 520 additions rounds by up to 5e−7; these add up like a
            // random walk, to about √520 · 5e−7. A term too many or too few is of order 0.1.
            #expect(worst < 2e-5, "\(transposeA) \(transposeB)")
            // What lies between the rows is left alone.
            for i in 0..<rows {
                for j in columns..<strideC { #expect(c[i * strideC + j] == before[i * strideC + j]) }
            }
        }
    }

    /// A value does not depend on which part of the output is computed with it, nor on what is packed for it: with few
    /// columns A is read in place.
    @Test(arguments: [(150, 70, 600), (40, 150, 100)]) func partsGiveTheSameBytes(rows: Int, columns: Int, inner: Int) {
        var generator = Lehmer(state: 3)
        let (a, b) = (generator.floats(rows * inner), generator.floats(inner * columns))
        func product(_ rowParts: [Range<Int>], _ columnParts: [Range<Int>]) -> [Float] {
            var c = Array(repeating: Float(0), count: rows * columns)
            c.withUnsafeMutableBufferPointer { c in
                a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        let whole = kernel_product(
                            a.baseAddress!, inner, transposed: false, b.baseAddress!, columns, transposed: false,
                            rows: rows, columns: columns, inner: inner, beta: 0, into: c.baseAddress!, columns)
                        for rows in rowParts {
                            for columns in columnParts {
                                var part = whole.part(rows: rows, columns: columns)
                                kernel_multiply_matrices(&part)
                            }
                        }
                    }
                }
            }
            return c
        }
        let whole = product([0..<rows], [0..<columns])
        #expect(product([0..<13, 13..<14, 14..<rows], [0..<columns]) == whole)
        #expect(product([0..<rows], [0..<30, 30..<31, 31..<columns]) == whole)
    }
}
