import CKernels

/// Sums of products of columns over the quarters of the cells, and the rows that genes' own cells leave out: all that
/// covariances over all cells, over halves of them, and without a gene's interventions are made of.
///
/// A cell may have interventions on many genes; its row is kept once.
struct PairFeaturesProducts {
    let width: Int
    let genes: Int
    /// genes · width: column k of gene g is number k · genes + g.
    let size: Int
    /// For each quarter its cells, the products of its columns (size × size), and their sums.
    let cells: [Int]
    let products: [[Double]]
    let sums: [[Double]]
    /// The rows in which any gene was intervened on, `size` values each, in the order in which genes first meet them.
    let left: [Float]
    /// Which of them belong to a gene, gene after gene and quarter after quarter.
    let leftPlaces: [Int32]
    /// Where the places of (gene, quarter) start: genes × 4 + 1 numbers.
    let leftStarts: [Int]

    /// - `columns`: genes · width columns of all cells.
    init(_ columns: [Float], width: Int, data: PairFeaturesData) {
        let size = data.genes * width
        let n = data.cells
        self.width = width
        genes = data.genes
        self.size = size
        let quarters = (0..<4).map { data.quarters[$0]..<data.quarters[$0 + 1] }
        cells = quarters.map(\.count)
        products = quarters.map { columnProducts(columns, size, columns, size, stride: n, cells: $0) }
        sums = columns.withUnsafeBufferPointer { columns in
            quarters.map { range in
                (0..<size).map { kernel_sum(columns.baseAddress! + $0 * n + range.lowerBound, range.count) }
            }
        }
        var starts = [0]
        for intervened in data.intervenedCells {
            let first = starts.last!
            var place = 0
            for quarter in quarters {
                while place < intervened.count, intervened[place] < quarter.upperBound { place += 1 }
                starts.append(first + place)
            }
        }
        leftStarts = starts
        var placeOfCell = Array(repeating: Int32(-1), count: n)
        var cellsLeft: [Int] = []
        leftPlaces = data.intervenedCells.flatMap { intervened in
            intervened.map { cell in
                if placeOfCell[cell] < 0 {
                    placeOfCell[cell] = Int32(cellsLeft.count)
                    cellsLeft.append(cell)
                }
                return placeOfCell[cell]
            }
        }
        var left = Array(repeating: Float(0), count: cellsLeft.count * size)
        for column in 0..<size {
            for (place, cell) in cellsLeft.enumerated() { left[place * size + column] = columns[column * n + cell] }
        }
        self.left = left
    }
}

/// a bᵀ over a range of cells, for p and q columns of which each starts `stride` values after the last: blocks of cells in
/// single precision, added up in double.
func columnProducts(
    _ a: [Float], _ p: Int, _ b: [Float], _ q: Int, stride: Int, cells: Range<Int>
) -> [Double] {
    var result = Array(repeating: 0.0, count: p * q)
    addColumnProducts(a, p, b, q, stride: stride, cells: cells, to: &result)
    return result
}

/// Adds them to `result`.
func addColumnProducts(
    _ a: [Float], _ p: Int, _ b: [Float], _ q: Int, stride: Int, cells: Range<Int>, to result: inout [Double]
) {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            for start in Swift.stride(from: cells.lowerBound, to: cells.upperBound, by: 512) {
                kernel_add_row_products(
                    a.baseAddress! + start, p, stride, b.baseAddress! + start, q, stride,
                    min(512, cells.upperBound - start), &result)
            }
        }
    }
}

/// W x over the first `cells` cells: p mixtures, given by rows of q weights, of q columns of which each starts `stride`
/// values after the last. p × cells.
func columnMixtures(_ weights: [Float], _ p: Int, _ columns: [Float], _ q: Int, stride: Int, cells: Int) -> [Float] {
    Array(unsafeUninitializedCapacity: p * cells) { result, count in
        weights.withUnsafeBufferPointer { weights in
            columns.withUnsafeBufferPointer { columns in
                var product = kernel_product()
                (product.rows, product.columns, product.inner) = (p, cells, q)
                (product.a, product.stride_a) = (weights.baseAddress!, q)
                (product.b, product.stride_b) = (columns.baseAddress!, stride)
                (product.c, product.stride_c) = (result.baseAddress!, cells)
                kernel_multiply_matrices(&product)
            }
        }
        count = p * cells
    }
}
