import CKernels

/// The regression of a gene on its parents, read from a covariance matrix; parents come and go one by one.
///
/// A gene has `width` columns. With S the covariances of the parents' columns, L its Cholesky factor and B = L⁻¹ S(parents, all),
/// the covariances that remain after regression are S(all) − Bᵀ B. One more column is one more row of B (Gram–Schmidt).
final class PairFeaturesRegression {
    /// Of the child, after regression.
    private(set) var variance: Double
    private(set) var parents: [Int] = []

    private let child: Int
    private let width: Int
    private let size: Int
    /// The child's own row of the covariances, and every gene's own block in planes, before regression.
    private let onChild: [Double]
    private let startingBlocks: [Double]
    /// The parents' columns in use, collinear ones left out, and the place of each one's parent in `parents`.
    private var columns: [Int] = []
    private var parentOfColumn: [Int] = []
    /// B, one row for each column in use.
    private var basis: [Double] = []
    /// L⁻¹, rows of rising length one after the other.
    private var inverseFactor: [Double] = []
    /// What remains of every gene's own block, and of the covariances of all columns with the child.
    private var blocks: [Double]
    private var remaining: [Double]

    init(_ covariances: PairFeaturesCovariances, child: Int) {
        self.child = child
        width = covariances.width
        size = covariances.size
        onChild = covariances.row(child, child: child)
        startingBlocks = covariances.blocks(child: child)
        variance = onChild[child]
        blocks = startingBlocks
        remaining = onChild
    }

    func add(_ parent: Int, _ covariances: PairFeaturesCovariances) {
        parents.append(parent)
        for k in 0..<width { add(column: k * (size / width) + parent, covariances) }
    }

    func remove(_ parent: Int, _ covariances: PairFeaturesCovariances) {
        let rest = parents.filter { $0 != parent }
        variance = onChild[child]
        parents.removeAll(keepingCapacity: true)
        columns.removeAll(keepingCapacity: true)
        parentOfColumn.removeAll(keepingCapacity: true)
        basis.removeAll(keepingCapacity: true)
        inverseFactor.removeAll(keepingCapacity: true)
        blocks = startingBlocks
        remaining = onChild
        for other in rest { add(other, covariances) }
    }

    private func add(column: Int, _ covariances: PairFeaturesCovariances) {
        let used = columns.count
        var basis: [Double] = []
        swap(&basis, &self.basis)
        defer { swap(&basis, &self.basis) }
        basis.append(contentsOf: repeatElement(0, count: size))
        let isNew = basis.withUnsafeMutableBufferPointer { basis in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: used + 1) { factors in
                let row = basis.baseAddress! + used * size
                covariances.row(column, child: child, length: size, into: row)
                for above in 0..<used { factors[above] = basis[above * size + column] }
                kernel_subtract_rows(basis.baseAddress!, used, size, factors.baseAddress!, row)
                // A collinear column adds nothing.
                guard row[column] > 1e-6 else { return false }
                let scale = 1 / row[column].squareRoot()
                for index in 0..<size { row[index] *= scale }
                addInverseRow(factors: factors, scale: scale)
                let factor = row[child]
                variance -= factor * factor
                kernel_take_out(row, factor, size / width, width, &blocks, &remaining)
                return true
            }
        }
        guard isNew else {
            basis.removeLast(size)
            return
        }
        columns.append(column)
        parentOfColumn.append(parents.count - 1)
    }

    private func addInverseRow(factors: UnsafeMutableBufferPointer<Double>, scale: Double) {
        let used = columns.count
        let start = inverseFactor.count
        inverseFactor.append(contentsOf: repeatElement(0, count: used + 1))
        inverseFactor.withUnsafeMutableBufferPointer { inverse in
            var place = 0
            for above in 0..<used {
                let factor = factors[above] * scale
                for index in 0...above {
                    inverse[start + index] -= factor * inverse[place]
                    place += 1
                }
            }
            inverse[start + used] = scale
        }
    }

    /// Coefficients of the columns in use.
    var coefficients: [(column: Int, value: Double)] {
        columns.indices.map { (columns[$0], coefficient($0)) }
    }

    private func coefficient(_ place: Int) -> Double {
        var sum = 0.0
        for row in place..<columns.count { sum += inverse(row, place) * basis[row * size + child] }
        return sum
    }

    @inline(__always)
    private func inverse(_ row: Int, _ column: Int) -> Double { inverseFactor[row * (row + 1) / 2 + column] }

    /// Writes for each gene how adding it would change −half · ln variance − penalty; columns collinear with the parents add
    /// nothing, and −∞ stands where nothing of the variance would be left.
    func gains(half: Double, penalty: Double, into gains: UnsafeMutablePointer<Double>) {
        kernel_search_gains(blocks, remaining, size / width, width, variance, half, penalty, gains)
    }

    /// The variance that would come back without this parent: βᵀ V⁻¹ β, β its coefficients and V their block of S⁻¹.
    func explained(byParent parent: Int) -> Double {
        guard let position = parents.firstIndex(of: parent),
            let first = parentOfColumn.firstIndex(of: position)
        else { return 0 }
        var count = 1
        while first + count < columns.count, parentOfColumn[first + count] == position { count += 1 }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: count * (count + 1)) { memory in
            let block = memory.baseAddress!
            let own = block + count * count
            for a in 0..<count {
                own[a] = coefficient(first + a)
                for b in 0...a {
                    var sum = 0.0
                    for row in first + a..<columns.count { sum += inverse(row, first + a) * inverse(row, first + b) }
                    block[a * count + b] = sum
                }
            }
            return Self.form(block, own, count)
        }
    }

    /// bᵀ A⁻¹ b by Cholesky, A of `count` ≤ 3 rows whose lower triangle is read; 0 where A is as good as singular.
    private static func form(_ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, _ count: Int)
        -> Double
    {
        var sum = 0.0
        for i in 0..<count {
            for k in 0..<i {
                for j in 0..<k { a[i * count + k] -= a[i * count + j] * a[k * count + j] }
                a[i * count + k] /= a[k * count + k]
                a[i * count + i] -= a[i * count + k] * a[i * count + k]
                b[i] -= a[i * count + k] * b[k]
            }
            guard a[i * count + i] > 1e-6 else { return 0 }
            a[i * count + i] = a[i * count + i].squareRoot()
            b[i] /= a[i * count + i]
            sum += b[i] * b[i]
        }
        return sum
    }
}
