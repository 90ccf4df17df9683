import Matrices
import PredictedCells
import Probability
import Responses
import Screens

/// The causal model of a training screen, and its control cells.
struct WorldMechanisms {
    private let mechanisms: CausalMechanisms
    private let means: [Double]
    private let deviations: [Double]

    init(_ screen: PerturbationScreen) throws {
        let moments = screen.expression.columnMoments(rows: screen.controlCells)
        means = moments.means
        deviations = moments.standardDeviations.map { $0 > 0 ? $0 : 1 }
        let names = screen.perturbations
        let design = try ScreenDesign(
            genes: screen.genes, perturbations: names.map { .init(name: $0) },
            contexts: screen.contexts.map { context in
                context.isControl
                    ? [] : [.init(names.firstIndex(of: context.perturbation) ?? 0, dose: context.dose)]
            })
        var sums = try ScreenMoments(design: design, cellCount: screen.cellCount)
        try sums.add(Self.scaled(screen.expression, means, deviations), contexts: screen.contextOfCell)
        mechanisms = try ResponsePosterior(sums, stream: RandomStream(seed: 0)).best.mechanisms
    }

    private static func scaled(_ cells: Matrix<Float>, _ means: [Double], _ deviations: [Double]) -> Matrix<Float> {
        var cells = cells
        for row in 0..<cells.rows {
            for gene in means.indices {
                cells[row, gene] = Float((Double(cells[row, gene]) - means[gene]) / deviations[gene])
            }
        }
        return cells
    }

    /// Controls with their own noise, under the interventions that give this mean shift.
    func counterfactual(of controls: Matrix<Float>, shift: [Double]) -> Matrix<Float> {
        var cells = mechanisms.counterfactual(
            of: Self.scaled(controls, means, deviations), meanShifts: zip(shift, deviations).map { Float($0 / $1) })
        for row in 0..<cells.rows {
            for gene in means.indices {
                cells[row, gene] = Float(Double(cells[row, gene]) * deviations[gene] + means[gene])
            }
        }
        return cells
    }
}
