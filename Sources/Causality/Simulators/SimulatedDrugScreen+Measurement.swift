import AnnotatedData
import Foundation
import Matrices
import Probability

extension SimulatedDrugScreen {
    /// Raw UMI counts of all genes: of a cell with library size s, gene g has mean s · exp(b_g + x_g) / Σ exp(b), the sum
    /// over an undisturbed cell, so that a gene that rises takes nothing from the others.
    static func counts(
        _ expression: Matrix<Float>, _ options: DrugScreenOptions, genes geneStream: RandomStream,
        cells cellStream: RandomStream
    ) -> SparseMatrix {
        let causal = expression.columns
        let genes = causal + options.backgroundGenes
        var baseStream = geneStream
        let base = (0..<genes).map { _ in exp(options.expressionSpread * baseStream.normal()) }
        let total = base.reduce(0, +)
        var rowStarts = [0]
        var columnIndices: [Int32] = []
        var values: [Float] = []
        columnIndices.reserveCapacity(expression.rows * genes)
        values.reserveCapacity(expression.rows * genes)
        for cell in 0..<expression.rows {
            var own = cellStream.stream(cell)
            let size = options.librarySize * exp(options.librarySizeSpread * own.normal()) / total
            for gene in 0..<genes {
                var mean = size * base[gene]
                if gene < causal { mean *= exp(Double(expression[cell, gene])) }
                if options.dispersion > 0 {
                    mean *= own.gamma(shape: 1 / options.dispersion) * options.dispersion
                }
                // Extreme settings overflow to ∞ and NaN, which compare as not below.
                let count = own.poisson(mean: mean < 1e7 ? mean : 1e7)
                if count > 0 {
                    columnIndices.append(Int32(gene))
                    values.append(Float(count))
                }
            }
            rowStarts.append(values.count)
        }
        return SparseMatrix(
            rows: expression.rows, columns: genes, rowStarts: rowStarts, columnIndices: columnIndices, values: values)
    }

    /// The values of causal genes as they are; background genes are noise of scales drawn like the others'.
    static func values(
        _ expression: Matrix<Float>, _ options: DrugScreenOptions, genes geneStream: RandomStream,
        cells cellStream: RandomStream
    ) -> Matrix<Float> {
        let causal = expression.columns
        var scaleStream = geneStream
        let scales = (0..<options.backgroundGenes).map { _ in
            scaleStream.uniform(options.noiseScales.lowerBound, options.noiseScales.upperBound)
        }
        var result = Matrix<Float>(rows: expression.rows, columns: causal + scales.count)
        for cell in 0..<expression.rows {
            var own = cellStream.stream(cell)
            for gene in 0..<causal { result[cell, gene] = expression[cell, gene] }
            for (place, scale) in scales.enumerated() { result[cell, causal + place] = Float(scale * own.normal()) }
        }
        return result
    }

    /// With the drugs that occur, in their order, as levels of `perturbation`.
    static func annotated(
        _ x: CellMatrix, _ truth: ScreenTruth, _ conditions: [Condition], names: String
    ) -> AnnotatedMatrix {
        let occurring = Set(conditions.map(\.drug))
        let drugs = ([nil] + truth.drugs.indices.map { $0 }).filter { occurring.contains($0) }
        let codes = Dictionary(uniqueKeysWithValues: drugs.enumerated().map { ($1, Int32($0)) })
        let table = AnnotationTable(
            names: WorldTruth.names(prefix: names, count: conditions.count),
            columns: [
                AnnotationColumn(
                    name: "perturbation",
                    values: .categories(
                        codes: conditions.map { codes[$0.drug] ?? -1 },
                        levels: drugs.map { $0.map { truth.drugs[$0].name } ?? "control" }, ordered: false)),
                AnnotationColumn(name: "dose_value", values: .floats(conditions.map(\.dose))),
                AnnotationColumn(
                    name: "dose_unit",
                    values: .categories(
                        codes: Array(repeating: 0, count: conditions.count), levels: [truth.doseUnit], ordered: false)),
            ])
        return AnnotatedMatrix(
            x: x, cells: table, genes: AnnotationTable(names: truth.causalGenes + truth.backgroundGenes))
    }
}
