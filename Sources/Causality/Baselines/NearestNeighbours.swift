import Foundation
import Screens

/// The mean of comparable treatments, moved by some share towards that of the perturbations most alike (Tanimoto of bits,
/// or distance of numbers); their number and the share by leaving perturbations of the training part out.
public struct NearestNeighbours: PredictionBaseline {
    public let name: String
    private let training: TrainingShifts
    private let features: FeatureSpace
    private let mean: TrainingMean
    private let setting: Setting

    struct Setting: Sendable, Equatable {
        var neighbours: Int
        /// 0: the mean alone; 1: the neighbours alone.
        var share: Double
    }

    private static let numbers = [1, 3, 5, 10, 20]
    private static let shares = [0, 0.25, 0.5, 0.75, 1]

    init(_ training: TrainingShifts, features: FeatureSpace) {
        let settings = Self.numbers.flatMap { number in Self.shares.map { Setting(neighbours: number, share: $0) } }
        let best = training.best(of: settings) { kept, left in
            let part = training.selecting(kept)
            let mean = TrainingMean(part, isPooled: false)
            var errors = [Double](repeating: 0, count: settings.count)
            for place in left {
                let usual = mean.shift(of: training.contexts[place])
                let deviations = Self.deviations(
                    of: training.contexts[place], part, features, mean, numbers: Self.numbers)
                for (order, setting) in settings.enumerated() {
                    let deviation = deviations?[order / Self.shares.count]
                    let guess = usual.indices.map { usual[$0] + setting.share * (deviation?[$0] ?? 0) }
                    errors[order] += squaredDistance(guess, training.shifts[place])
                }
            }
            return errors
        }
        setting = best
        self.training = training
        self.features = features
        mean = TrainingMean(training, isPooled: false)
        name = features.comparesBits ? "Tanimoto nearest neighbours" : "nearest neighbours by features"
    }

    public func shift(of question: BaselineQuestion) -> [Double]? {
        let found = Self.deviations(
            of: question.context, training, features, mean, numbers: [setting.neighbours])
        guard let deviation = found?.first else { return nil }
        return zip(mean.shift(of: question.context), deviation).map { $0 + setting.share * $1 }
    }

    /// For each number of neighbours the mean of what they have more than the mean of their kind; nil without features.
    ///
    /// Each neighbour answers with its treatment at the nearest dose, of equal covariates where it has one.
    private static func deviations(
        of context: Context, _ training: TrainingShifts, _ features: FeatureSpace, _ mean: TrainingMean,
        numbers: [Int]
    ) -> [[Double]]? {
        guard let row = features.row(of: context) else { return nil }
        var own: [String: [Int]] = [:]
        for (place, other) in training.contexts.enumerated() where other.perturbation != context.perturbation {
            own[other.perturbation, default: []].append(place)
        }
        let ranked = own.keys.compactMap { name in
            features.row(of: training.contexts[own[name]?[0] ?? 0]).map { (name, features.likeness(row, $0)) }
        }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        guard !ranked.isEmpty else { return nil }
        let answers = ranked.prefix(numbers.max() ?? 0).map { name, _ in
            let place = nearest(own[name] ?? [], to: context, training)
            return zip(training.shifts[place], mean.shift(of: training.contexts[place])).map { $0 - $1 }
        }
        return numbers.map { number in
            let taken = answers.prefix(number)
            return (0..<training.genes).map { gene in
                taken.reduce(0) { $0 + $1[gene] } / Double(taken.count)
            }
        }
    }

    private static func nearest(_ places: [Int], to context: Context, _ training: TrainingShifts) -> Int {
        func farness(_ place: Int) -> (Int, Double) {
            let other = training.contexts[place]
            let unequal = context.covariates.count { other.covariates[$0.key] != $0.value }
            if context.level != nil { return (unequal + (other.level == context.level ? 0 : 1), 0) }
            guard let a = context.dose, let b = other.dose, a > 0, b > 0 else { return (unequal, 0) }
            return (unequal, abs(log(a) - log(b)))
        }
        return places.min { farness($0) < farness($1) } ?? 0
    }
}
