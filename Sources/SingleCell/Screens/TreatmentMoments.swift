import AnnotatedData
import Matrices

/// How many cells each treatment has, with the means and variances of the genes, from one walk through a screen.
///
/// Cells are told apart by treatment and by the controls that they share. Sums run over cells in their order, so that blocks
/// change nothing (Welford 1962, "Note on a method for calculating corrected sums of squares and products").
public struct TreatmentMoments: Sendable {
    /// Cells of one treatment with the same controls.
    public struct Group: Sendable {
        public let context: Int
        public let stratum: Int
        public internal(set) var count = 0
        public internal(set) var means: [Double]
        /// Sums of squared deviations from the means.
        public internal(set) var squares: [Double]
    }

    public let contexts: [Context]
    public let genes: Int
    /// By context, then stratum.
    public private(set) var groups: [Group]

    /// - Throws: `ScreenError` (`NONFINITE`), and what the values throw.
    public init(_ screen: some ScreenCells) throws {
        contexts = screen.contexts
        let d = screen.genes.count
        genes = d
        let (contextOfCell, strata) = (screen.contextOfCell, screen.controlStrata)
        let width = 1 + (strata?.max() ?? 0)
        let keyOfCell = contextOfCell.indices.map { contextOfCell[$0] * width + (strata?[$0] ?? 0) }
        let keys = Set(keyOfCell).sorted()
        let place = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        let groupOfCell = keyOfCell.map { place[$0] ?? 0 }
        var groups = keys.map {
            Group(
                context: $0 / width, stratum: $0 % width, means: [Double](repeating: 0, count: d),
                squares: [Double](repeating: 0, count: d))
        }
        try screen.values.forEachBlock { block in
            let matrix = block.matrix.dense
            if let bad = matrix.values.firstIndex(where: { !$0.isFinite }) {
                throw ScreenError(
                    code: "NONFINITE", element: "cell \(block.firstRow + bad / d), gene \(screen.genes[bad % d])",
                    message: "finite values expected, found \(matrix.values[bad])",
                    remedy: "fill in or drop missing values in preprocessing")
            }
            matrix.values.withUnsafeBufferPointer { values in
                for row in 0..<matrix.rows {
                    let cell = UnsafeBufferPointer(rebasing: values[row * d..<(row + 1) * d])
                    groups[groupOfCell[block.firstRow + row]].add(cell)
                }
            }
        }
        self.groups = groups
    }

    /// How many cells a context has.
    public var counts: [Int] {
        var counts = [Int](repeating: 0, count: contexts.count)
        for group in groups { counts[group.context] += group.count }
        return counts
    }

    /// Of the control cells; of some of their strata where asked.
    public func controls(strata: Set<Int>? = nil) -> ColumnMoments {
        moments { contexts[$0.context].isControl && strata?.contains($0.stratum) ?? true }
    }

    /// Of some groups together.
    public func moments(where isIncluded: (Group) -> Bool = { _ in true }) -> ColumnMoments {
        var all = Group(
            context: 0, stratum: 0, means: [Double](repeating: 0, count: genes),
            squares: [Double](repeating: 0, count: genes))
        for group in groups where isIncluded(group) { all.add(group) }
        let divisor = all.count > 1 ? Double(all.count - 1) : .nan
        return ColumnMoments(means: all.means, variances: all.squares.map { $0 / divisor }, rowCount: all.count)
    }

    /// Cells of the controls of each stratum; one stratum, 0, where all controls are shared.
    public var controlsOfStratum: [Int: Int] {
        var counts: [Int: Int] = [:]
        for group in groups where contexts[group.context].isControl { counts[group.stratum, default: 0] += group.count }
        return counts
    }

    /// Of the cells of a context, how many have the controls of each stratum: shares in rising order of strata.
    public func shares(of context: Int) -> [(stratum: Int, share: Double)] {
        let own = groups.filter { $0.context == context }
        let n = Double(max(1, own.reduce(0) { $0 + $1.count }))
        return own.map { ($0.stratum, Double($0.count) / n) }
    }

    /// As `PerturbationScreen.meanShifts`.
    public func meanShifts() -> [(context: Int, shift: [Double], baseline: [Double])] {
        let strata = controlsOfStratum.keys.sorted()
        let means = Dictionary(uniqueKeysWithValues: strata.map { ($0, controls(strata: [$0]).means) })
        let fallback = controls().means
        let members = Dictionary(grouping: groups, by: \.context)
        return contexts.indices.compactMap { context in
            guard !contexts[context].isControl, let own = members[context] else { return nil }
            let n = Double(own.reduce(0) { $0 + $1.count })
            var (mean, baseline) = ([Double](repeating: 0, count: genes), [Double](repeating: 0, count: genes))
            for group in own {
                let share = Double(group.count) / n
                let control = means[group.stratum] ?? fallback
                for gene in 0..<genes {
                    mean[gene] += share * group.means[gene]
                    baseline[gene] += share * control[gene]
                }
            }
            return (context, zip(mean, baseline).map { $0 - $1 }, baseline)
        }
    }
}

extension TreatmentMoments.Group {
    fileprivate mutating func add(_ cell: UnsafeBufferPointer<Float>) {
        count += 1
        let weight = 1 / Double(count)
        means.withUnsafeMutableBufferPointer { means in
            squares.withUnsafeMutableBufferPointer { squares in
                for gene in 0..<cell.count {
                    let difference = Double(cell[gene]) - means[gene]
                    means[gene] += weight * difference
                    squares[gene] += difference * (Double(cell[gene]) - means[gene])
                }
            }
        }
    }

    /// Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance".
    fileprivate mutating func add(_ other: Self) {
        guard other.count > 0 else { return }
        let (n, m) = (Double(count), Double(other.count))
        for gene in means.indices {
            let difference = other.means[gene] - means[gene]
            means[gene] += difference * m / (n + m)
            squares[gene] += other.squares[gene] + difference * difference * n * m / (n + m)
        }
        count += other.count
    }
}
