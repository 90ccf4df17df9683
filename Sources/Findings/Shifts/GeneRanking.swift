import AnnotatedData
import Foundation
import Matrices

/// Genes that tell each group from its reference, as scanpy's `rank_genes_groups` (version 1.12).
///
/// Goals in order: scanpy's numbers; exactness (rank sums are whole numbers, p-values hold into the far tails); memory and
/// time that follow the entries that are not 0. A gene's zeros are one block of ties, so that only other values are sorted:
/// against a reference, its own once, and each group's few are looked up among them.
///
/// The matrix is copied gene by gene, in as many passes as keep `entriesAtOnce` entries of 8 bytes in memory; the result
/// takes 28 bytes for each group and gene. Work is divided over genes; results do not depend on the number of cores.
///
/// Deviation from scanpy: genes of equal score stand in the order of the matrix, where scanpy's order is arbitrary.
public struct GeneRanking: Sendable {
    public let groups: ComparedGroups
    public let geneCount: Int
    public let test: GeneTest
    /// groups × genes: z or t; positive where the group's values are higher. Not ordered.
    public let scores: Matrix<Double>
    /// groups × genes, two-sided, not adjusted.
    public let pValues: Matrix<Double>
    /// (groups + 1) × genes: sums over the cells of each code.
    let sums: Matrix<Double>
    /// (groups + 1) × genes: cells of each code whose value is not 0.
    let expressing: [Int32]
    /// One a gene, over all cells that take part.
    let totalSums: [Double]
    /// One a gene: cells that take part and whose value is not 0.
    let totalExpressing: [Int32]

    /// - Parameters:
    ///   - matrix: cells × genes; fold changes expect ln(1 + x).
    ///   - groups: who is compared with whom; each group and each reference needs two cells.
    ///   - entriesAtOnce: bounds the memory: 8 bytes each.
    ///   - report: the share of genes done; called on the calling thread.
    /// - Throws: `ComparisonError` `NO_CELLS` or `NONFINITE`, and the reader's errors.
    public init(
        _ matrix: any MatrixBlocks, groups: ComparedGroups, test: GeneTest, entriesAtOnce: Int = 1 << 26,
        report: (Double) -> Void = { _ in }
    ) throws {
        precondition(groups.codes.count == matrix.rows, "\(groups.codes.count) labels for \(matrix.rows) cells")
        try Self.checkSizes(groups)
        let genes = matrix.columns
        let counts = try GeneSlab.entryCounts(of: matrix, groups: groups)
        var scores = Matrix<Double>(rows: groups.names.count, columns: genes)
        var pValues = scores
        var sums = Matrix<Double>(rows: groups.sizes.count, columns: genes)
        var expressing = [Int32](repeating: 0, count: groups.sizes.count * genes)
        for piece in GeneSlab.pieces(of: counts, limit: entriesAtOnce) {
            let slab = try GeneSlab(matrix, genes: piece, counts: counts, groups: groups)
            scores.values.withUnsafeMutableBufferPointer { scores in
                pValues.values.withUnsafeMutableBufferPointer { pValues in
                    sums.values.withUnsafeMutableBufferPointer { sums in
                        expressing.withUnsafeMutableBufferPointer { expressing in
                            let target = Target(
                                genes: genes, scores: scores, pValues: pValues, sums: sums, expressing: expressing)
                            Self.rank(slab, groups: groups, test: test, into: target)
                        }
                    }
                }
            }
            report(Double(piece.upperBound) / Double(max(1, genes)))
        }
        self.groups = groups
        geneCount = genes
        self.test = test
        self.scores = scores
        self.pValues = pValues
        self.sums = sums
        self.expressing = expressing
        totalSums = sums.columnSums()
        totalExpressing = counts.map { Int32($0) }
    }

    private static func checkSizes(_ groups: ComparedGroups) throws(ComparisonError) {
        var small = zip(groups.names, groups.sizes).filter { $1 < 2 }.map(\.0)
        if let reference = groups.reference, groups.sizes[groups.names.count] < 2 { small.append(reference) }
        if groups.reference == nil, groups.names.indices.contains(where: { groups.referenceSize(of: $0) < 2 }) {
            small.append("rest")
        }
        guard small.isEmpty else {
            throw ComparisonError(
                code: "NO_CELLS", element: small.joined(separator: ", "),
                message: "expected two cells or more in every group, found fewer", remedy: "leave these groups out")
        }
    }

    /// Where results go: rows are groups, columns are genes; each gene is written by one thread.
    private struct Target: @unchecked Sendable {
        let genes: Int
        let scores: UnsafeMutableBufferPointer<Double>
        let pValues: UnsafeMutableBufferPointer<Double>
        let sums: UnsafeMutableBufferPointer<Double>
        let expressing: UnsafeMutableBufferPointer<Int32>
    }

    private static let genesAtOnce = 32

    private static func rank(_ slab: GeneSlab, groups: ComparedGroups, test: GeneTest, into target: Target) {
        let pieces = (slab.genes.count + genesAtOnce - 1) / genesAtOnce
        slab.values.withUnsafeBufferPointer { values in
            slab.codes.withUnsafeBufferPointer { codes in
                nonisolated(unsafe) let (values, codes) = (values, codes)
                DispatchQueue.concurrentPerform(iterations: pieces) { piece in
                    var comparison = GeneComparison(groups: groups, test: test)
                    for place in piece * genesAtOnce..<min((piece + 1) * genesAtOnce, slab.genes.count) {
                        let entries = slab.starts[place]..<slab.starts[place + 1]
                        comparison.compare(
                            values: UnsafeBufferPointer(rebasing: values[entries]),
                            codes: UnsafeBufferPointer(rebasing: codes[entries]))
                        let gene = slab.genes.lowerBound + place
                        for group in groups.names.indices {
                            target.scores[group * target.genes + gene] = comparison.scores[group].score
                            target.pValues[group * target.genes + gene] = comparison.scores[group].pValue
                        }
                        for code in groups.sizes.indices {
                            target.sums[code * target.genes + gene] = comparison.sums[code]
                            target.expressing[code * target.genes + gene] = Int32(comparison.nonzeroCount(of: code))
                        }
                    }
                }
            }
        }
    }
}
