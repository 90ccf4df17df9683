import Matrices

/// Below which value no cell of a gene lies, where many cells lie on it: 0 for counts and log-normalised counts, whatever 0
/// became for standardised ones; nothing for intensities.
struct ValueFloors: Codable, Sendable, Equatable {
    /// Of each gene; nil where it has none.
    let values: [Float?]

    /// The share of a gene's cells, and the number of them, that lie on its least value from which this is a floor.
    private static let (share, count) = (0.05, 5)

    /// Where all floors are the same, genes that are always above have it, too.
    /// - Parameter cells: cells × genes.
    init(_ cells: Matrix<Float>) {
        let own = (0..<cells.columns).map { gene -> Float? in
            let column = cells.column(gene)
            guard let least = column.min() else { return nil }
            let count = column.count { $0 == least }
            // A constant gene has no spread to tell a floor from.
            let isFloor =
                count >= Self.count && count < column.count && Double(count) >= Self.share * Double(column.count)
            return isFloor ? least : nil
        }
        let least = cells.values.min()
        let isCommon = own.contains(least) && own.allSatisfy { $0 == nil || $0 == least }
        values = isCommon ? own.map { _ in least } : own
    }
}
