import AnnotatedData
import Foundation
import Graphs
import Matrices
import Probability

extension SimulatedDrugScreen {
    /// What one cell was given.
    struct Condition: Sendable {
        /// nil for controls.
        let drug: Int?
        let dose: Double
    }

    /// One entry a cell: controls first, then drug by drug, dose by dose.
    static func conditions(_ truth: ScreenTruth, _ options: DrugScreenOptions) -> [Condition] {
        var result = Array(repeating: Condition(drug: nil, dose: 0), count: options.controlCells)
        for drug in truth.drugs.indices {
            for dose in truth.doses {
                result += Array(repeating: Condition(drug: drug, dose: dose), count: options.cellsPerCondition)
            }
        }
        return result
    }

    /// Log expression of the causal genes about their means, cells × genes: ancestral sampling under shift interventions.
    static func expression(
        _ graph: DirectedGraph, _ mechanisms: [Mechanism], _ truth: ScreenTruth, conditions: [Condition],
        stream: RandomStream
    ) -> Matrix<Float> {
        let d = graph.nodeCount
        let n = conditions.count
        var columns = Array(repeating: Float(0), count: d * n)
        var mean = Array(repeating: Float(0), count: n)
        for gene in graph.topologicalOrder ?? [] {
            var own = stream.stream(gene)
            mechanisms[gene].evaluate(
                parents: graph.parents[gene], columns: columns, rows: n, output: &mean)
            var shift = 0.0
            for cell in 0..<n {
                let condition = conditions[cell]
                if cell == 0 || condition.drug != conditions[cell - 1].drug
                    || condition.dose != conditions[cell - 1].dose
                {
                    shift =
                        condition.drug.map {
                            truth.drugs[$0].shift(of: truth.causalGenes[gene], dose: condition.dose)
                        } ?? 0
                }
                columns[gene * n + cell] = mean[cell] + Float(shift + truth.noiseScales[gene] * own.normal())
            }
        }
        var result = Matrix<Float>(rows: n, columns: d)
        for gene in 0..<d {
            for cell in 0..<n { result.values[cell * d + gene] = columns[gene * n + cell] }
        }
        return result
    }

    /// Raw UMI counts of all genes: of a cell with library size s, gene g has mean s · exp(b_g + x_g) / Σ exp(b), the sum over
    /// an undisturbed cell, so that a gene that rises takes nothing from the others.
    static func counts(
        _ expression: Matrix<Float>, _ options: DrugScreenOptions, _ stream: RandomStream
    ) -> SparseMatrix {
        let causal = expression.columns
        let genes = causal + options.backgroundGenes
        var baseStream = stream.stream("genes")
        let base = (0..<genes).map { _ in exp(options.expressionSpread * baseStream.normal()) }
        let total = base.reduce(0, +)
        var rowStarts = [0]
        var columnIndices: [Int32] = []
        var values: [Float] = []
        columnIndices.reserveCapacity(expression.rows * genes)
        values.reserveCapacity(expression.rows * genes)
        let cellStream = stream.stream("cells")
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

    static func annotated(
        _ counts: SparseMatrix, truth: ScreenTruth, conditions: [Condition]
    ) -> AnnotatedMatrix {
        let table = AnnotationTable(
            names: WorldTruth.names(prefix: "cell", count: conditions.count),
            columns: [
                AnnotationColumn(
                    name: "perturbation",
                    values: .categories(
                        codes: conditions.map { Int32(($0.drug ?? -1) + 1) },
                        levels: ["control"] + truth.drugs.map(\.name), ordered: false)),
                AnnotationColumn(name: "dose_value", values: .floats(conditions.map(\.dose))),
                AnnotationColumn(
                    name: "dose_unit",
                    values: .categories(
                        codes: Array(repeating: 0, count: conditions.count), levels: [truth.doseUnit], ordered: false)),
            ])
        return AnnotatedMatrix(
            x: .sparse(counts), cells: table,
            genes: AnnotationTable(names: truth.causalGenes + truth.backgroundGenes))
    }
}
