import AnnotatedData

/// All cells of a matrix, packed, with what was seen of them on the way: the one walk through the file.
struct CellIntake: Sendable {
    let spill: BlockSpill
    let quality: CellQuality
    let evidence: ScaleEvidence
    let isDense: Bool
    /// What the matrix had to say on the way, each once.
    let notices: [Notice]

    /// - Parameters:
    ///   - blocks: Cells × genes.
    ///   - cells: Rising places of the cells to take in; all where nil.
    ///   - masks: Genes to sum apart.
    ///   - percentTop: Rising numbers of genes whose share of the total is taken.
    ///   - budget: Bytes of packed cells kept in memory; the others go to a file in `directory`.
    /// - Throws: `CANNOT_WRITE`, and what the matrix throws.
    init(
        _ blocks: any MatrixBlocks, cells: [Int]?, masks: GeneMasks, percentTop: [Int], budget: Int, directory: String
    ) throws {
        let columns = blocks.columns
        let isDense = blocks.storedCount == blocks.rows * columns
        var writer = BlockSpill.Writer(
            cellsPerPage: Self.cellsPerPage(columns: columns, isDense: isDense), budget: budget, directory: directory)
        var quality = CellQuality(masks: masks, percentTop: percentTop)
        let unseen = ScaleEvidence(rows: cells?.count ?? blocks.rows, columns: columns)
        var evidence = unseen
        var seen = 0
        var notices: [Notice] = []
        var denseBlocks = 0
        var blockCount = 0
        try blocks.forEachBlock { block in
            if case .dense = block.matrix { denseBlocks += 1 }
            blockCount += 1
            for notice in block.notices where !notices.contains(notice) { notices.append(notice) }
            let rows: [Int]
            if let cells {
                let first = cells.partitioningIndex { $0 >= block.rows.lowerBound }
                let end = cells.partitioningIndex { $0 >= block.rows.upperBound }
                rows = cells[first..<end].map { $0 - block.firstRow }
            } else {
                rows = Array(0..<block.matrix.rows)
            }
            let first = seen
            let parts = try concurrentMap(min(workerCount, rows.count)) { part in
                let count = min(workerCount, rows.count)
                // Two bytes an entry are what counts need.
                let entries = block.matrix.storedCount / count
                var packer = CellPacker(
                    capacity: isDense ? 0 : 2 * entries + entries / 8 + rows.count / count * PackedCells.headerSize)
                var quality = CellQuality(masks: masks, percentTop: percentTop)
                var evidence = unseen
                for place in part * rows.count / count..<(part + 1) * rows.count / count {
                    packer.pack(row: rows[place], of: block.matrix) { cell in
                        quality.add(cell)
                        evidence.add(cell, place: first + place)
                    }
                }
                return (packed: packer.packed, quality: quality, evidence: evidence)
            }
            for part in parts {
                try writer.append(part.packed)
                quality.add(part.quality)
                evidence.add(part.evidence)
            }
            seen += rows.count
        }
        self.spill = try writer.close(storedCount: evidence.notZeroCount)
        self.quality = quality
        self.evidence = evidence
        self.notices = notices
        self.isDense = blockCount > 0 ? denseBlocks == blockCount : isDense
    }

    /// A page is worked on by one core and unpacked as a whole.
    private static func cellsPerPage(columns: Int, isDense: Bool) -> Int {
        isDense ? max(1, min(1024, (1 << 22) / max(1, columns))) : 1024
    }
}

extension [Int] {
    /// The first place whose element fulfils a condition that holds for all that follow it; `count` where none does.
    fileprivate func partitioningIndex(where condition: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
