import Probability
import Screens
import Shifts

/// Means with intervals, and models beside baselines, of one variant.
struct Standing {
    private let table: VariantScores
    private let variant: String
    private let random: RandomStream
    /// By the number of units: those of all, of fewer where a predictor has no answer to some.
    private let bootstraps: [Int: UnitBootstrap]
    /// Whether perturbations are too few and treatments are drawn anew in their place.
    let resamplesTreatments: Bool
    /// The unit of each treatment.
    private let unitOf: [String]

    init(_ table: VariantScores, variant: String, random: RandomStream) {
        self.table = table
        self.variant = variant
        let names = Set(table.treatments.map(\.perturbation))
        let byTreatment = names.count < EvaluationBuilder.fewestPerturbations
        resamplesTreatments = byTreatment
        let unitOf = table.treatments.map { context in
            guard byTreatment else { return context.perturbation }
            return "\(context.perturbation)\u{0}\(context.dose ?? -1)\u{0}\(context.level ?? "")\u{0}"
                + context.covariateValues.joined(separator: "\u{0}")
        }
        self.unitOf = unitOf
        let counts = Set(table.values.values.flatMap { $0.values.map { Set($0.keys.map { unitOf[$0] }).count } })
        bootstraps = counts.reduce(into: [:]) { $0[$1] = UnitBootstrap(units: $1, random: random) }
        self.random = random
    }

    var unitCount: Int { Set(unitOf).count }

    /// What each unit adds, in the order of the units' names; those without any score are left out.
    /// - Parameter isLoss: Turns values into what falls as predictions get better.
    private func units(_ predictor: String, _ metric: PredictionMetric, isLoss: Bool) -> [String: UnitScore] {
        var sums: [String: (UnitScore, Double)] = [:]
        for (treatment, score) in (table.values[predictor]?[metric] ?? [:]).sorted(by: { $0.key < $1.key }) {
            let value = isLoss && !metric.isLossOfAll ? metric.loss(score.value) : score.value
            let unit = unitOf[treatment]
            let (sum, count) = sums[unit] ?? (UnitScore(value: 0, beside: 0), 0)
            sums[unit] = (UnitScore(value: sum.value + value, beside: sum.beside + score.beside), count + 1)
        }
        // A pooled metric adds up; all others are means over the treatments of a unit.
        return sums.mapValues { sum, count in
            metric == .pooledDetermination
                ? sum : UnitScore(value: sum.value / count, beside: sum.beside / count)
        }
    }

    func means(of predictors: [String]) -> [PredictionEvaluation.Mean] {
        PredictionMetric.allCases.flatMap { metric in
            predictors.compactMap { predictor -> PredictionEvaluation.Mean? in
                let units = units(predictor, metric, isLoss: false)
                let values = units.keys.sorted().compactMap { units[$0] }
                let pooled = UnitScore.pooled(values, by: metric.pooling)
                guard pooled.isFinite else { return nil }
                let ends = bootstrap(values.count).interval(values, by: metric.pooling)
                return PredictionEvaluation.Mean(
                    metric: metric, variant: variant, predictor: predictor, value: pooled,
                    lower: ends.lower, upper: ends.upper)
            }
        }
    }

    func comparisons(of model: String, with baselines: [String]) -> [PredictionEvaluation.Comparison] {
        PredictionMetric.allCases.flatMap { metric in
            let own = units(model, metric, isLoss: true)
            return baselines.compactMap { baseline -> PredictionEvaluation.Comparison? in
                let other = units(baseline, metric, isLoss: true)
                let common = own.keys.filter { other[$0] != nil }.sorted()
                guard !common.isEmpty else { return nil }
                let found = bootstrap(common.count).gain(
                    model: common.compactMap { own[$0] }, over: common.compactMap { other[$0] }, by: metric.pooling,
                    loss: metric.isLossOfAll ? metric.loss : { $0 })
                func value(_ predictor: String) -> Double {
                    let units = units(predictor, metric, isLoss: false)
                    return UnitScore.pooled(common.compactMap { units[$0] }, by: metric.pooling)
                }
                guard found.gain.isFinite else { return nil }
                return PredictionEvaluation.Comparison(
                    metric: metric, variant: variant, model: model, baseline: baseline, modelValue: value(model),
                    baselineValue: value(baseline), gain: found.gain, lower: found.lower, upper: found.upper,
                    verdict: found.verdict)
            }
        }
    }

    /// Units that two predictors have in common may be fewer than those of either.
    private func bootstrap(_ units: Int) -> UnitBootstrap {
        bootstraps[units] ?? UnitBootstrap(units: units, random: random)
    }
}
