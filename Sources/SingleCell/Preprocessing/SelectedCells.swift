import AnnotatedData
import Foundation
import Matrices

/// Some cells and genes of a matrix, walked through in blocks, and products with them.
struct SelectedCells: Sendable {
    private let blocks: any MatrixBlocks
    /// nil where all cells are used.
    private let isUsed: [Bool]?
    let genes: [Int]
    let cellCount: Int

    init(blocks: any MatrixBlocks, cells: [Int]?, genes: [Int]?) {
        self.blocks = blocks
        self.genes = genes ?? Array(0..<blocks.columns)
        if let cells {
            var isUsed = [Bool](repeating: false, count: blocks.rows)
            for cell in cells { isUsed[cell] = true }
            self.isUsed = isUsed
            cellCount = isUsed.count(where: \.self)
        } else {
            isUsed = nil
            cellCount = blocks.rows
        }
    }

    /// Calls `body` with the used cells × genes of each block, in order, no entry given twice.
    func forEachBlock(_ body: (CellMatrix) throws -> Void) throws {
        let isWhole = genes.count == blocks.columns && genes.elementsEqual(0..<blocks.columns)
        try blocks.forEachBlock { block in
            var matrix = block.matrix
            if let isUsed {
                let rows = (0..<matrix.rows).filter { isUsed[block.firstRow + $0] }
                if rows.count < matrix.rows { matrix = matrix.selectingRows(rows) }
            }
            try body((isWhole ? matrix : matrix.selectingColumns(genes)).canonical)
        }
    }

    /// (X − 1 c)ᵀ (X − 1 c) v for every row v, in one walk; c holds the centres of the genes.
    ///
    /// Vectors are shared out among threads eight at a time, so that each sum is made in the order of the cells.
    func scatterProduct(_ vectors: Matrix<Double>, centres: [Double]) throws -> Matrix<Double> {
        let width = genes.count
        var slices = Slices(vectors)
        let offsets = slices.offsets(centres)
        var results = Slices(count: slices.count, width: width)
        var sums = [SIMD8<Double>](repeating: .zero, count: slices.count)
        try forEachBlock { block in
            results.values.withUnsafeMutableBufferPointer { resultBuffer in
                sums.withUnsafeMutableBufferPointer { sumBuffer in
                    slices.values.withUnsafeMutableBufferPointer { vectorBuffer in
                        // A slice is written by one thread only.
                        nonisolated(unsafe) let (results, sums, vectors) = (resultBuffer, sumBuffer, vectorBuffer)
                        DispatchQueue.concurrentPerform(iterations: sums.count) { slice in
                            let start = slice * width
                            for row in 0..<block.rows {
                                var score = -offsets[slice]
                                block.forEachStored(row: row) { gene, value in
                                    score += Double(value) * vectors[start + gene]
                                }
                                sums[slice] += score
                                block.forEachStored(row: row) { gene, value in
                                    results[start + gene] += Double(value) * score
                                }
                            }
                        }
                    }
                }
            }
        }
        for slice in sums.indices {
            for gene in 0..<width { results.values[slice * width + gene] -= centres[gene] * sums[slice] }
        }
        return results.rows(vectors.rows)
    }

    /// (X − 1 c) W: cells × columns of W.
    func projected(on loadings: Matrix<Double>, centres: [Double]) throws -> Matrix<Float> {
        let width = genes.count
        let count = loadings.columns
        let slices = Slices(loadings.transposed)
        let offsets = slices.offsets(centres)
        var scores: [Float] = []
        scores.reserveCapacity(cellCount * count)
        try forEachBlock { block in
            var part = [Float](repeating: 0, count: block.rows * count)
            part.withUnsafeMutableBufferPointer { partBuffer in
                slices.values.withUnsafeBufferPointer { vectorBuffer in
                    // A row is written by one thread only.
                    nonisolated(unsafe) let (part, vectors) = (partBuffer, vectorBuffer)
                    let lanes = ProcessInfo.processInfo.activeProcessorCount
                    DispatchQueue.concurrentPerform(iterations: lanes) { lane in
                        for row in block.rows * lane / lanes..<block.rows * (lane + 1) / lanes {
                            for slice in offsets.indices {
                                var score = -offsets[slice]
                                block.forEachStored(row: row) { gene, value in
                                    score += Double(value) * vectors[slice * width + gene]
                                }
                                for index in 0..<min(8, count - slice * 8) {
                                    part[row * count + slice * 8 + index] = Float(score[index])
                                }
                            }
                        }
                    }
                }
            }
            scores += part
        }
        return Matrix(rows: cellCount, columns: count, values: scores)
    }
}

/// Vectors over genes, eight to a slice: slices × genes.
private struct Slices {
    let count: Int
    let width: Int
    var values: [SIMD8<Double>]

    init(count: Int, width: Int) {
        self.count = count
        self.width = width
        values = [SIMD8<Double>](repeating: .zero, count: count * width)
    }

    init(_ vectors: Matrix<Double>) {
        self.init(count: (vectors.rows + 7) / 8, width: vectors.columns)
        for row in 0..<vectors.rows {
            for gene in 0..<width { values[row / 8 * width + gene][row % 8] = vectors[row, gene] }
        }
    }

    /// The product of each vector with the centres.
    func offsets(_ centres: [Double]) -> [SIMD8<Double>] {
        (0..<count).map { slice in
            var sum = SIMD8<Double>.zero
            for gene in 0..<width { sum += centres[gene] * values[slice * width + gene] }
            return sum
        }
    }

    func rows(_ rows: Int) -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows, columns: width)
        for row in 0..<rows {
            for gene in 0..<width { result[row, gene] = values[row / 8 * width + gene][row % 8] }
        }
        return result
    }
}
