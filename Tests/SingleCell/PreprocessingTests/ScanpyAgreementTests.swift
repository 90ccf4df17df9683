import AnnotatedData
import Matrices
import Preprocessing
import Testing

/// Against scanpy 1.11.5; tolerances and their reasons stand in `Reference/Golden/Preprocessing/provenance.json`.
struct ScanpyAgreementTests {
    private func filtered() throws -> PreprocessingResult {
        var options = PreprocessingOptions()
        options.minGenesPerCell = 3
        options.minCellsPerGene = 3
        return try preprocess(GoldenTable.counts(), options: options)
    }

    @Test func qualityMetrics() throws {
        let counts = try GoldenTable.counts()
        let x = try #require(counts.x)
        let metrics = QualityMetrics(x, mask: counts.genes.names.map { $0.hasPrefix("MT-") })
        let expected = try GoldenTable("cells")
        #expect(metrics.genesPerCell.map(Double.init) == expected.column("n_genes_by_counts"))
        #expect(metrics.totalPerCell == expected.column("total_counts"))
        // Percentages are in single precision there; the empty cell's is NaN.
        #expect(largestDifference(metrics.maskedPercentPerCell, expected.column("pct_counts_mt")) < 1e-6)
        #expect(metrics.maskedPercentPerCell[7].isNaN)
    }

    @Test(arguments: [true, false]) func normalisationIsEqualToTheBit(sparse: Bool) throws {
        let counts = try #require(try filtered().data.layers["counts"])
        let expected = try GoldenTable("normalised").matrix.float
        let found = normaliseTotal(sparse ? counts : .dense(counts.dense))
        #expect(found.normalised.dense == expected)
    }

    @Test func pipelineGivesScanpysLogarithms() throws {
        let result = try filtered()
        let expected = try GoldenTable("log1p")
        #expect(result.data.cells.names == expected.rows && result.data.genes.names == expected.columns)
        let x = try #require(result.data.x).dense
        for (found, expected) in zip(x.values, expected.matrix.float.values) {
            #expect(abs(found - expected) <= 2 * expected.ulp)
        }
        #expect(result.droppedCells == [.init(option: "minGenesPerCell", count: 1)])
        #expect(result.droppedGenes == [.init(option: "minCellsPerGene", count: 50 - expected.columns.count)])
    }

    @Test(arguments: [(GeneSelection.seurat, "seurat"), (.cellRanger, "cell_ranger")])
    func highlyVariableGenes(selection: GeneSelection, name: String) throws {
        let x = try #require(try filtered().data.x)
        let expected = try GoldenTable("variability")
        let found = GeneVariability(x, selection: selection)
        #expect(largestDifference(found.means, expected.column("\(name)_means")) < 1e-5)
        #expect(largestDifference(found.dispersions, expected.column("\(name)_dispersions")) < 1e-5)
        #expect(largestDifference(found.normalised, expected.column("\(name)_dispersions_norm")) < 1e-5)
        // Genes tied at the cut-off are chosen by rounding there.
        let cutoff = expected.column("\(name)_dispersions_norm").sorted(by: >)[11]
        for (gene, isTop) in zip(found.top(12), expected.column("\(name)_top12")).enumerated() {
            let isTied = abs(found.normalised[gene] - cutoff) < 1e-6
            #expect(isTied || isTop.0 == (isTop.1 == 1), "\(expected.rows[gene])")
        }
        #expect(found.aboveCutoffs().map { $0 ? 1 : 0 } == expected.column("\(name)_cutoffs"))
        let dense = GeneVariability(.dense(x.dense), selection: selection)
        #expect(largestDifference(dense.normalised, found.normalised) < 1e-9)
        #expect(dense.top(12) == found.top(12))
    }

    @Test func scaling() throws {
        let x = try #require(try filtered().data.x)
        let expected = try GoldenTable("scaled").matrix
        let scaled = try GeneStandardisation(blocks: x, limit: 2).applied(to: x)
        #expect(largestDifference(scaled.dense.double.values, expected.values) < 1e-6)
    }

    @Test func pseudobulk() throws {
        let result = try filtered()
        let groups = try GoldenTable("cells").labels("group")
        let counts = try #require(result.data.layers["counts"])
        let found = Pseudobulk(counts, groups: result.keptCells.map { groups[$0] })
        let expected = try GoldenTable("pseudobulk")
        #expect(found.groups == expected.rows)
        #expect(largestDifference(found.means.values, expected.matrix.values) < 1e-12)
        #expect(found.sums.values.reduce(0, +) == counts.storedValues.reduce(0) { $0 + Double($1) })
    }
}
