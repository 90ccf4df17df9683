import Foundation

/// The regression of a gene on its parents, read from a covariance matrix; parents come and go one by one.
///
/// A gene has `width` columns. With S the covariances of the parents' columns, L its Cholesky factor and B = L⁻¹ S(parents, all),
/// the covariances that remain after regression are S(all) − Bᵀ B. One more column is one more row of B (Gram–Schmidt).
struct PairFeaturesRegression {
    /// Of the child, after regression.
    private(set) var variance: Double
    private(set) var parents: [Int] = []

    private let child: Int
    private let width: Int
    private let size: Int
    private let covariance: [Double]
    /// The parents' columns in use, collinear ones left out, and the place of each one's parent in `parents`.
    private var columns: [Int] = []
    private var parentOfColumn: [Int] = []
    /// B, one row for each column in use.
    private var basis: [[Double]] = []
    /// L⁻¹, rows of rising length.
    private var inverseFactor: [[Double]] = []
    /// For each gene its own block of the remaining covariances, then its covariances with the child.
    private var blocks: [Double]

    init(_ covariances: PairFeaturesCovariances, child: Int) {
        self.child = child
        width = covariances.width
        size = covariances.genes * width
        covariance = covariances.matrices[child]
        variance = 0
        blocks = []
        restart()
    }

    private mutating func restart() {
        let response = child * width
        variance = covariance[response * (size + 1)]
        parents = []
        columns = []
        parentOfColumn = []
        basis = []
        inverseFactor = []
        blocks = []
        blocks.reserveCapacity(size * (width + 1))
        for start in stride(from: 0, to: size, by: width) {
            for a in start..<start + width {
                for b in start..<start + width { blocks.append(covariance[a * size + b]) }
            }
            for a in start..<start + width { blocks.append(covariance[a * size + response]) }
        }
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
        var row = Array(covariance[column * size..<(column + 1) * size])
        var factorRow: [Double] = []
        for above in basis {
            let factor = above[column]
            factorRow.append(factor)
            for index in row.indices { row[index] -= factor * above[index] }
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

        let onChild = row[child * width]
        variance -= onChild * onChild
        var place = 0
        for start in stride(from: 0, to: size, by: width) {
            for a in start..<start + width {
                for b in start..<start + width {
                    blocks[place] -= row[a] * row[b]
                    place += 1
                }
            }
            for a in start..<start + width {
                blocks[place] -= row[a] * onChild
                place += 1
            }
        }
    }

    /// The part of the remaining variance that another gene would explain; nil where it is collinear with the parents.
    func explained(by gene: Int) -> Double? {
        let start = gene * width * (width + 1)
        return blocks.withUnsafeBufferPointer {
            Self.form(UnsafeBufferPointer(rebasing: $0[start..<start + width * (width + 1)]), width)
        }
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
        for a in own { block.append(inverseColumn(a) { basis[$0][child * width] }) }
        return own.isEmpty ? 0 : block.withUnsafeBufferPointer { Self.form($0, own.count) ?? 0 }
    }

    /// bᵀ A⁻¹ b by Cholesky, A of `count` rows and b behind it; nil where A is as good as singular.
    private static func form(_ values: UnsafeBufferPointer<Double>, _ count: Int) -> Double? {
        let a = values
        let b = count * count
        guard a[0] > 1e-6 else { return nil }
        if count == 1 { return a[b] * a[b] / a[0] }
        let l00 = a[0].squareRoot()
        let x0 = a[b] / l00
        let l10 = a[count] / l00
        let v1 = a[count + 1] - l10 * l10
        guard v1 > 1e-6 else { return nil }
        let x1 = (a[b + 1] - l10 * x0) / v1.squareRoot()
        if count == 2 { return x0 * x0 + x1 * x1 }
        let l20 = a[6] / l00
        let l21 = (a[7] - l20 * l10) / v1.squareRoot()
        let v2 = a[8] - l20 * l20 - l21 * l21
        guard v2 > 1e-6 else { return nil }
        let x2 = (a[b + 2] - l20 * x0 - l21 * x1) / v2.squareRoot()
        return x0 * x0 + x1 * x1 + x2 * x2
    }
}
