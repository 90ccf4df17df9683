import Matrices

/// Below which value no cell of a gene lies, where many cells lie on it: 0 for counts and log-normalised counts, whatever 0
/// became where values were standardised or centred on the controls beside them; nothing for intensities.
struct ValueFloors: Codable, Sendable, Equatable {
    /// Of each gene.
    let isFloored: [Bool]
    /// groups × genes; 0 for genes without a floor.
    private let values: [Float]

    /// The share of a gene's cells, and the number of them, that lie on their least value from which this is a floor.
    private static let (share, count) = (0.05, 5)
    /// So many equal cells of a group say what the floor of their group is.
    private static let fewestTies = 3

    /// Where all floors are the same, genes that are always above have it, too.
    /// - Parameters:
    ///   - cells: cells × genes.
    ///   - groups: Rows of `cells` on which 0 may have become the same.
    ///   - fallback: Of each group the one that tells where it does not.
    init(_ cells: Matrix<Float>, groups: [[Int]], fallback: [Int]) {
        let d = cells.columns
        var least = [Float](repeating: 0, count: groups.count * d)
        var ties = [Int](repeating: 0, count: groups.count * d)
        var isFloored = [Bool](repeating: false, count: d)
        var floors: Set<Float> = []
        for gene in 0..<d {
            var (onLeast, total) = (0, 0)
            var isConstant = true
            for (group, rows) in groups.enumerated() where !rows.isEmpty {
                let values = rows.map { cells[$0, gene] }
                let own = values.min() ?? 0
                let count = values.count { $0 == own }
                least[group * d + gene] = own
                ties[group * d + gene] = count
                isConstant = isConstant && count == rows.count
                // A single cell is always the least.
                guard rows.count >= Self.count else { continue }
                onLeast += count >= Self.fewestTies ? count : 0
                total += rows.count
                if count >= Self.count, count < rows.count { floors.insert(own) }
            }
            // A constant gene has no spread to tell a floor from.
            isFloored[gene] = !isConstant && onLeast >= Self.count && Double(onLeast) >= Self.share * Double(total)
        }
        if floors.count == 1, let floor = floors.first, isFloored.contains(true), cells.values.min() == floor {
            self.isFloored = isFloored.map { _ in true }
            values = least.map { _ in floor }
            return
        }
        self.isFloored = isFloored
        values = least.indices.map { place in
            let (group, gene) = (place / d, place % d)
            guard isFloored[gene] else { return 0 }
            let other = fallback[group] * d + gene
            if ties[place] >= Self.fewestTies { return least[place] }
            if ties[other] >= Self.fewestTies { return least[other] }
            return groups[group].isEmpty ? least[other] : least[place]
        }
    }

    func value(_ group: Int, _ gene: Int) -> Float { values[group * isFloored.count + gene] }

    func isComplete(groups: Int, genes: Int) -> Bool {
        isFloored.count == genes && values.count == groups * genes && values.allSatisfy(\.isFinite)
    }
}
