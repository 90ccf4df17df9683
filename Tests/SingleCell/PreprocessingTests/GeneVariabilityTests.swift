import AnnotatedData
import Foundation
import Matrices
import Preprocessing
import Testing

/// Against scanpy 1.11.5 and scikit-misc on a screen in three batches; tolerances and their reasons stand in
/// `Reference/Golden/Preprocessing/provenance.json`.
struct GeneVariabilityTests {
    private let counts: CellMatrix
    private let genes: [String]
    private let batches: [Int32]
    private let golden: GoldenTable

    init() throws {
        let table = try GoldenTable("batched_counts")
        counts = GoldenTable.sparse(table.matrix.float)
        genes = table.columns
        batches = try GoldenTable("batched_cells").labels("batch").map { Int32($0) ?? -1 }
        golden = try GoldenTable("batched_variability")
    }

    private var logarithms: CellMatrix { log1pTransform(normaliseTotal(counts, targetSum: 200).normalised) }

    private func compare(
        _ found: GeneVariability, _ choice: GeneChoice, with name: String, tolerance: Double
    ) {
        for column in found.columns(of: choice) {
            let expected = golden.column("\(name)_\(column.name)")
            switch column.values {
            case .booleans(let values): #expect(values.map { $0 == true ? 1 : 0 } == expected, "\(column.name)")
            case .integers(let values): #expect(values.map { Double($0 ?? -1) } == expected, "\(column.name)")
            default:
                #expect(
                    largestDifference(column.values.numbers ?? [], expected) < tolerance, "\(name) \(column.name)")
            }
        }
    }

    @Test func dispersionsInBatches() {
        let seurat = GeneVariability(logarithms, selection: .seurat, batches: batches)
        compare(seurat, seurat.choice(top: 30, names: genes), with: "seurat_top", tolerance: 1e-5)
        compare(seurat, seurat.choice(within: GeneCutoffs()), with: "seurat_cutoffs", tolerance: 1e-5)
        let cellRanger = GeneVariability(logarithms, selection: .cellRanger, batches: batches)
        compare(cellRanger, cellRanger.choice(top: 30, names: genes), with: "cell_ranger_top", tolerance: 1e-5)
    }

    @Test func cutoffsAndBinsAreTakenAsGiven() {
        let found = GeneVariability(logarithms, selection: .seurat, bins: 8)
        let cutoffs = GeneCutoffs(minMean: 0.5, maxMean: 2.5, minDispersion: 0.2, maxDispersion: 2)
        compare(found, found.choice(within: cutoffs), with: "seurat_narrow", tolerance: 1e-5)
    }

    @Test func clippedVariances() {
        let one = GeneVariability(counts, selection: .seuratV3)
        compare(one, one.choice(top: 40), with: "v3", tolerance: 1e-9)
        let wide = GeneVariability(counts, selection: .seuratV3, span: 0.6)
        compare(wide, wide.choice(top: 40), with: "v3_span", tolerance: 1e-9)
        let batched = GeneVariability(counts, selection: .seuratV3, batches: batches)
        compare(batched, batched.choice(top: 40), with: "v3_batch", tolerance: 1e-9)
        let paper = GeneVariability(counts, selection: .seuratV3Paper, batches: batches)
        compare(paper, paper.choice(top: 40), with: "paper_batch", tolerance: 1e-9)
        #expect(one.notices.isEmpty && batched.notices.isEmpty)
    }

    /// Σ (min(z, √n))² / (n − 1) of standardised counts z, summed cell by cell.
    @Test func clippedVariancesAreThoseOfStandardisedCounts() {
        let found = GeneVariability(counts, selection: .seuratV3)
        let dense = counts.dense
        let moments = dense.columnMoments()
        let n = Double(dense.rows)
        let varying = genes.indices.filter { moments.variances[$0] > 0 }
        let curve = LocalRegression(
            x: varying.map { log10(moments.means[$0]) }, y: varying.map { log10(moments.variances[$0]) })
        for gene in varying {
            let deviation = pow(10, curve(log10(moments.means[gene]))).squareRoot()
            let sum = dense.column(gene).reduce(0.0) { sum, count in
                let standardised = min((Double(count) - moments.means[gene]) / deviation, n.squareRoot())
                return sum + standardised * standardised
            }
            // The order of summation, in sums that cancel.
            #expect(abs(found.normalised[gene] - sum / (n - 1)) < 1e-10 * max(1, sum / (n - 1)))
        }
    }

    /// Values that are not whole take two walks, and give the same where they are whole but for a scale.
    @Test func whatIsNotWholeTakesASecondWalk() {
        let eighths = GeneVariability(
            .dense(Matrix(rows: counts.rows, columns: counts.columns, values: counts.dense.values.map { $0 / 8 })),
            selection: .seuratV3)
        let whole = GeneVariability(counts, selection: .seuratV3)
        #expect(eighths.notices.map(\.code) == ["NOT_COUNTS"])
        // Standardised values do not depend on the scale, but the curve's vertices lie elsewhere by rounding.
        #expect(largestDifference(eighths.normalised, whole.normalised) < 1e-9)
    }

    /// Blocks from a file and any number of threads give what the matrix gives.
    @Test(arguments: GeneSelection.allCases) func blocksAndSubsets(selection: GeneSelection) throws {
        let matrix = selection.needsCounts ? counts : logarithms
        let training = (0..<counts.rows).filter { $0 % 3 != 1 }
        let expected = GeneVariability(
            matrix.selectingRows(training), selection: selection, batches: training.map { batches[$0] })
        let found = GeneVariability(matrix, selection: selection, cells: training, batches: batches)
        #expect(largestDifference(found.normalised, expected.normalised) < 1e-12)
        let blocks = try GeneVariability(
            blocks: SmallBlocks(matrix: matrix, height: 7), selection: selection, cells: training, batches: batches)
        #expect(blocks.top(20) == found.top(20) && found.top(20).count(where: \.self) >= 20)
        #expect(largestDifference(blocks.normalised, found.normalised) == 0)
    }

    /// Batches so small that scikit-misc gives up on them: the curve takes more genes, and says so.
    @Test func smallBatchesAreLivedWith() throws {
        let x = try #require(try GoldenTable.counts().x)
        let found = GeneVariability(
            x, selection: .seuratV3, batches: (0..<Int32(x.rows)).map { $0 < 4 ? 0 : $0 < 9 ? 1 : 2 })
        #expect(found.notices.contains { $0.code == "LOCAL_REGRESSION_WIDENED" })
        for batch in found.batches { #expect(batch.normalised.allSatisfy { $0.isFinite && $0 >= 0 }) }
        #expect(found.top(12).count(where: \.self) == 12)
    }

    /// More than a tenth of the genes unexpressed: their percentiles coincide, where pandas gives up.
    @Test func coincidingPercentilesAreJoined() {
        let empty = Matrix<Float>(rows: counts.rows, columns: 60)
        let dense = logarithms.dense
        let matrix = Matrix<Float>(
            rows: dense.rows, columns: dense.columns + 60,
            values: (0..<dense.rows).flatMap { dense.row($0) + empty.row($0) })
        let found = GeneVariability(.dense(matrix), selection: .cellRanger)
        #expect(found.notices.map(\.code) == ["EQUAL_BINS"])
        #expect(found.top(20).count(where: \.self) == 20)
    }
}
