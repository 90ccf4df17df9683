import AnnotatedData
import Foundation
import Matrices

/// How the stored values of a matrix enter sums; 0 stays 0.
public enum ValueReading: Sendable {
    case asGiven
    /// exp(`scale` · x) − 1 in single precision: counts back from their logarithms. The scale is ln(base), 1 for the
    /// natural logarithm.
    case expm1(scale: Float = 1)
    /// Divided by the factor of its cell, one a cell of the block: what normalisation makes of counts.
    case divided(by: [Float])
    /// At most the limit of its gene, groups × genes: what `seuratV3` does to outliers.
    case clipped(at: [Double])
}

/// Sums and sums of squares of each gene, gathered block by block, for all cells or for groups of them.
///
/// Rows go in turns of 128 to eight sums that are added up in the end, whatever the number of threads and the height of
/// blocks: neither shows in the result. Blocks are to be added in their order.
public struct GeneMoments: Sendable, Equatable {
    public let genes: Int
    public let groups: Int
    /// Cells of each group.
    public private(set) var cellCounts: [Int]
    /// lanes × groups × genes: sum and sum of squares.
    private var sums: [SIMD2<Double>]
    private var rowsSeen = 0
    /// Sums that are gathered side by side.
    let lanes: Int

    private static let turn = 128

    public init(genes: Int, groups: Int = 1) {
        precondition(genes >= 0 && groups > 0, "\(genes) genes, \(groups) groups")
        self.genes = genes
        self.groups = groups
        lanes = max(1, 8 / groups)
        cellCounts = [Int](repeating: 0, count: groups)
        sums = [SIMD2<Double>](repeating: .zero, count: lanes * groups * genes)
    }

    /// - Parameters:
    ///   - matrix: Cells × genes; where sparse, with no entry given twice (`canonical`).
    ///   - codes: The group of each cell of the block, −1 for a cell that doesn't count; nil puts all into group 0.
    public mutating func add(_ matrix: CellMatrix, groups codes: [Int32]? = nil, reading: ValueReading = .asGiven) {
        precondition(matrix.columns == genes, "\(matrix.columns) genes, \(genes) expected")
        switch reading {
        case .asGiven: add(matrix, codes) { value, _, _ in Double(value) }
        case .expm1(let scale): add(matrix, codes) { value, _, _ in Double(expm1(value * scale)) }
        case .divided(let factors):
            precondition(factors.count == matrix.rows, "\(factors.count) factors for \(matrix.rows) cells")
            factors.withUnsafeBufferPointer { factors in
                nonisolated(unsafe) let factors = factors
                add(matrix, codes) { value, row, _ in Double(value / factors[row]) }
            }
        case .clipped(let limits):
            precondition(limits.count == groups * genes, "\(limits.count) limits for \(groups) × \(genes) genes")
            limits.withUnsafeBufferPointer { limits in
                nonisolated(unsafe) let limits = limits
                add(matrix, codes) { value, _, place in min(Double(value), limits[place]) }
            }
        }
    }

    /// `value` takes the stored value, the row and the place in groups × genes.
    @inline(__always)
    private mutating func add(
        _ matrix: CellMatrix, _ codes: [Int32]?, _ value: @Sendable (Float, Int, Int) -> Double
    ) {
        let genes = genes
        addRows(matrix.rows, codes) { _, row, group, sums in
            matrix.forEachStored(row: row) { gene, stored in
                let read = value(stored, row, group * genes + gene)
                sums[gene] += SIMD2(read, read * read)
            }
        }
    }

    /// Adds the next cells of a view, as it transforms them.
    ///
    /// - Parameters:
    ///   - cells: Of the view.
    ///   - codes: The group of each cell, −1 for a cell that doesn't count; nil puts all into group 0.
    ///   - readers: Of the view, as many as `lanes`.
    mutating func add(_ cells: PackedStretch, groups codes: [Int32]?, readers: [CellReader]) {
        precondition(readers.count == lanes, "\(readers.count) readers for \(lanes) lanes")
        // Each lane is worked on by one thread only.
        nonisolated(unsafe) let readers = readers
        let first = cells.rows.lowerBound
        addRows(cells.rows.count, codes) { lane, row, _, sums in
            cells.withCell(row) { readers[lane].add($0, row: first + row, to: sums) }
        }
    }

    /// Calls `body` with every row that counts and with the sums of its lane and group, one a gene; lanes side by side.
    @inline(__always)
    private mutating func addRows(
        _ count: Int, _ codes: [Int32]?,
        _ body: @Sendable (_ lane: Int, _ row: Int, _ group: Int, UnsafeMutablePointer<SIMD2<Double>>) -> Void
    ) {
        precondition(codes.map { $0.count == count } ?? true, "one group a cell")
        for row in 0..<count {
            let group = Int(codes?[row] ?? 0)
            precondition(group < groups, "group \(group) of \(groups)")
            if group >= 0 { cellCounts[group] += 1 }
        }
        let (first, lanes, genes, all) = (rowsSeen, lanes, genes, groups * genes)
        rowsSeen += count
        guard genes > 0 else { return }
        withoutActuallyEscaping(body) { body in
            sums.withUnsafeMutableBufferPointer { buffer in
                // Each lane is written by one thread only.
                nonisolated(unsafe) let sums = buffer
                DispatchQueue.concurrentPerform(iterations: lanes) { lane in
                    guard let start = sums.baseAddress else { return }
                    for row in 0..<count where (first + row) / Self.turn % lanes == lane {
                        let group = Int(codes?[row] ?? 0)
                        if group >= 0 { body(lane, row, group, start + lane * all + group * genes) }
                    }
                }
            }
        }
    }

    /// Adds what was gathered elsewhere from other cells.
    public mutating func merge(_ other: GeneMoments) {
        precondition(other.genes == genes && other.groups == groups, "moments of other genes or groups")
        for index in sums.indices { sums[index] += other.sums[index] }
        for group in 0..<groups { cellCounts[group] += other.cellCounts[group] }
        rowsSeen += other.rowsSeen
    }

    /// Sum and sum of squares of each gene over the cells of a group.
    public func totals(of group: Int = 0) -> (sums: [Double], squares: [Double]) {
        var totals = [SIMD2<Double>](repeating: .zero, count: genes)
        for lane in 0..<lanes {
            let start = (lane * groups + group) * genes
            for gene in 0..<genes { totals[gene] += sums[start + gene] }
        }
        return (totals.map(\.x), totals.map(\.y))
    }

    /// Mean and variance of each gene over the cells of a group; NaN where there are too few.
    public func moments(of group: Int = 0, ddof: Int = 1) -> ColumnMoments {
        let totals = totals(of: group)
        return ColumnMoments(
            sums: totals.sums, squares: totals.squares, count: cellCounts[group], ddof: ddof)
    }

    /// Of all groups together.
    public func pooled(ddof: Int = 1) -> ColumnMoments {
        let parts = (0..<groups).map { totals(of: $0) }
        return ColumnMoments(
            sums: (0..<genes).map { gene in parts.reduce(0) { $0 + $1.sums[gene] } },
            squares: (0..<genes).map { gene in parts.reduce(0) { $0 + $1.squares[gene] } },
            count: cellCounts.reduce(0, +), ddof: ddof)
    }

    public func means(of group: Int = 0) -> [Double] { moments(of: group).means }

    public func variances(of group: Int = 0, ddof: Int = 1) -> [Double] { moments(of: group, ddof: ddof).variances }
}

extension GeneMoments {
    /// Of cells × genes, in one walk.
    ///
    /// - Parameters:
    ///   - cells: Cells that count; all where nil.
    ///   - batches: The group of each cell, −1 for cells that don't count; one group where nil.
    public init(
        blocks: any MatrixBlocks, cells: [Int]? = nil, batches: [Int32]? = nil, reading: ValueReading = .asGiven
    ) throws {
        let codes = GroupCodes(cellCount: blocks.rows, cells: cells, batches: batches)
        var moments = GeneMoments(genes: blocks.columns, groups: codes.groups)
        try blocks.forEachBlock { moments.add($0.matrix.canonical, groups: codes[$0.rows], reading: reading) }
        self = moments
    }
}

extension ColumnMoments {
    /// From sums of values and of their squares over `count` rows.
    ///
    /// What is left of a constant column by rounding counts as 0: single-precision values that differ at all have a
    /// variance above 1e-14 of their mean square.
    init(sums: [Double], squares: [Double], count: Int, ddof: Int) {
        let n = Double(count)
        let divisor = count > ddof ? n - Double(ddof) : .nan
        self.init(
            means: sums.map { $0 / n },
            variances: zip(sums, squares).map { sum, square in
                let deviation = square - sum * sum / n
                return (deviation > 1e-14 * square ? deviation : deviation.isNaN ? .nan : 0) / divisor
            }, rowCount: count)
    }
}
