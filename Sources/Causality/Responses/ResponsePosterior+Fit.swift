import Foundation
import Graphs
import Matrices
import Probability

extension ResponsePosterior {
    /// Fits responses to the cells that were collected.
    ///
    /// - Parameters:
    ///   - stream: Its numbers decide orders to begin from and draws; the number of workers changes nothing.
    ///   - report: Told what is being done.
    public init(
        _ moments: ScreenMoments, priors: ResponsePriors? = nil, options: ResponseOptions = ResponseOptions(),
        prior: PriorMechanisms? = nil, stream: RandomStream,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount,
        report: (String) -> Void = { _ in }
    ) throws(ResponseError) {
        _ = singleThreadedBLAS
        let summary = try ScreenSummary(moments)
        let priors = priors ?? .sparse(summary.design)
        try options.check()
        try priors.check(summary.design)
        func fit(_ summary: ScreenSummary, _ curves: Int) -> StructureFit {
            StructureFit(
                summary, priors: priors, curvesPerGene: curves, restarts: options.restarts, reach: options.reach,
                workers: workers, stream: stream.stream("structure"))
        }
        var notices = Self.notices(summary)
        var gain: Double?
        var fitted: StructureFit
        let all = summary.basis.count
        switch options.mechanisms {
        case .linear:
            report("linear mechanisms")
            fitted = fit(summary, 1)
        case .nonlinear:
            report("additive mechanisms")
            fitted = fit(summary, all)
        case .chosen:
            report("linear mechanisms")
            fitted = fit(summary, 1)
            if all > 1 {
                gain = fitted.gain(ofCurves: all)
                if gain! > options.nonlinearGain {
                    report("additive mechanisms")
                    let additive = fit(summary, all)
                    // Edges in the wrong direction bend, too: straight lines get the order that curves have found.
                    fitted.reconsider(additive.search.order, stream: stream.stream("structure"))
                    gain = additive.scoreAmongRates - fitted.scoreAmongRates
                    if gain! > options.nonlinearGain { fitted = additive }
                }
            }
        }
        let isNonlinear = options.mechanisms == .nonlinear || fitted.curvesPerGene > 1
        let ensemble: ResponseEnsemble
        if isNonlinear {
            report("regressions on random units")
            if summary.keptShare < 1 {
                notices.append(
                    Notice(
                        code: "SUBSAMPLED",
                        message: "nonlinear mechanisms were fitted to \(summary.cells.count) of "
                            + "\(summary.counts.reduce(0, +)) cells, evenly drawn"))
            }
            ensemble = ResponseEnsemble(
                nonlinear: fitted, prior: prior, options: options, stream: stream.stream("nonlinear"))
        } else {
            let noise = fitted.contextNoise
            if noise > 0 {
                report("noise between contexts")
                var noisy = summary
                noisy.contextNoise = noise
                fitted = fit(noisy, 1)
            }
            report("draws")
            ensemble = ResponseEnsemble(
                linear: fitted, prior: prior, draws: options.draws, stream: stream.stream("linear"))
        }
        notices += Self.notices(contextNoise: ensemble.contextNoise)
        self.init(
            design: summary.design, isNonlinear: isNonlinear, nonlinearGain: gain, contextNoise: ensemble.contextNoise,
            targetRate: fitted.targetRate, search: ensemble.trace, score: ensemble.score,
            edgeLogOdds: ensemble.edges.logOdds, targetLogOdds: ensemble.targets.logOdds, best: ensemble.members[0],
            draws: Array(ensemble.members[1...]), curves: fitted.curves, notices: notices)
    }

    private static func notices(contextNoise noise: Double) -> [Notice] {
        guard noise > 0 else { return [] }
        let (deviation, most) = (String(format: "%.2g", noise.squareRoot()), Int(1 / noise))
        return [
            Notice(
                code: "CONTEXT_NOISE",
                message:
                    "the means of treatments differ by \(deviation) standard deviations beyond what cells and targets "
                    + "explain, as between batches: a treatment's cells count as \(most) at most")
        ]
    }

    private static func notices(_ summary: ScreenSummary) -> [Notice] {
        var notices: [Notice] = []
        func list(_ names: [String]) -> String {
            names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
        }
        let design = summary.design
        let d = design.genes.count
        let constant = (0..<d).filter { gene in
            let n = Double(summary.counts.reduce(0, +))
            let mean = summary.gram[0, 1 + gene] / n
            return summary.gram[1 + gene, 1 + gene] / n - mean * mean < 1e-9
        }
        if !constant.isEmpty {
            notices.append(
                Notice(
                    code: "CONSTANT_GENES",
                    message: "genes that do not vary: \(list(constant.map { design.genes[$0] }))"))
        }
        let single = design.perturbations.indices.filter { k in
            let doses = design.contexts(of: k).filter { summary.counts[$0.context] > 0 }.compactMap(\.dose)
            return !doses.isEmpty && Set(doses).count == 1
        }
        if !single.isEmpty {
            notices.append(
                Notice(
                    code: "ONE_DOSE",
                    message: "one dose tells nothing of a dose curve, its prior stands: "
                        + list(single.map { design.perturbations[$0].name })))
        }
        let absent = design.perturbations.indices.filter { k in
            design.contexts(of: k).allSatisfy { summary.counts[$0.context] == 0 }
        }
        if !absent.isEmpty {
            notices.append(
                Notice(
                    code: "NO_CELLS",
                    message: "nothing is known of perturbations without cells: "
                        + list(absent.map { design.perturbations[$0].name })))
        }
        let few = design.perturbations.indices.filter { k in
            (1..<10).contains(design.contexts(of: k).reduce(0) { $0 + summary.counts[$1.context] })
        }
        if !few.isEmpty {
            notices.append(
                Notice(
                    code: "FEW_CELLS",
                    message:
                        "fewer than 10 cells, so little is said of: \(list(few.map { design.perturbations[$0].name }))")
            )
        }
        return notices
    }
}

extension ResponsePriors {
    func check(_ design: ScreenDesign) throws(ResponseError) {
        let (d, k) = (design.genes.count, design.perturbations.count)
        guard edges.rows == d, edges.columns == d, targets.rows == k, targets.columns == d || k == 0 else {
            throw ResponseError(
                code: "SHAPE",
                message: "log odds of \(d) × \(d) edges and \(k) × \(d) targets expected, found "
                    + "\(edges.rows) × \(edges.columns) and \(targets.rows) × \(targets.columns)",
                remedy: "give one row a source or perturbation and one column a gene")
        }
        guard edges.values.allSatisfy({ $0 < .infinity }), !targets.values.contains(where: \.isNaN) else {
            throw ResponseError(
                code: "NOT_FINITE", message: "log odds expected, below infinity for edges, found others",
                remedy: "give an edge that is sure large odds instead")
        }
    }
}
