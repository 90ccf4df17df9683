import Foundation
import Matrices
import Probability
import Screens

@testable import ShiftProcesses

/// Shifts drawn from the model itself: an effect common to all, each perturbation's own at all doses, and one more at
/// each dose, growing with the dose; and controls shared by groups of perturbations.
struct SimulatedShifts {
    var contexts: [Context] = []
    /// treatments × genes
    var truth: Matrix<Double>
    var measured: Matrix<Double>
    let variances: [Double]
    var cells: [Double] = []
    var controls: [[ShiftTable.ControlShare]] = []
    let controlCells: [Double]

    static let (common, own, single) = (0.4, 0.5, 0.1)

    init(perturbations: Int, doses: [Double], genes: Int, perControl: Int = 3, growth: Double = 0.3, seed: UInt64) {
        var stream = RandomStream(seed: seed)
        let groups = (perturbations + perControl - 1) / perControl
        controlCells = (0..<groups).map { _ in 4 }
        variances = (0..<genes).map { _ in stream.uniform(0.2, 2) }
        for name in 0..<perturbations {
            for dose in doses {
                contexts.append(Context(perturbation: "p\(name)", dose: doses.count > 1 ? dose : nil))
                cells.append(5 + Double(stream.index(below: 20)))
                controls.append([.init(group: name / perControl, share: 1)])
            }
        }
        truth = Matrix(rows: contexts.count, columns: genes)
        measured = truth
        for gene in 0..<genes {
            let noise = variances[gene].squareRoot()
            let scale = noise * exp(0.25 * stream.normal())
            let common = Self.common.squareRoot() * stream.normal()
            let errors = controlCells.map { noise / $0.squareRoot() * stream.normal() }
            for name in 0..<perturbations {
                let own = Self.own.squareRoot() * stream.normal()
                for step in doses.indices {
                    let row = name * doses.count + step
                    let strength = exp(growth * (Double(step) - Double(doses.count - 1) / 2))
                    truth[row, gene] =
                        scale * strength * (common + own + Self.single.squareRoot() * stream.normal())
                    measured[row, gene] =
                        truth[row, gene] + noise / cells[row].squareRoot() * stream.normal()
                        - errors[name / perControl]
                }
            }
        }
    }

    func table(features: FeatureTable? = nil) throws -> ShiftTable {
        try ShiftTable(
            contexts: contexts, shifts: measured, variances: variances, cells: cells, controls: controls,
            controlCells: controlCells, features: features)
    }
}
