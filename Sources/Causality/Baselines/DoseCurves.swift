import Foundation
import Screens

/// The other doses of the same perturbation in the same cells, each weighing as many as its cells.
public struct PooledDoses: PredictionBaseline {
    public let name = "own other doses, pooled"
    private let training: TrainingShifts

    public init(_ training: TrainingShifts) { self.training = training }

    public func shift(of question: BaselineQuestion) -> [Double]? {
        let own = training.doses(of: question.context)
        return training.mean(own, weights: own.map { Double(training.cells[$0]) })
    }
}

/// Between the own doses on the logarithm; beyond them the nearest.
public struct InterpolatedDose: PredictionBaseline {
    public let name = "own doses, log-linear interpolation"
    private let training: TrainingShifts

    public init(_ training: TrainingShifts) { self.training = training }

    public func shift(of question: BaselineQuestion) -> [Double]? {
        guard let dose = question.context.dose else { return nil }
        let own = training.doses(of: question.context).filter { training.contexts[$0].dose != nil }
            .sorted { (training.contexts[$0].dose ?? 0) < (training.contexts[$1].dose ?? 0) }
        guard let position = DosePosition(dose, among: own.map { training.contexts[$0].dose ?? 0 }) else { return nil }
        return zip(training.shifts[own[position.low]], training.shifts[own[position.high]]).map {
            $0 + ($1 - $0) * position.fraction
        }
    }
}

/// A Hill curve through the own doses: every gene has its amplitude, EC50 and slope belong to the perturbation. Both are
/// sought on a grid; the amplitudes follow by least squares.
public struct HillCurve: PredictionBaseline {
    public let name = "own Hill curve"
    private let training: TrainingShifts

    /// Slopes, and EC50s to a decade: over the measured doses and a decade beyond on either side.
    private static let (slopes, perDecade) = (stride(from: 0.5, through: 4, by: 0.25).map { $0 }, 12.0)

    public init(_ training: TrainingShifts) { self.training = training }

    public func shift(of question: BaselineQuestion) -> [Double]? {
        guard let dose = question.context.dose else { return nil }
        let own = training.doses(of: question.context).filter { (training.contexts[$0].dose ?? 0) > 0 }
        let doses = own.compactMap { training.contexts[$0].dose }
        guard Set(doses).count >= 2, let low = doses.min(), let high = doses.max() else { return nil }
        let weights = own.map { Double(training.cells[$0]) }
        let steps = Int(((log10(high / low) + 2) * Self.perDecade).rounded(.up))
        // Σ w s sᵀ of the shifts: the error of every curve follows from it.
        let gram = own.map { a in
            own.map { b in zip(training.shifts[a], training.shifts[b]).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        var best = (explained: -1.0, curve: [Double](), at: 0.0)
        for slope in Self.slopes {
            for step in 0...steps {
                let middle = low / 10 * pow(10, Double(step) / Self.perDecade)
                func response(_ dose: Double) -> Double { 1 / (1 + pow(middle / dose, slope)) }
                let curve = doses.map(response)
                let size = zip(curve, weights).reduce(0) { $0 + $1.1 * $1.0 * $1.0 }
                let factors = zip(curve, weights).map { $0 * $1 }
                var explained = 0.0
                for a in own.indices { for b in own.indices { explained += factors[a] * factors[b] * gram[a][b] } }
                explained /= size
                if explained > best.explained * (1 + 1e-12) {
                    best = (explained, factors.map { $0 / size }, dose > 0 ? response(dose) : 0)
                }
            }
        }
        var shift = [Double](repeating: 0, count: training.genes)
        for (place, factor) in zip(own, best.curve) {
            for gene in 0..<training.genes { shift[gene] += best.at * factor * training.shifts[place][gene] }
        }
        return shift
    }
}
