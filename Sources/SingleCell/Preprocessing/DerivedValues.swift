import AnnotatedData
import Matrices

/// What is made of normalised values where options ask for it: standardised values, and principal components. Both are
/// fitted to the cells that statistics may see and applied to all.
struct DerivedValues {
    /// The values given, or these standardised.
    let blocks: any MatrixBlocks
    private let standardisation: GeneStandardisation?
    private let components: PrincipalComponents?
    /// Cells × components.
    private let scores: Matrix<Float>?
    private let isOfMarkedGenes: Bool

    /// - Parameters:
    ///   - blocks: Cells × genes on a logarithmic scale.
    ///   - genes: Their table: genes marked `highly_variable` give the components, all where none is marked.
    ///   - cells: Places of the cells that statistics may see; all where nil.
    /// - Throws: `NO_CELLS` and `NO_GENES` where there are fewer than two to find components in; what the matrix throws.
    init(
        _ blocks: any MatrixBlocks, genes: AnnotationTable, options: PreprocessingOptions, cells: [Int]?,
        notices: inout [Notice]
    ) throws {
        if options.standardise {
            let found = try GeneStandardisation(blocks: blocks, cells: cells, limit: options.standardiseLimit)
            standardisation = found
            self.blocks = StandardisedBlocks(blocks, by: found)
        } else {
            standardisation = nil
            self.blocks = blocks
        }
        guard let count = options.components else {
            (components, scores, isOfMarkedGenes) = (nil, nil, false)
            return
        }
        let marked = genes["highly_variable"]?.truths.map { marks in marks.indices.filter { marks[$0] } } ?? []
        isOfMarkedGenes = marked.count > 1
        let components = try PrincipalComponents(
            blocks: self.blocks, cells: cells, genes: isOfMarkedGenes ? marked : nil, count: count)
        scores = try components.transform(self.blocks)
        self.components = components
        notices += components.notices
    }

    /// The scale that values have then.
    func scale(after scale: ExpressionScale) -> ExpressionScale { standardisation == nil ? scale : .scaled }

    /// Writes what was found under scanpy's names: `var` mean and std, `obsm` X_pca, `varm` PCs with 0 for genes that were
    /// not used, and `uns` pca.
    func annotate(_ data: inout AnnotatedMatrix) {
        for column in standardisation?.columns ?? [] { data.genes.put(column) }
        guard let components, let scores else { return }
        let count = components.variances.count
        var loadings = [Double](repeating: 0, count: data.genes.count * count)
        for (row, gene) in components.genes.enumerated() {
            for component in 0..<count { loadings[gene * count + component] = components.loadings[row, component] }
        }
        data.cellEmbeddings["X_pca"] = .numbers(NumberArray(.floats(scores.values), shape: [scores.rows, count]))
        data.geneLoadings["PCs"] = .numbers(NumberArray(.doubles(loadings), shape: [data.genes.count, count]))
        data.unstructured["pca"] = .dictionary([
            "params": .dictionary(["zero_center": .boolean(true), "use_highly_variable": .boolean(isOfMarkedGenes)]),
            "variance": .floats(components.variances, shape: [count]),
            "variance_ratio": .floats(components.varianceRatios, shape: [count]),
        ])
    }
}
