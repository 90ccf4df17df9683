import AnnotatedData

/// What one walk through the packed cells finds out about the genes.
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
        groups: CellGroups?, needsProfile: Bool
    ) throws {
        func view(of cells: [Int]) -> PackedView {
            PackedView(
                intake.spill, cells: cells, genes: Array(0..<geneCount), of: geneCount, isDense: false,
                storedCount: intake.spill.storedCount)
        }
        let isStatistic = statistics.map { statistics in
            var flags = [Bool](repeating: false, count: cells.count)
            for cell in statistics { flags[cell] = true }
            return flags
        }
        let codes = GroupCodes(cellCount: cells.count, cells: statistics, batches: batches?.codes)
        var seen = GeneQuality(genes: geneCount)
        var unseen = seen
        var profile = needsProfile ? CountProfile(genes: geneCount, groups: codes.groups) : nil
        var pseudobulk = groups.map { Pseudobulk(groups: $0.names, genes: geneCount) }
        // Every sum runs over the cells of a page first, then over pages: in the same order for any blocks and cores.
        try view(of: cells).forEachBlock { block in
            var part = GeneQuality(genes: geneCount)
            part.add(block.matrix, counts: isStatistic.map { Array($0[block.rows]) })
            var other = GeneQuality(genes: geneCount)
            if let isStatistic { other.add(block.matrix, counts: isStatistic[block.rows].map { !$0 }) }
            return (block, part, other)
        } then: { block, part, other in
            seen.add(part)
            if isStatistic != nil { unseen.add(other) }
            profile?.add(block.matrix, groups: codes[block.rows])
            if let groups { pseudobulk?.add(block.matrix, codes: Array(groups.codes[block.rows])) }
        }
        self.statistics = seen
        var kept = seen
        if isStatistic != nil { kept.add(unseen) }
        self.kept = kept
        var all = kept
        if cells.count < intake.spill.cellCount {
            var isKept = [Bool](repeating: false, count: intake.spill.cellCount)
            for cell in cells { isKept[cell] = true }
            var dropped = GeneQuality(genes: geneCount)
            try view(of: isKept.indices.filter { !isKept[$0] }).forEachBlock { block in
                var part = GeneQuality(genes: geneCount)
                part.add(block.matrix)
                return part
            } then: {
                dropped.add($0)
            }
            all.add(dropped)
        }
        self.all = all
        self.profile = profile
        self.pseudobulk = pseudobulk
    }
}
