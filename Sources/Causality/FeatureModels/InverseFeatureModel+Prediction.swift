import Concurrency
import Foundation
import Matrices
import Probability

/// What perturbations do, told from their features.
extension InverseFeatureModel {
    /// What unseen perturbations may do.
    ///
    /// Every perturbation has a stream of its own, by its name: its particles don't depend on which others are asked for,
    /// in which order, or on how many cores.
    /// - Parameters:
    ///   - features: perturbations × features of `space`.
    ///   - workers: Threads to use; nil stands for one a core.
    /// - Throws: `FeatureModelError` (`COUNT`, `NONFINITE`, `OPTION`).
    public func posteriors(
        of names: [String], features: Matrix<Double>, options: EffectSearchOptions = .init(), stream: RandomStream,
        workers: Int? = nil
    ) throws(FeatureModelError) -> [EffectPosterior] {
        try space.check(features, of: names)
        try options.check()
        let products = space.products(features)
        let conditional = MeasuredFeatures(self).conditional(on: Array(measured.indices))
        let search = EffectSearch(conditional: conditional, prior: prior, options: options)
        return concurrentMap(names.count, workers: workers) { i in
            let query = conditional.query(products: products.withMeasured.row(i), square: products.squares[i])
            return EffectPosterior(name: names[i], genes: genes, search.run(query, stream.stream(names[i])))
        }
    }

    /// At most this many sets of perturbations are left out in turn.
    static let mostFolds = 50

    /// What measured perturbations would have been thought to do from their features and the others, had their cells not
    /// been seen. Up to 50 perturbations are left out one by one, more in 50 sets, neighbours in order apart. The kernel
    /// and the prior stay those learnt from all.
    /// - Parameter chosen: Positions in `measured`; nil stands for all.
    public func heldOutPosteriors(
        _ chosen: [Int]? = nil, options: EffectSearchOptions = .init(), stream: RandomStream, workers: Int? = nil
    ) throws(FeatureModelError) -> [EffectPosterior] {
        try options.check()
        let chosen = chosen ?? Array(measured.indices)
        let folds = min(measured.count, Self.mostFolds)
        let used = Set(chosen.map { $0 % folds }).sorted()
        let products = space.products(space.measured).withMeasured
        let all = MeasuredFeatures(self)
        let ofFold = concurrentMap(used.count, workers: workers) { place -> [(Int, EffectPosterior)] in
            let conditional = all.conditional(on: measured.indices.filter { $0 % folds != used[place] })
            let search = EffectSearch(conditional: conditional, prior: prior, options: options)
            return chosen.indices.filter { chosen[$0] % folds == used[place] }.map { place in
                let k = chosen[place]
                let query = conditional.query(products: products.row(k), square: products[k, k])
                return (
                    place,
                    EffectPosterior(
                        name: measured[k].name, genes: genes,
                        search.run(query, stream.stream("held out").stream(measured[k].name)))
                )
            }
        }
        return ofFold.flatMap { $0 }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// What is known of all measured perturbations, from which some may be conditioned on.
struct MeasuredFeatures: Sendable {
    private let model: InverseFeatureModel
    private let means: Matrix<Double>
    private let covariance: Matrix<Double>

    init(_ model: InverseFeatureModel) {
        self.model = model
        means = model.coordinates.means(model.measured)
        covariance = MeasuredPairs(model.measured, means: means, in: model.coordinates).covariance(model.kernel)
    }

    func conditional(on members: [Int]) -> FeatureConditional {
        FeatureConditional(
            coordinates: model.coordinates, kernel: model.kernel, means: means, covariance: covariance,
            outputs: model.outputs, members: members, featureCount: Double(model.space.informativeCount),
            temper: model.temper)
    }
}
