extension PerturbationResponse {
    /// Of all perturbations.
    /// - Parameters:
    ///   - regressions: Of each gene, for its targets and effects.
    ///   - fitted: contexts × genes: means of what regressions say without perturbations.
    ///   - means: contexts × genes: means of the cells that the regressions have seen.
    ///   - counts: How many cells these are.
    ///   - noise: ρ of `ContextNoise`.
    static func all(
        _ regressions: [RegressionSummary], fitted: [[Double]], means: [[Double]], counts: [Int],
        noise: Double, design: ScreenDesign, strengths: [[ResponseSystem.Strength]], slab: Double
    ) -> [PerturbationResponse] {
        var effects = Array(repeating: [Int: Double](), count: design.perturbations.count)
        for regression in regressions {
            for effect in regression.effects { effects[effect.perturbation][regression.gene] = effect.effect }
        }
        let replaced = design.replacedGenes.mapValues { Set($0.map(\.context)) }
        return design.perturbations.indices.map { k in
            let targets = effects[k].keys.sorted()
            let contexts = design.contexts(of: k).filter { place in
                counts[place.context] > 0
                    && !targets.contains { replaced[$0]?.contains(place.context) ?? false }
            }
            let remainders = contexts.map { place in
                targets.map { gene in
                    let others = strengths[place.context].reduce(0.0) { sum, strength in
                        strength.perturbation == k
                            ? sum : sum + strength.value * (effects[strength.perturbation][gene] ?? 0)
                    }
                    return means[place.context][gene] - fitted[place.context][gene] - others
                }
            }
            return PerturbationResponse(
                targets: targets, contexts: contexts.map(\.context),
                doses: design.contexts(of: k).contains { $0.dose != nil } ? contexts.map { $0.dose! } : nil,
                counts: contexts.map {
                    let count = Double(counts[$0.context])
                    return count * ContextNoise.share(noise, cells: count)
                }, remainders: remainders,
                variances: targets.map { regressions[$0].variance }, slab: slab)
        }
    }

    /// The same from linear regressions on the columns of a screen's sums.
    static func all(
        _ regressions: [RegressionSummary], summary: ScreenSummary, strengths: [[ResponseSystem.Strength]],
        priors: ResponsePriors, curvesPerGene: Int
    ) -> [PerturbationResponse] {
        all(
            regressions, fitted: summary.fittedMeans(regressions, curvesPerGene: curvesPerGene),
            means: summary.geneMeans, counts: summary.counts, noise: summary.contextNoise, design: summary.design,
            strengths: strengths, slab: priors.slabs.effect)
    }
}
