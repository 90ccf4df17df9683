import Graphs
import Reports
import Structure

extension ReportAssembly {
    /// The section on how far the amortised probabilities can be trusted.
    func trust(_ run: RunResults.Run) -> TrustFindings {
        let structure = run.structure
        let domains = (structure.calibration?.domains ?? []).map { domain in
            TrustFindings.Domain(
                name: domain.name, worlds: domain.worlds, error: domain.after.expectedCalibrationError,
                bins: domain.after.bins.map {
                    TrustFindings.Bin(count: $0.count, probability: $0.meanProbability, frequency: $0.frequency)
                })
        }
        return TrustFindings(
            domains: domains, percentile: structure.training?.percentile, unlike: structure.training?.unlike ?? [],
            resamples: structure.resamples ?? 0, edges: structure.resampledEdges ?? [])
    }
}

extension ReportAssembly {
    /// How far the intervals of predicted shifts can be trusted; nil where nobody has tried.
    var intervals: ReportSection? {
        let tried = results.model.coverage
        guard let level = tried.first?.level else { return nil }
        return CoverageFindings(
            level: level,
            rows: tried.map { one in
                let novelty =
                    switch one.novelty {
                    case .measured: "nothing"
                    case .dose: "its dose"
                    case .stratum: "the cells it is given to"
                    case .combination: "which perturbations are combined"
                    case .perturbation: "the perturbation: known by its features alone"
                    }
                return .init(
                    novelty: novelty, before: one.before, after: one.after, scale: one.scale,
                    causalWeight: one.causalWeight, trials: one.trials)
            }
        ).section
    }
}

extension StructurePrediction {
    /// The most probable edges with what became of them where cells were drawn anew; nil where none were.
    var resampledEdges: [TrustFindings.ResampledEdge]? {
        resampled.map { resampled in
            beliefs.ranked.prefix(25).map { edge in
                let place = edge.source * beliefs.genes.count + edge.target
                return TrustFindings.ResampledEdge(
                    source: beliefs.genes[edge.source], target: beliefs.genes[edge.target],
                    probability: Double(edge.probability), low: Double(resampled.low[place]),
                    high: Double(resampled.high[place]), likelyShare: Double(resampled.likelyShare[place]))
            }
        }
    }
}
