import Foundation
import Interventions
import Matrices
import Probability
import Responses

extension ScreenModel {
    /// Cells of a perturbation, drawn from the predictive distribution by ancestral sampling: cells share a graph and a draw
    /// of the interventions in small groups. Values are in the scale of the screen; nothing is clipped at 0.
    public func sampleCells(
        _ query: PerturbationQuery, count: Int, seed: UInt64 = 0
    ) throws -> Matrix<Float> {
        let stream = RandomStream(seed: seed).stream("cells").stream(query.perturbation).stream("\(query.dose ?? -1)")
        return sample(try interventions(query), count: count, stream: stream)
    }

    /// Control cells as the model generates them.
    public func sampleControls(count: Int, seed: UInt64 = 0) -> Matrix<Float> {
        let idle = mechanisms.indices.map {
            DrawnIntervention(graph: $0, shifts: [Float](repeating: 0, count: genes.count))
        }
        return sample(idle, count: count, stream: RandomStream(seed: seed).stream("controls"))
    }

    private func sample(_ drawn: [DrawnIntervention], count: Int, stream: RandomStream) -> Matrix<Float> {
        let d = genes.count
        var result = Matrix<Float>(rows: count, columns: d)
        // Every draw makes equally many cells, but for those left over.
        for (place, one) in drawn.enumerated() {
            let range = place * count / drawn.count..<(place + 1) * count / drawn.count
            guard !range.isEmpty else { continue }
            let cells = mechanisms[one.graph].sample(
                range.count, shifts: one.shifts, replacements: one.replacements, stream: stream.stream(place),
                workers: 1)
            for (row, cell) in range.enumerated() {
                for gene in 0..<d {
                    result[cell, gene] = Float(
                        scaling.means[gene] + scaling.deviations[gene] * Double(cells[row, gene]))
                }
            }
        }
        return result
    }
}
