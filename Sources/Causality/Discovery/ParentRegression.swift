import Foundation

/// The regression of a gene on its parents, read from a covariance matrix; parents come and go one by one.
///
/// A gene has `width` columns. With S the covariances of the parents' columns, L its Cholesky factor and B = L⁻¹ S(parents, all),
/// the covariances that remain after regression are S(all) − Bᵀ B. One more column is one more row of B (Gram–Schmidt).
struct ParentRegression: Sendable {
    /// Of the child, after regression.
    private(set) var variance: Double
    private(set) var parents: [Int] = []

    private let child: Int
    private let width: Int
    private let size: Int
    private let covariances: BootstrapCovariances
    /// The child's own row of them, and every gene's own block, before regression.
    private let onChild: [Double]
    private let startingBlocks: [Double]
    /// The parents' columns in use, collinear ones left out, and the place of each one's parent in `parents`.
    private var columns: [Int] = []
    private var parentOfColumn: [Int] = []
    /// B, one row for each column in use.
    private var basis: [[Double]] = []
    /// L⁻¹, rows of rising length.
    private var inverseFactor: [[Double]] = []
    /// What remains of every gene's own block, and of the covariances of all columns with the child.
    private var blocks: [Double]
    private var remaining: [Double]

    init(_ covariances: BootstrapCovariances, child: Int) {
        self.child = child
        width = covariances.width
        size = covariances.genes * covariances.width
        self.covariances = covariances
        onChild = covariances.row(child * width, child: child)
        startingBlocks = covariances.blocks(child: child)
        variance = 0
        blocks = []
        remaining = []
        restart()
    }

    private mutating func restart() {
        variance = onChild[child * width]
        parents = []
        columns = []
        parentOfColumn = []
        basis = []
        inverseFactor = []
        blocks = startingBlocks
        remaining = onChild
    }

    mutating func add(_ parent: Int) {
        parents.append(parent)
        for column in parent * width..<(parent + 1) * width { add(column: column) }
    }

    mutating func remove(_ parent: Int) {
        let rest = parents.filter { $0 != parent }
        restart()
        for other in rest { add(other) }
    }

    private mutating func add(column: Int) {
        var row = covariances.row(column, child: child)
        var factorRow: [Double] = []
        for above in basis {
            let factor = above[column]
            factorRow.append(factor)
            row.withUnsafeMutableBufferPointer { row in
                above.withUnsafeBufferPointer { above in
                    for index in 0..<size { row[index] -= factor * above[index] }
                }
            }
        }
        let pivot = row[column]
        // A collinear column adds nothing.
        guard pivot > 1e-6 else { return }
        let length = pivot.squareRoot()
        for index in row.indices { row[index] /= length }

        var inverseRow = Array(repeating: 0.0, count: basis.count + 1)
        for (factor, above) in zip(factorRow, inverseFactor) {
            for index in above.indices { inverseRow[index] -= factor * above[index] / length }
        }
        inverseRow[basis.count] = 1 / length
        inverseFactor.append(inverseRow)
        basis.append(row)
        columns.append(column)
        parentOfColumn.append(parents.count - 1)

        let factor = row[child * width]
        variance -= factor * factor
        var place = 0
        for start in stride(from: 0, to: size, by: width) {
            for a in start..<start + width {
                for b in start..<start + width {
                    blocks[place] -= row[a] * row[b]
                    place += 1
                }
                remaining[a] -= row[a] * factor
            }
        }
    }

    /// The part of the remaining variance that another gene would explain; nil where it is collinear with the parents.
    func explained(by gene: Int) -> Double? {
        Self.form(blocks, gene * width * width, remaining, gene * width, width)
    }

    /// The variance that would come back without this parent: βᵀ V⁻¹ β, β its coefficients and V their block of S⁻¹.
    func explained(byParent parent: Int) -> Double {
        guard let position = parents.firstIndex(of: parent) else { return 0 }
        let own = columns.indices.filter { parentOfColumn[$0] == position }
        func inverseColumn(_ column: Int, times value: (Int) -> Double) -> Double {
            var sum = 0.0
            for row in column..<basis.count { sum += inverseFactor[row][column] * value(row) }
            return sum
        }
        var block: [Double] = []
        for a in own {
            for b in own { block.append(inverseColumn(a) { $0 < b ? 0 : inverseFactor[$0][b] }) }
        }
        let coefficients = own.map { column in inverseColumn(column) { basis[$0][child * width] } }
        return own.isEmpty ? 0 : Self.form(block, 0, coefficients, 0, own.count) ?? 0
    }

    /// bᵀ A⁻¹ b by Cholesky, A of `count` rows from `start` in `a`, b from `offset`; nil where A is as good as singular.
    private static func form(_ a: [Double], _ start: Int, _ b: [Double], _ offset: Int, _ count: Int) -> Double? {
        let v0 = a[start]
        guard v0 > 1e-6 else { return nil }
        if count == 1 { return b[offset] * b[offset] / v0 }
        let l00 = v0.squareRoot()
        let x0 = b[offset] / l00
        let l10 = a[start + count] / l00
        let v1 = a[start + count + 1] - l10 * l10
        guard v1 > 1e-6 else { return nil }
        let l11 = v1.squareRoot()
        let x1 = (b[offset + 1] - l10 * x0) / l11
        if count == 2 { return x0 * x0 + x1 * x1 }
        if count > 3 { return longForm(a, start, b, offset, count) }
        let l20 = a[start + 6] / l00
        let l21 = (a[start + 7] - l20 * l10) / l11
        let v2 = a[start + 8] - l20 * l20 - l21 * l21
        guard v2 > 1e-6 else { return nil }
        let x2 = (b[offset + 2] - l20 * x0 - l21 * x1) / v2.squareRoot()
        return x0 * x0 + x1 * x1 + x2 * x2
    }

    /// The same for any number of rows; rows collinear with those before them add nothing.
    private static func longForm(_ a: [Double], _ start: Int, _ b: [Double], _ offset: Int, _ count: Int) -> Double? {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count * (count + 1)) { buffer in
            let factor = buffer.baseAddress!
            let solution = factor + count * count
            var sum = 0.0
            var isUsable = false
            for row in 0..<count {
                var value = b[offset + row]
                var pivot = a[start + row * count + row]
                for column in 0..<row {
                    var entry = a[start + row * count + column]
                    for k in 0..<column { entry -= factor[row * count + k] * factor[column * count + k] }
                    let diagonal = factor[column * count + column]
                    entry = diagonal > 0 ? entry / diagonal : 0
                    factor[row * count + column] = entry
                    pivot -= entry * entry
                    value -= entry * solution[column]
                }
                let isNew = pivot > 1e-6
                isUsable = isUsable || isNew
                factor[row * count + row] = isNew ? pivot.squareRoot() : 0
                solution[row] = isNew ? value / pivot.squareRoot() : 0
                sum += solution[row] * solution[row]
            }
            return isUsable ? sum : nil
        }
    }
}
