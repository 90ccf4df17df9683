import AnnotatedData
import Matrices

/// The values of some consecutive genes, gene by gene: what is not 0, with the group of its cell.
///
/// 8 bytes an entry. Cells of one gene stand in the order of the matrix.
struct GeneSlab {
    let genes: Range<Int>
    /// Gene `genes.lowerBound + g` owns the entries `starts[g]..<starts[g + 1]`.
    let starts: [Int]
    private(set) var values: [Float]
    /// As `ComparedGroups.codes`.
    private(set) var codes: [Int32]

    /// - Parameter counts: for each gene of the matrix, its entries that are not 0, over the cells that take part.
    init(_ matrix: any MatrixBlocks, genes: Range<Int>, counts: [Int], groups: ComparedGroups) throws {
        self.genes = genes
        var starts = [0]
        for gene in genes { starts.append(starts[starts.count - 1] + counts[gene]) }
        self.starts = starts
        values = [Float](repeating: 0, count: starts[genes.count])
        codes = [Int32](repeating: 0, count: starts[genes.count])
        var next = starts
        try values.withUnsafeMutableBufferPointer { values in
            try codes.withUnsafeMutableBufferPointer { codes in
                try next.withUnsafeMutableBufferPointer { next in
                    try matrix.forEachBlock { block in
                        block.forEachEntry(of: groups) { code, gene, value in
                            guard genes.contains(gene) else { return }
                            let place = next[gene - genes.lowerBound]
                            values[place] = value
                            codes[place] = code
                            next[gene - genes.lowerBound] = place + 1
                        }
                    }
                }
            }
        }
    }

    /// For each gene, the entries that are not 0 over the cells that take part.
    /// - Throws: `NONFINITE` where a value is no finite number.
    static func entryCounts(of matrix: any MatrixBlocks, groups: ComparedGroups) throws -> [Int] {
        var counts = [Int](repeating: 0, count: matrix.columns)
        var odd: (gene: Int, value: Float)?
        try counts.withUnsafeMutableBufferPointer { counts in
            try matrix.forEachBlock { block in
                block.forEachEntry(of: groups) { _, gene, value in
                    counts[gene] += 1
                    if !value.isFinite { odd = (gene, value) }
                }
            }
        }
        if let odd {
            throw ComparisonError(
                code: "NONFINITE", element: "gene \(odd.gene + 1)",
                message: "expected finite values, found \(odd.value)",
                remedy: "remove the cells or genes with such values")
        }
        return counts
    }

    /// Consecutive genes in as few pieces as hold at most `limit` entries each; a gene is never divided.
    static func pieces(of counts: [Int], limit: Int) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var first = 0
        var entries = 0
        for (gene, count) in counts.enumerated() {
            if entries + count > limit, gene > first {
                pieces.append(first..<gene)
                (first, entries) = (gene, 0)
            }
            entries += count
        }
        if first < counts.count { pieces.append(first..<counts.count) }
        return pieces
    }
}

extension MatrixBlock {
    /// Calls `body` with the group, the gene and the value of every entry that is not 0, of the cells that take part.
    @inline(__always)
    func forEachEntry(of groups: ComparedGroups, _ body: (_ code: Int32, _ gene: Int, _ value: Float) -> Void) {
        switch matrix {
        case .dense(let dense):
            dense.values.withUnsafeBufferPointer { values in
                for row in 0..<dense.rows {
                    let code = groups.codes[firstRow + row]
                    guard code >= 0 else { continue }
                    for gene in 0..<dense.columns {
                        let value = values[row * dense.columns + gene]
                        if value != 0 { body(code, gene, value) }
                    }
                }
            }
        case .sparse(let stored):
            let sparse = stored.canonical
            sparse.values.withUnsafeBufferPointer { values in
                sparse.columnIndices.withUnsafeBufferPointer { genes in
                    for row in 0..<sparse.rows {
                        let code = groups.codes[firstRow + row]
                        guard code >= 0 else { continue }
                        for entry in sparse.rowStarts[row]..<sparse.rowStarts[row + 1] where values[entry] != 0 {
                            body(code, Int(genes[entry]), values[entry])
                        }
                    }
                }
            }
        }
    }
}
