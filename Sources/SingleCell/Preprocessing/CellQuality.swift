import AnnotatedData
import CKernels
import Foundation

// As scanpy's `calculate_qc_metrics` (version 1.12).

/// Genes whose share of each cell's total is a measure of quality, such as the mitochondrial ones.
struct GeneMasks: Sendable, Equatable {
    let names: [String]
    /// One a mask, one a gene.
    let members: [[Bool]]
    /// One bit a mask, one byte a gene.
    fileprivate let bits: [UInt8]

    /// - Parameter members: Whether each gene belongs to the mask, by its name.
    init(_ members: [String: [Bool]]) {
        precondition(members.count <= Self.limit, "\(members.count) masks")
        names = members.keys.sorted()
        self.members = names.map { members[$0] ?? [] }
        let masks = self.members
        bits = (masks.first ?? []).indices.map { gene in
            masks.indices.reduce(0) { $0 | (masks[$1][gene] ? 1 << UInt8($1) : 0) }
        }
    }

    /// - Parameters:
    ///   - prefixes: How the genes' names of each mask begin, in capitals or not. Masks without genes are left out.
    init(_ prefixes: [String: [String]], genes: [String]) {
        let capitals = genes.map { $0.uppercased() }
        self.init(
            prefixes.mapValues { prefixes in
                let prefixes = prefixes.map { $0.uppercased() }.filter { !$0.isEmpty }
                return capitals.map { gene in prefixes.contains { gene.hasPrefix($0) } }
            }.filter { $0.value.contains(true) })
    }

    static let limit = 8
}

/// How much was measured in each of some cells.
struct CellQuality: Sendable, Equatable {
    let masks: GeneMasks
    /// Rising numbers of genes.
    let percentTop: [Int]
    /// Genes that are not 0.
    var genes: [Int32] = []
    var totals: [Double] = []
    /// One a mask: sums over its genes.
    var maskedTotals: [[Double]]
    /// One a number of genes: sums over so many largest values.
    var topTotals: [[Double]]

    init(masks: GeneMasks, percentTop: [Int]) {
        self.masks = masks
        self.percentTop = percentTop
        maskedTotals = masks.names.map { _ in [] }
        topTotals = percentTop.map { _ in [] }
    }

    /// Percent of the total; NaN for an empty cell.
    func maskedPercent(_ mask: Int) -> [Double] { zip(maskedTotals[mask], totals).map { 100 * $0 / $1 } }

    mutating func add(_ cell: CellPacker.Cell) {
        genes.append(Int32(cell.count))
        var total = 0.0
        if cell.codedCount == cell.count {
            total = cell.codes.baseAddress.map { Double(kernel_code_sum($0, cell.count)) } ?? 0
        } else {
            for value in cell.values { total += Double(value) }
        }
        totals.append(total)
        if !masks.names.isEmpty { addMasked(cell) }
        if !percentTop.isEmpty { addTop(cell) }
    }

    private mutating func addMasked(_ cell: CellPacker.Cell) {
        for mask in masks.names.indices { maskedTotals[mask].append(0) }
        let last = totals.count - 1
        masks.bits.withUnsafeBufferPointer { bits in
            for entry in 0..<cell.count {
                let memberships = bits[Int(cell.columns[entry])]
                guard memberships != 0 else { continue }
                for mask in maskedTotals.indices where memberships & (1 << UInt8(mask)) != 0 {
                    maskedTotals[mask][last] += Double(cell.values[entry])
                }
            }
        }
    }

    private mutating func addTop(_ cell: CellPacker.Cell) {
        let largest = cell.values.sorted(by: >)
        var sum = 0.0
        var taken = 0
        for (place, count) in percentTop.enumerated() {
            while taken < min(count, largest.count) {
                sum += Double(largest[taken])
                taken += 1
            }
            topTotals[place].append(sum)
        }
    }

    /// Takes in the metrics of the cells that follow.
    mutating func add(_ other: CellQuality) {
        genes += other.genes
        totals += other.totals
        for mask in maskedTotals.indices { maskedTotals[mask] += other.maskedTotals[mask] }
        for place in topTotals.indices { topTotals[place] += other.topTotals[place] }
    }

    /// Writes the metrics of the given cells into their table, by scanpy's names.
    func annotate(_ table: inout AnnotationTable, cells: [Int]) {
        func column(_ values: [Double]) -> ColumnValues { .floats(cells.map { values[$0] }) }
        table["n_genes_by_counts"] = .integers(cells.map { Int64(genes[$0]) })
        table["log1p_n_genes_by_counts"] = .floats(cells.map { log1p(Double(genes[$0])) })
        table["total_counts"] = column(totals)
        table["log1p_total_counts"] = .floats(cells.map { log1p(totals[$0]) })
        for (place, count) in percentTop.enumerated() {
            table["pct_counts_in_top_\(count)_genes"] = column(zip(topTotals[place], totals).map { 100 * $0 / $1 })
        }
        for (mask, name) in masks.names.enumerated() {
            table["total_counts_\(name)"] = column(maskedTotals[mask])
            table["log1p_total_counts_\(name)"] = .floats(cells.map { log1p(maskedTotals[mask][$0]) })
            table["pct_counts_\(name)"] = column(maskedPercent(mask))
        }
    }
}
