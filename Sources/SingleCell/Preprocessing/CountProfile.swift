import AnnotatedData
import CKernels
import Foundation
import Matrices

/// How often each gene has each count, gathered block by block: all that moments, detection and sums of clipped counts
/// need, from one walk through the data.
///
/// Small counts are kept in a table, larger ones in a list of bounded length. What is no count (negative, not whole) or
/// overflows that list makes the profile incomplete; moments are then to be had from `GeneMoments`, clipped sums from a
/// second walk. Sums are made from the whole profile, so that neither threads nor blocks show in the result.
public struct CountProfile: Sendable {
    public let genes: Int
    public let groups: Int
    /// Cells of each group.
    public private(set) var cellCounts: [Int]
    /// Whether every value was a whole number, 0 or larger, as far as values were looked at: up to the one that made the
    /// profile incomplete.
    public private(set) var isWhole = true
    /// Whether the profile holds all that was added; otherwise nothing of it may be used.
    public private(set) var isComplete: Bool
    /// Counts below this one are in the table.
    private let bins: Int
    /// lanes × groups × genes × bins
    private var table: [UInt32]
    /// One a lane: how often, by group, gene and count.
    private var large: [[LargeCount: Int]]

    private struct LargeCount: Hashable {
        let place: Int32
        let count: Int32
    }

    /// What a lane met.
    private struct Finding {
        var isWhole = true
        var fits = true
    }

    /// Entries of all tables together, 4 bytes each, and different large counts of a lane.
    private static let (tableLimit, largeLimit) = (1 << 24, 1 << 20)

    /// - Parameter lanes: How many threads gather side by side at most. What fits depends on it, and so it must not depend
    ///   on the machine.
    public init(genes: Int, groups: Int = 1, lanes: Int = 4) {
        precondition(genes >= 0 && groups > 0 && lanes > 0, "\(genes) genes, \(groups) groups, \(lanes) lanes")
        self.genes = genes
        self.groups = groups
        cellCounts = [Int](repeating: 0, count: groups)
        let places = max(1, genes * groups)
        let lanes = max(1, min(lanes, 8, Self.tableLimit / places / 32))
        bins = max(4, min(64, Self.tableLimit / places / lanes))
        // So many genes and groups are left to moments.
        isComplete = places <= Self.tableLimit / 4
        table = [UInt32](repeating: 0, count: isComplete ? lanes * places * bins : 0)
        large = Array(repeating: [:], count: lanes)
    }

    /// - Parameters:
    ///   - matrix: Cells × genes; where sparse, with no entry given twice (`canonical`).
    ///   - codes: The group of each cell of the block, −1 for a cell that doesn't count; nil puts all into group 0.
    public mutating func add(_ matrix: CellMatrix, groups codes: [Int32]? = nil) {
        precondition(matrix.columns == genes, "\(matrix.columns) genes, \(genes) expected")
        let (genes, bins) = (genes, bins)
        addInLanes(matrix.rows, codes) { rows, lane in
            for row in rows {
                let group = Int(codes?[row] ?? 0)
                guard group >= 0 else { continue }
                matrix.forEachStored(row: row) { gene, value in
                    lane.add(value, place: group * genes + gene, bins: bins)
                }
            }
        }
    }

    /// Adds cells of a view that has the genes of the profile.
    ///
    /// - Parameter codes: The group of each cell, −1 for a cell that doesn't count; nil puts all into group 0.
    mutating func add(_ cells: PackedStretch, groups codes: [Int32]?) {
        let (genes, bins) = (genes, bins)
        addInLanes(cells.rows.count, codes) { rows, lane in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * genes) { buffer in
                guard let columns = buffer.baseAddress else { return }
                let left = columns + genes
                for row in rows {
                    let group = Int(codes?[row] ?? 0)
                    guard group >= 0 else { continue }
                    cells.withCell(row) { cell in
                        cell.readColumns(columns)
                        var leftCount = cell.count
                        if let codes = cell.codes {
                            leftCount = kernel_tally(
                                columns, codes, lane.table + group * genes * bins, bins, left, cell.count)
                        }
                        var wide = 0
                        for place in 0..<leftCount {
                            let entry = cell.codes == nil ? place : Int(left[place])
                            let code = cell.codes.map { $0[entry] } ?? 0
                            let value = code != 0 ? Float(code) : cell.wideValue(wide)
                            wide += code != 0 ? 0 : 1
                            lane.add(value, place: group * genes + Int(columns[entry]), bins: bins)
                        }
                    }
                }
            }
        }
    }

    /// What one thread gathers.
    private struct Lane {
        /// groups × genes × bins
        let table: UnsafeMutablePointer<UInt32>
        var large: [LargeCount: Int]
        var isWhole = true
        var fits = true

        @inline(__always)
        mutating func add(_ value: Float, place: Int, bins: Int) {
            // Adding 2²³ leaves a whole number in the last 23 bits, without a conversion that traps.
            let shifted = value + 0x1p23
            let count = Int(shifted.bitPattern & 0x7F_FFFF)
            guard shifted - 0x1p23 == value, value >= 0, value < 0x1p23 else {
                fits = false
                // Whatever is as large as that is whole.
                if !(value >= 0x1p23 && value.isFinite) { isWhole = false }
                return
            }
            if count < bins {
                table[place * bins + count] += 1
            } else {
                guard fits else { return }
                large[LargeCount(place: Int32(place), count: Int32(count)), default: 0] += 1
                fits = large.count <= CountProfile.largeLimit
            }
        }
    }

    /// Calls `body` with the rows of each lane, lanes side by side.
    @inline(__always)
    private mutating func addInLanes(
        _ count: Int, _ codes: [Int32]?, _ body: @Sendable (_ rows: Range<Int>, _ lane: inout Lane) -> Void
    ) {
        precondition(codes.map { $0.count == count } ?? true, "one group a cell")
        for row in 0..<count {
            let group = Int(codes?[row] ?? 0)
            precondition(group < groups, "group \(group) of \(groups)")
            if group >= 0 { cellCounts[group] += 1 }
        }
        guard isComplete, genes > 0 else { return }
        let (lanes, size) = (large.count, groups * genes * bins)
        var findings = [Finding](repeating: Finding(), count: lanes)
        withoutActuallyEscaping(body) { body in
            table.withUnsafeMutableBufferPointer { tableBuffer in
                large.withUnsafeMutableBufferPointer { largeBuffer in
                    findings.withUnsafeMutableBufferPointer { findingBuffer in
                        // Each lane is written by one thread only.
                        nonisolated(unsafe) let (tables, larges, findings) = (tableBuffer, largeBuffer, findingBuffer)
                        DispatchQueue.concurrentPerform(iterations: lanes) { index in
                            guard let table = tables.baseAddress else { return }
                            var lane = Lane(table: table + index * size, large: [:])
                            swap(&lane.large, &larges[index])
                            body(count * index / lanes..<count * (index + 1) / lanes, &lane)
                            swap(&lane.large, &larges[index])
                            findings[index] = Finding(isWhole: lane.isWhole, fits: lane.fits)
                        }
                    }
                }
            }
        }
        isWhole = isWhole && findings.allSatisfy(\.isWhole)
        isComplete = findings.allSatisfy(\.fits)
    }

    /// Adds what was gathered elsewhere from other cells.
    public mutating func merge(_ other: CountProfile) {
        precondition(other.genes == genes && other.groups == groups, "a profile of other genes or groups")
        isWhole = isWhole && other.isWhole
        isComplete = isComplete && other.isComplete
        for group in 0..<groups { cellCounts[group] += other.cellCounts[group] }
        guard isComplete else { return }
        other.forEach { place, count, times in
            if count < bins {
                table[place * bins + count] += UInt32(times)
            } else {
                large[0][LargeCount(place: Int32(place), count: Int32(count)), default: 0] += times
            }
        }
        isComplete = large.allSatisfy { $0.count <= Self.largeLimit }
    }

    /// The profile of the given genes, in the order given.
    func selecting(genes selection: [Int]) -> CountProfile {
        var result = CountProfile(genes: selection.count, groups: groups, lanes: 1)
        result.cellCounts = cellCounts
        result.isWhole = isWhole
        result.isComplete = isComplete
        guard isComplete else { return result }
        var positions = [Int](repeating: -1, count: genes)
        for (position, gene) in selection.enumerated() { positions[gene] = position }
        forEach { place, count, times in
            let position = positions[place % genes]
            guard position >= 0 else { return }
            let newPlace = place / genes * selection.count + position
            if count < result.bins {
                result.table[newPlace * result.bins + count] += UInt32(times)
            } else {
                result.large[0][LargeCount(place: Int32(newPlace), count: Int32(count)), default: 0] += times
            }
        }
        return result
    }

    /// Calls `body` once with every group and gene (as its place in groups × genes) and every count above 0 that cells
    /// have, with their number; the counts of a gene rise.
    private func forEach(_ body: (_ place: Int, _ count: Int, _ times: Int) -> Void) {
        let size = groups * genes * bins
        table.withUnsafeBufferPointer { table in
            for place in 0..<groups * genes {
                for count in 1..<bins {
                    var times = 0
                    for lane in large.indices { times += Int(table[lane * size + place * bins + count]) }
                    if times > 0 { body(place, count, times) }
                }
            }
        }
        let all = large.dropFirst().reduce(into: large[0]) { $0.merge($1, uniquingKeysWith: +) }
        for (key, times) in all.sorted(by: { ($0.key.place, $0.key.count) < ($1.key.place, $1.key.count) }) {
            body(Int(key.place), Int(key.count), times)
        }
    }

    /// Sums over the cells of each group, groups × genes.
    public struct Totals: Sendable {
        /// Σ x
        public fileprivate(set) var sums: [Double]
        /// Σ x²
        public fileprivate(set) var squares: [Double]
        /// Cells with a count above 0.
        public fileprivate(set) var cells: [Int]
    }

    public func totals() -> Totals {
        precondition(isComplete, "an incomplete profile")
        let places = groups * genes
        var totals = Totals(
            sums: [Double](repeating: 0, count: places), squares: [Double](repeating: 0, count: places),
            cells: [Int](repeating: 0, count: places))
        forEach { place, count, times in
            let (count, weight) = (Double(count), Double(times))
            totals.sums[place] += count * weight
            totals.squares[place] += count * count * weight
            totals.cells[place] += times
        }
        return totals
    }

    /// As `totals`, of min(x, limit) with one limit for each group and gene.
    func clippedTotals(at limits: [Double]) -> (sums: [Double], squares: [Double]) {
        precondition(isComplete && limits.count == groups * genes, "an incomplete profile, or limits for another")
        var sums = [Double](repeating: 0, count: limits.count)
        var squares = sums
        var clipped = sums
        forEach { place, count, times in
            let (count, weight) = (Double(count), Double(times))
            if count > limits[place] {
                clipped[place] += weight
            } else {
                sums[place] += count * weight
                squares[place] += count * count * weight
            }
        }
        for place in limits.indices where clipped[place] > 0 {
            sums[place] += clipped[place] * limits[place]
            squares[place] += clipped[place] * limits[place] * limits[place]
        }
        return (sums, squares)
    }

    /// Mean and variance of each gene over the cells of a group; NaN where there are too few.
    public func moments(of group: Int = 0, ddof: Int = 1) -> ColumnMoments {
        let totals = totals()
        let range = group * genes..<(group + 1) * genes
        return ColumnMoments(
            sums: Array(totals.sums[range]), squares: Array(totals.squares[range]), count: cellCounts[group],
            ddof: ddof)
    }
}
