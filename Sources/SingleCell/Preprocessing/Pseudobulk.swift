import AnnotatedData
import Matrices

/// Sums or means of the cells of each group, as scanpy's `get.aggregate`.
public struct Pseudobulk: Sendable, Equatable {
    /// Groups that have cells, in rising order.
    public let groups: [String]
    public let cellCounts: [Int]
    /// groups × genes.
    public let sums: Matrix<Double>
    /// groups × genes.
    public let means: Matrix<Double>

    /// - Parameters:
    ///   - matrix: cells × genes.
    ///   - groups: The group of each cell; cells without one are left out.
    public init(_ matrix: CellMatrix, groups labels: [String?]) {
        precondition(labels.count == matrix.rows, "\(labels.count) labels for \(matrix.rows) cells")
        let groups = Set(labels.compactMap(\.self)).sorted()
        let position = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($1, $0) })
        let groupOfCell = labels.map { $0.flatMap { position[$0] } }
        var sums = Matrix<Double>(rows: groups.count, columns: matrix.columns)
        let genes = matrix.columns
        matrix.forEachStored { cell, gene, value in
            if let group = groupOfCell[cell] { sums.values[group * genes + gene] += Double(value) }
        }
        var counts = [Int](repeating: 0, count: groups.count)
        for group in groupOfCell.compactMap(\.self) { counts[group] += 1 }
        var means = sums
        for group in groups.indices {
            for gene in 0..<genes { means[group, gene] /= Double(counts[group]) }
        }
        self.groups = groups
        cellCounts = counts
        self.sums = sums
        self.means = means
    }
}
