import AnnotatedData
import Matrices
import Preprocessing
import Screens
import Shifts

/// The coordinates that distances between populations are taken in.
struct ComparisonSpace {
    /// What they are, as the column `variant` tells it.
    let name: String
    /// cells × dimensions.
    let coordinates: Matrix<Float>
    private(set) var notices: [Notice] = []

    /// Highly variable genes and components are fitted to the cells that are compared, no others.
    init(_ prepared: PreparedMatrix, options: ComparisonOptions, groups: ComparedGroups) throws {
        if case .embedding(let name) = options.space {
            self.name = name
            coordinates = try Self.embedding(name, of: prepared, groups: groups)
            return
        }
        let cells = groups.codes.indices.filter { groups.codes[$0] >= 0 }
        let selection: GeneSelection = prepared.scale == .log1p ? .seurat : .variance
        var genes = Array(prepared.genes.indices)
        var words = "\(genes.count) genes"
        if options.variableGenes < genes.count {
            let variability = try GeneVariability(blocks: prepared.matrix, selection: selection, cells: cells)
            let isChosen = variability.top(options.variableGenes)
            genes = genes.filter { isChosen[$0] }
            words = "\(genes.count) highly variable genes (\(selection.rawValue))"
            notices += variability.notices
        }
        if options.space == .genes {
            name = words
            coordinates = try Self.columns(genes, of: prepared.matrix)
            return
        }
        let components = try PrincipalComponents(
            blocks: prepared.matrix, cells: cells, genes: genes, count: options.components)
        notices += components.notices
        name = "\(components.variances.count) principal components of \(words)"
        coordinates = try components.transform(prepared.matrix)
    }

    private static func columns(_ genes: [Int], of matrix: any MatrixBlocks) throws -> Matrix<Float> {
        var values: [Float] = []
        values.reserveCapacity(matrix.rows * genes.count)
        try matrix.forEachBlock { values += $0.matrix.selectingColumns(genes).dense.values }
        return Matrix(rows: matrix.rows, columns: genes.count, values: values)
    }

    /// - Throws: `MISSING_ELEMENT`, `SHAPE_MISMATCH` or `NONFINITE`.
    private static func embedding(
        _ name: String, of prepared: PreparedMatrix, groups: ComparedGroups
    ) throws(ComparisonError) -> Matrix<Float> {
        guard let array = prepared.embeddings[name] else {
            let found = prepared.embeddings.keys.sorted()
            throw ComparisonError(
                code: "MISSING_ELEMENT", element: "/obsm/\(name)",
                message: "expected an embedding \(name), found \(found.isEmpty ? "none" : shortList(found))",
                remedy: "give --space one of these, or pca")
        }
        guard case .numbers(let numbers) = array, numbers.shape.count == 2, numbers.shape[1] > 0 else {
            throw ComparisonError(
                code: "SHAPE_MISMATCH", element: "/obsm/\(name)",
                message: "expected cells × dimensions of numbers, found another shape",
                remedy: "give --space another embedding, or pca")
        }
        let width = numbers.shape[1]
        let values = numbers.doubles.map { Float($0) }
        for (cell, code) in groups.codes.enumerated()
        where code >= 0 && !values[cell * width..<(cell + 1) * width].allSatisfy(\.isFinite) {
            throw ComparisonError(
                code: "NONFINITE", element: "/obsm/\(name), row \(cell + 1)",
                message: "expected finite coordinates, found others", remedy: "give --space another embedding, or pca")
        }
        return Matrix(rows: numbers.shape[0], columns: width, values: values)
    }
}
