import AnnotatedData
import Foundation
import Matrices

/// Quality control, normalisation and choice of genes, each only where the scale of the values calls for it, of a matrix
/// in memory; `BlockwisePreprocessing` does the same without holding it.
///
/// - Parameters:
///   - data: Cells × genes with a main matrix.
///   - options: What to do.
///   - statisticsCells: Places of the cells that gene filters, the median total and the choice of genes may see: the
///     training cells, so that nothing of a held-out perturbation leaks; all where nil.
///   - matching: Which cells share controls: they are centred on them before genes are chosen. nil leaves values as
///     they are.
/// - Throws: `EMPTY_MATRIX`, `NONFINITE`, `AMBIGUOUS` (scale), `NEGATIVE`, `UNKNOWN_GENES`, `NO_CELLS`, `NO_GENES`,
///   `NO_CONTROLS` (matching), `MISSING_ELEMENT` and `BAD_VALUE` (columns that options name).
public func preprocess(
    _ data: AnnotatedMatrix, options: PreprocessingOptions = .init(), statisticsCells: [Int]? = nil,
    matching: ControlMatching? = nil
) throws(PreprocessingError) -> PreprocessingResult {
    do {
        let preparation = try Preparation(
            data.x ?? .dense(Matrix(rows: 0, columns: 0)), annotation: data, options: options, cells: nil,
            statisticsCells: statisticsCells, groupColumns: nil, directory: NSTemporaryDirectory(), budget: .max)
        var notices = preparation.notices
        let plan = try PlannedTransform(preparation, notices: &notices)
        guard let matching else {
            let choice = try ChoiceOfGenes(preparation, plan, notices: &notices)
            let blockwise = try BlockwisePreprocessing(preparation, plan, choice, notices: notices)
            return try blockwise.result(withMatricesOf: data)
        }
        var result = try BlockwisePreprocessing(preparation, plan, nil, notices: notices).result(withMatricesOf: data)
        let centred = try matching.selecting(preparation.cells).centred(
            (result.data.x ?? .dense(Matrix(rows: 0, columns: 0))).dense,
            training: preparation.statistics ?? Array(preparation.cells.indices), notices: &notices)
        result.data.x = .dense(centred)
        let choice = try ChoiceOfGenes(preparation, plan, matrix: .dense(centred), notices: &notices)
        choice.annotate(&result.data)
        let dropped = result.genesAfter - choice.kept.count
        if dropped > 0 {
            result.data = result.data.selecting(genes: choice.kept)
            result.keptGenes = choice.kept.map { result.keptGenes[$0] }
            result.genesAfter = choice.kept.count
            result.droppedGenes.append(.init(option: "topGenes", count: dropped))
        }
        let derived = try DerivedValues(
            result.data.x ?? .dense(centred), genes: result.data.genes, options: options,
            cells: preparation.statistics, notices: &notices)
        derived.annotate(&result.data)
        result.scaleAfter = derived.scale(after: result.scaleAfter)
        result.data.x = try CellMatrix(gathering: derived.blocks)
        result.notices = notices
        return result
    } catch let error as PreprocessingError {
        throw error
    } catch {
        preconditionFailure("a matrix in memory is walked through without errors: \(error)")
    }
}

extension BlockwisePreprocessing {
    /// The result with its matrices in memory, and the other matrices of the data that it was made of.
    fileprivate func result(withMatricesOf data: AnnotatedMatrix) throws -> PreprocessingResult {
        var result = result
        for (name, layer) in data.layers {
            result.data.layers[name] = layer.selectingRows(result.keptCells).selectingColumns(result.keptGenes)
        }
        result.data.raw = data.raw.map { RawMatrix(x: $0.x.selectingRows(result.keptCells), genes: $0.genes) }
        result.data.x = try CellMatrix(gathering: x)
        if let counts { result.data.layers["counts"] = try CellMatrix(gathering: counts) }
        return result
    }
}
