import Foundation
import Screens

/// Nothing happens.
public struct NoChange: PredictionBaseline {
    public let name = "no change"
    let genes: Int

    public func shift(of question: BaselineQuestion) -> [Double]? { [Double](repeating: 0, count: genes) }
}

/// What training cells of the same treatment showed; for treatments that were seen in training only.
public struct OwnShift: PredictionBaseline {
    public static let title = "own shift in training cells"
    public let name = OwnShift.title
    private let training: TrainingShifts

    public init(_ training: TrainingShifts) { self.training = training }

    public func shift(of question: BaselineQuestion) -> [Double]? {
        training.contexts.firstIndex(of: question.context).map { training.shifts[$0] }
    }
}

/// What the other perturbations do on average.
public struct TrainingMean: PredictionBaseline {
    public let name: String
    private let training: TrainingShifts
    private let pooled: [Double]
    /// Means by kind of treatment; empty where all are pooled.
    private let means: [TreatmentKind: [Double]]

    /// - Parameter isPooled: takes all treatments together; else those of the same dose (or level) and covariates. A dose
    ///   between those of training takes its place between their means on the logarithm, one beyond them the nearest; where
    ///   no treatment has these covariates, all are taken together.
    public init(_ training: TrainingShifts, isPooled: Bool) {
        self.training = training
        name = isPooled ? "mean of training perturbations" : "mean of training perturbations of the same dose and cells"
        pooled = training.mean(Array(training.contexts.indices)) ?? [Double](repeating: 0, count: training.genes)
        let groups = isPooled ? [:] : Dictionary(grouping: training.contexts.indices) { training.contexts[$0].kind }
        means = groups.compactMapValues { training.mean($0) }
    }

    public func shift(of question: BaselineQuestion) -> [Double]? { shift(of: question.context) }

    func shift(of context: Context) -> [Double] {
        if let mean = means[context.kind] { return mean }
        guard let dose = context.dose, context.level == nil else { return pooled }
        let known = means.keys.filter { $0.covariates == context.covariates && $0.level == nil && $0.dose != nil }
            .sorted { ($0.dose ?? 0) < ($1.dose ?? 0) }
        let position = DosePosition(dose, among: known.map { $0.dose ?? 0 })
        guard let position, let low = means[known[position.low]], let high = means[known[position.high]] else {
            return pooled
        }
        return zip(low, high).map { $0 + ($1 - $0) * position.fraction }
    }
}

/// Where a dose lies among others on the logarithm.
struct DosePosition {
    let low: Int
    let high: Int
    /// 0 at the lower, 1 at the upper neighbour.
    let fraction: Double

    /// - Parameter doses: rising. nil where there are none. Beyond the ends the nearest is taken.
    init?(_ dose: Double, among doses: [Double]) {
        guard !doses.isEmpty else { return nil }
        let above = doses.firstIndex { $0 >= dose } ?? doses.count
        if above == 0 || above == doses.count {
            low = min(above, doses.count - 1)
            high = low
            fraction = 0
        } else {
            low = above - 1
            high = above
            let (a, b) = (doses[low], doses[high])
            // A dose of 0 has no logarithm.
            fraction = a > 0 ? (log(dose) - log(a)) / (log(b) - log(a)) : (dose - a) / (b - a)
        }
    }
}

/// The shifts of the single perturbations of a combination, added up; one that was not measured alone counts as the mean
/// of those that were.
public struct AdditiveShift: PredictionBaseline {
    public let name = "sum of the single perturbations"
    private let training: TrainingShifts

    public init(_ training: TrainingShifts) { self.training = training }

    public func shift(of question: BaselineQuestion) -> [Double]? {
        guard let parts = training.combinations[question.context.perturbation] else { return nil }
        let singles = training.contexts.indices.filter { place in
            training.combinations[training.contexts[place].perturbation] == nil
                && training.contexts[place].covariates == question.context.covariates
        }
        guard let usual = training.mean(singles) else { return nil }
        var sum = [Double](repeating: 0, count: training.genes)
        for part in parts {
            let own = singles.filter { training.contexts[$0].perturbation == part }
            for (gene, value) in (training.mean(own) ?? usual).enumerated() { sum[gene] += value }
        }
        return sum
    }
}
