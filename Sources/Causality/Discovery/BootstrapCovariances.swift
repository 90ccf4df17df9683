import Matrices
import Probability

/// For each gene the covariances of all columns over its own cells, those in which it was not intervened on; cells count
/// as often as they were drawn. A gene has `width` columns, the first of them its values.
///
/// Rows of a gene's matrix are worked out when asked for, from the products over all cells less those over the gene's
/// intervened cells, as a search reads only some of them.
struct BootstrapCovariances: Sendable {
    let genes: Int
    let width: Int
    /// Own cells of each gene.
    let counts: [Double]

    private let columns: Matrix<Double>
    /// Over all cells: columns × columns.
    private let products: Matrix<Double>
    /// For each gene the cells left out, with how often they were drawn, and the means over the others.
    private let left: [[(cell: Int, times: Double)]]
    private let means: [[Double]]

    /// - Parameters:
    ///   - columns: Cells × (genes · width), centred.
    ///   - times: How often each cell counts.
    init(_ columns: Matrix<Double>, width: Int, intervenedCells: [[Int]], times: [Int]) {
        let p = columns.columns
        var products = Matrix<Double>(rows: p, columns: p)
        var sums = [Double](repeating: 0, count: p)
        let drawn = times.indices.filter { times[$0] > 0 }
        // Blocks bound the memory beside the sums.
        for start in stride(from: 0, to: drawn.count, by: 1024) {
            let rows = Array(drawn[start..<min(drawn.count, start + 1024)])
            let block = columns.selectingRows(rows)
            var weighted = block
            for (place, row) in rows.enumerated() {
                let weight = Double(times[row])
                for column in 0..<p {
                    let value = block.values[place * p + column] * weight
                    weighted.values[place * p + column] = value
                    sums[column] += value
                }
            }
            let part = Matrix.product(weighted, block, transposingFirst: true)
            for index in part.values.indices { products.values[index] += part.values[index] }
        }
        let total = drawn.reduce(0) { $0 + times[$1] }
        left = intervenedCells.map { cells in cells.filter { times[$0] > 0 }.map { ($0, Double(times[$0])) } }
        counts = left.map { Double(total) - $0.reduce(0) { $0 + $1.times } }
        means = zip(left, counts).map { left, count in
            var own = sums
            for (cell, times) in left {
                for column in 0..<p { own[column] -= times * columns.values[cell * p + column] }
            }
            return own.map { $0 / max(count, 1) }
        }
        self.genes = intervenedCells.count
        self.width = width
        self.columns = columns
        self.products = products
    }

    /// One row of the matrix of `child`: genes · width values.
    func row(_ column: Int, child: Int) -> [Double] {
        let p = columns.columns
        var result = Array(products.row(column))
        let inverse = 1 / max(counts[child], 1)
        result.withUnsafeMutableBufferPointer { result in
            columns.values.withUnsafeBufferPointer { values in
                for (cell, times) in left[child] {
                    let factor = times * values[cell * p + column]
                    for index in 0..<p { result[index] -= factor * values[cell * p + index] }
                }
            }
            means[child].withUnsafeBufferPointer { means in
                for index in 0..<p { result[index] = result[index] * inverse - means[column] * means[index] }
            }
        }
        return result
    }

    /// For each gene in turn the block of its own columns on the diagonal of that matrix, row by row.
    func blocks(child: Int) -> [Double] {
        let p = columns.columns
        let inverse = 1 / max(counts[child], 1)
        let means = means[child]
        var result = [Double]()
        result.reserveCapacity(p * width)
        for first in stride(from: 0, to: p, by: width) {
            for a in first..<first + width {
                for b in first..<first + width {
                    var sum = products.values[a * p + b]
                    for (cell, times) in left[child] {
                        sum -= times * columns.values[cell * p + a] * columns.values[cell * p + b]
                    }
                    result.append(sum * inverse - means[a] * means[b])
                }
            }
        }
        return result
    }

    /// How often each of `count` cells comes in as many draws with replacement.
    static func draw(_ count: Int, _ stream: inout RandomStream) -> [Int] {
        var times = [Int](repeating: 0, count: count)
        for _ in 0..<count { times[stream.index(below: count)] += 1 }
        return times
    }
}
