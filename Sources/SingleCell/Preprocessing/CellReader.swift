import AnnotatedData
import CKernels
import Foundation

/// Unpacks the cells of a view one after the other, keeps its genes and transforms values; one worker's, with buffers that
/// are used again.
final class CellReader {
    private let view: PackedView
    private let columns: UnsafeMutablePointer<Int32>
    private let values: UnsafeMutablePointer<Float>
    private let codes: UnsafeMutablePointer<UInt8>
    /// Which small counts the cell at hand has.
    private let marks: UnsafeMutablePointer<UInt8>
    /// What becomes of these.
    private let table: UnsafeMutablePointer<Float>
    /// That and its square; zeros in the first place.
    private let pairs: UnsafeMutablePointer<SIMD2<Double>>

    init(_ view: PackedView) {
        self.view = view
        // A cell has every gene at most once.
        let most = view.positions.count + 1
        columns = .allocate(capacity: most)
        values = .allocate(capacity: most)
        codes = .allocate(capacity: most)
        marks = .allocate(capacity: 256)
        table = .allocate(capacity: 256)
        table.initialize(repeating: 0, count: 256)
        pairs = .allocate(capacity: 256)
        pairs.initialize(repeating: .zero, count: 256)
    }

    deinit {
        columns.deallocate()
        values.deallocate()
        codes.deallocate()
        marks.deallocate()
        table.deallocate()
        pairs.deallocate()
    }

    /// Writes the entries of the genes kept.
    /// - Returns: How many these are; room for all entries of the cell is needed.
    func read(
        _ cell: PackedCell, row: Int, columns: UnsafeMutablePointer<Int32>, values: UnsafeMutablePointer<Float>
    ) -> Int {
        let count = unpack(cell, columns, values)
        let function = function(of: cell, columns, values, count: count, row: row)
        if cell.hasCodesOnly {
            fillTable(count, function ?? { $0 })
            kernel_look_up(table, codes, values, count)
        } else if let function {
            fillTable(count, function)
            for entry in 0..<count {
                let code = codes[entry]
                values[entry] = code != 0 ? table[Int(code)] : function(values[entry])
            }
        }
        return count
    }

    /// Adds the values of the genes kept and their squares to the sums, of which each gene of the view has a pair.
    func add(_ cell: PackedCell, row: Int, to sums: UnsafeMutablePointer<SIMD2<Double>>) {
        let count = unpack(cell, columns, values)
        let function = function(of: cell, columns, values, count: count, row: row) ?? { $0 }
        fillTable(count, function)
        for code in 1..<256 where marks[code] != 0 {
            let value = Double(table[code])
            pairs[code] = SIMD2(value, value * value)
        }
        sums.withMemoryRebound(to: Double.self, capacity: 2 * view.columns) { sums in
            pairs.withMemoryRebound(to: Double.self, capacity: 512) {
                kernel_add_pairs(columns, codes, $0, sums, count)
            }
        }
        guard !cell.hasCodesOnly else { return }
        for entry in 0..<count where codes[entry] == 0 {
            let value = Double(function(values[entry]))
            sums[Int(columns[entry])] += SIMD2(value, value * value)
        }
    }

    /// Leaves values alone where all of them have codes.
    private func unpack(
        _ cell: PackedCell, _ columns: UnsafeMutablePointer<Int32>, _ values: UnsafeMutablePointer<Float>
    ) -> Int {
        view.positions.withUnsafeBufferPointer {
            cell.unpack(positions: $0, columns: columns, values: values, codes: codes)
        }
    }

    private func fillTable(_ count: Int, _ function: (Float) -> Float) {
        marks.initialize(repeating: 0, count: 256)
        kernel_mark_codes(codes, marks, count)
        for code in 1..<256 where marks[code] != 0 { table[code] = function(Float(code)) }
    }

    /// What becomes of a value of this cell; nil where it stays.
    private func function(
        of cell: PackedCell, _ columns: UnsafePointer<Int32>, _ values: UnsafePointer<Float>, count: Int, row: Int
    ) -> ((Float) -> Float)? {
        let isRestored = view.isRestored
        switch view.transform {
        case .asGiven: return nil
        case .normalisedLogarithm(let normalisation, let base):
            let total =
                normalisation.totals.map { Double($0[row]) }
                ?? total(of: cell, columns, values, count: count, excluding: normalisation.isExcluded)
            let factor = normalisation.factor(ofTotal: total)
            return isRestored
                ? { base.inverse(base.logarithm($0 / factor)) } : { base.logarithm($0 / factor) }
        case .logarithm(let base):
            return isRestored ? { base.inverse(base.logarithm($0)) } : { base.logarithm($0) }
        case .inverseHyperbolicSine(let cofactor):
            return { asinh($0 / cofactor) }
        }
    }

    private func total(
        of cell: PackedCell, _ columns: UnsafePointer<Int32>, _ values: UnsafePointer<Float>, count: Int,
        excluding isExcluded: [Bool]?
    ) -> Double {
        if isExcluded == nil, cell.hasCodesOnly { return Double(kernel_code_sum(codes, count)) }
        var total = 0.0
        for entry in 0..<count where isExcluded?[Int(columns[entry])] != true {
            total += codes[entry] != 0 ? Double(codes[entry]) : Double(values[entry])
        }
        return total
    }
}
