import Matrices
import Probability

@testable import Responses

extension ResponsePosterior {
    /// draws × genes: mean shifts under treatments, each from its own draw of everything that is not known.
    func meanShifts(of treatments: [ScreenDesign.Treatment], draws count: Int, stream: RandomStream) -> Matrix<Float> {
        var own = stream.stream("mean shifts")
        var values: [Float] = []
        for _ in 0..<count {
            let member = draws.isEmpty ? best : draws[own.index(below: draws.count)]
            var shifts = [Float](repeating: 0, count: design.genes.count)
            var replacements: [CausalMechanisms.Replacement] = []
            for treatment in treatments {
                let k = treatment.perturbation
                let effect = grid(of: k, in: member).draw(targets: member.responses[k].targets, &own)
                for (gene, shift) in effect.shifts(genes: shifts.count, dose: treatment.dose).enumerated() {
                    shifts[gene] += shift
                }
                replacements += member.replacements[k]
            }
            values += member.mechanisms.meanShift(of: shifts, replacements: replacements, stream: stream)
        }
        return Matrix(rows: count, columns: design.genes.count, values: values)
    }
}
