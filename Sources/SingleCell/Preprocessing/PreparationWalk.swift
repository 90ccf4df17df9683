import AnnotatedData

/// What the packed cells say about the genes.
struct PreparationWalk: Sendable {
    /// Of all cells taken in, of those kept, and of those kept that statistics may see.
    let all: GeneQuality
    let kept: GeneQuality
    let statistics: GeneQuality
    /// Of the cells that statistics may see, in batches.
    let profile: CountProfile?
    let pseudobulk: Pseudobulk?

    /// - Parameters:
    ///   - cells: Places of the cells kept.
    ///   - statistics: Places among those of the cells that statistics may see; all where nil.
    ///   - batches: Of the cells kept.
    ///   - groups: Of the cells kept.
    init(
        _ intake: CellIntake, cells: [Int], geneCount: Int, statistics: [Int]?, batches: CellGroups?,
        groups: CellGroups?, areCounts: Bool
    ) throws {
        func view(of cells: [Int]) -> PackedView {
            PackedView(
                intake.spill, cells: cells, genes: Array(0..<geneCount), of: geneCount, isDense: false,
                storedCount: intake.spill.storedCount)
        }
        let codes = GroupCodes(cellCount: cells.count, cells: statistics, batches: batches?.codes)
        var profile = areCounts ? CountProfile(genes: geneCount, groups: codes.groups) : nil
        var pseudobulk = groups.map { Pseudobulk(groups: $0.names, genes: geneCount) }
        if profile != nil || groups != nil {
            try view(of: cells).forEachStretch { stretch in
                profile?.add(stretch, groups: codes[stretch.rows])
                if let groups { pseudobulk?.add(stretch, codes: Array(groups.codes[stretch.rows])) }
            }
        }
        var kept: GeneQuality
        if let profile, profile.isComplete, profile.cellCounts.reduce(0, +) == cells.count {
            kept = GeneQuality(profile)
            self.statistics = kept
        } else {
            let isStatistic = statistics.map { statistics in
                var flags = [Bool](repeating: false, count: cells.count)
                for cell in statistics { flags[cell] = true }
                return flags
            }
            let (counted, others) = try Self.quality(of: view(of: cells), counts: isStatistic)
            self.statistics = counted
            kept = counted
            if isStatistic != nil { kept.add(others) }
        }
        self.kept = kept
        var all = kept
        if cells.count < intake.spill.cellCount {
            var isKept = [Bool](repeating: false, count: intake.spill.cellCount)
            for cell in cells { isKept[cell] = true }
            all.add(try Self.quality(of: view(of: isKept.indices.filter { !isKept[$0] }), counts: nil).counted)
        }
        self.all = all
        self.profile = profile
        self.pseudobulk = pseudobulk
    }

    /// Every sum runs over the cells of a page first, then over pages: in the same order for any blocks and cores.
    ///
    /// - Parameter counts: Whether each cell counts; all do where nil.
    private static func quality(
        of view: PackedView, counts: [Bool]?
    ) throws -> (counted: GeneQuality, others: GeneQuality) {
        var counted = GeneQuality(genes: view.columns)
        var others = counted
        try view.forEachBlock { block in
            var part = GeneQuality(genes: view.columns)
            part.add(block.matrix, counts: counts.map { Array($0[block.rows]) })
            var other = GeneQuality(genes: view.columns)
            if let counts { other.add(block.matrix, counts: counts[block.rows].map { !$0 }) }
            return (part, other)
        } then: { part, other in
            counted.add(part)
            if counts != nil { others.add(other) }
        }
        return (counted, others)
    }
}
