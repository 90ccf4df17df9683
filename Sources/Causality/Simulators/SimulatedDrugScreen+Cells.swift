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
    static func conditions(_ options: DrugScreenOptions) -> [Condition] {
        Array(repeating: Condition(drug: nil, dose: 0), count: options.controlCells)
            + conditions(0..<options.drugs, at: options.doses, cells: options.cellsPerCondition)
    }

    /// The drugs of the screen at other doses, then other drugs.
    static func testConditions(_ options: DrugScreenOptions) -> [Condition] {
        let cells = options.testCellsPerCondition
        return conditions(0..<options.drugs, at: options.heldOutDoses, cells: cells)
            + conditions(
                options.drugs..<options.drugs + options.heldOutDrugs, at: options.doses, cells: cells)
    }

    private static func conditions(_ drugs: Range<Int>, at doses: [Double], cells: Int) -> [Condition] {
        drugs.flatMap { drug in
            doses.flatMap { Array(repeating: Condition(drug: drug, dose: $0), count: cells) }
        }
    }

    /// Values (log expression about its mean) of the causal genes, cells × genes: ancestral sampling under shift
    /// interventions.
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
}
