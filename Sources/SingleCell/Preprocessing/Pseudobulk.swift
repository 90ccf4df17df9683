import AnnotatedData
import Foundation
import Matrices

/// Sums and means of the cells of each group, as scanpy's `get.aggregate`.
public struct Pseudobulk: Sendable, Equatable {
    /// Groups that have cells, in their order.
    public let groups: [String]
    public private(set) var cellCounts: [Int]
    /// groups × genes.
    public private(set) var sums: Matrix<Double>

    /// groups × genes: sums divided by the number of cells.
    public var means: Matrix<Double> {
        var means = sums
        for group in groups.indices {
            for gene in 0..<means.columns { means[group, gene] /= Double(cellCounts[group]) }
        }
        return means
    }

    public init(groups: [String], genes: Int) {
        self.groups = groups
        cellCounts = [Int](repeating: 0, count: groups.count)
        sums = Matrix(rows: groups.count, columns: genes)
    }

    /// - Parameters:
    ///   - blocks: Cells × genes.
    ///   - groups: The groups of these cells.
    public init(_ blocks: any MatrixBlocks, groups: CellGroups) throws {
        precondition(groups.codes.count == blocks.rows, "\(groups.codes.count) groups for \(blocks.rows) cells")
        self.init(groups: groups.names, genes: blocks.columns)
        try blocks.forEachBlock { add($0.matrix, codes: Array(groups.codes[$0.rows])) }
    }

    /// - Parameters:
    ///   - matrix: Cells × genes.
    ///   - labels: The group of each cell; cells without one are left out.
    public init(_ matrix: CellMatrix, groups labels: [String?]) {
        precondition(labels.count == matrix.rows, "\(labels.count) labels for \(matrix.rows) cells")
        let groups = CellGroups(labels: labels)
        self.init(groups: groups.names, genes: matrix.columns)
        add(matrix, codes: groups.codes)
    }

    /// Takes in a block; blocks are to be added in the order of cells. Groups are divided over the cores and each adds its
    /// cells in order, so that neither the number of cores nor the blocks show in the result.
    ///
    /// - Parameter codes: The group of each cell of the block, −1 for none.
    public mutating func add(_ matrix: CellMatrix, codes: [Int32]) {
        precondition(codes.count == matrix.rows && matrix.columns == sums.columns, "a block of another shape")
        for code in codes where code >= 0 { cellCounts[Int(code)] += 1 }
        let genes = matrix.columns
        let workers = min(workerCount, groups.count)
        guard workers > 0 else { return }
        sums.values.withUnsafeMutableBufferPointer { buffer in
            // The sums of a group are written by one thread only.
            nonisolated(unsafe) let sums = buffer
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                for row in 0..<matrix.rows where codes[row] >= 0 && Int(codes[row]) % workers == worker {
                    let start = Int(codes[row]) * genes
                    matrix.forEachStored(row: row) { gene, value in sums[start + gene] += Double(value) }
                }
            }
        }
    }

    /// As above with the cells of a view that has all genes.
    mutating func add(_ cells: PackedStretch, codes: [Int32]) {
        precondition(codes.count == cells.rows.count, "\(codes.count) groups for \(cells.rows.count) cells")
        for code in codes where code >= 0 { cellCounts[Int(code)] += 1 }
        let genes = sums.columns
        let workers = min(workerCount, groups.count)
        guard workers > 0, genes > 0 else { return }
        // Group after group, so that the sums of a group are at hand; the cells of a group stay in their order.
        let rows = codes.indices.filter { codes[$0] >= 0 }.map { Int(codes[$0]) << 32 | $0 }.sorted()
            .map { $0 & 0xFFFF_FFFF }
        sums.values.withUnsafeMutableBufferPointer { buffer in
            // The sums of a group are written by one thread only.
            nonisolated(unsafe) let sums = buffer
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: genes) { columns in
                    guard let columns = columns.baseAddress, let sums = sums.baseAddress else { return }
                    for row in rows where Int(codes[row]) % workers == worker {
                        cells.withCell(row) { $0.add(to: sums + Int(codes[row]) * genes, columns: columns) }
                    }
                }
            }
        }
    }

    /// The given genes only, in the order given.
    func selecting(genes: [Int]) -> Pseudobulk {
        var result = self
        result.sums = sums.selectingColumns(genes)
        return result
    }
}
