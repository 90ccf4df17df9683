import Evaluations
import Explanations
import Foundation
import Interventions
import Reports
import Screens
import Shifts

/// Puts the results of a run into the words, tables and figures of its report.
struct ReportAssembly {
    let results: RunResults
    /// nil where the cells of the screen are not at hand.
    let measured: MeasuredShifts?
    /// Each perturbation at its highest dose, by name.
    let topTreatments: [ShiftTable.Treatment]
    private let explanations: [ShiftTable.Treatment: PerturbationExplanation]

    init(_ results: RunResults) throws {
        self.results = results
        measured = try results.run.map { try MeasuredShifts($0.screen) }
        topTreatments = Dictionary(grouping: results.shifts.treatments, by: \.perturbation)
            .sorted { $0.key < $1.key }.map {
                $0.value.max { ($0.dose ?? 0) < ($1.dose ?? 0) } ?? .init(perturbation: $0.key)
            }
        explanations = Dictionary(
            results.explanations.perturbations.map { (.init(perturbation: $0.perturbation, dose: $0.dose), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    func explanation(of treatment: ShiftTable.Treatment) -> PerturbationExplanation? { explanations[treatment] }

    var report: MechanismReport {
        let verdict = results.run.flatMap(overallVerdict)
        return MechanismReport(
            title: results.title, subtitle: "What each perturbation acts on, and what follows", summary: summary,
            verdict: verdict?.verdict, verdictText: verdict?.text ?? "", facts: facts, notices: notices,
            sections: sections, limits: limits, methods: methods,
            citations: citations.map { ReportCitation(text: $0.text, bibtex: $0.bibtex) }, provenance: provenance)
    }

    private var sections: [ReportSection] {
        let parts: [ReportSection?] = [
            results.run.map { data($0).section }, network.section, results.run.flatMap { trust($0).section },
            perturbations.section, genes.section, identifiability.section,
            results.run.flatMap { evaluationSection($0.evaluation) }, intervals,
            training.section, recovery?.section,
        ]
        return parts.compactMap { $0 }
    }

    // MARK: Headline

    private var summary: [String] {
        let model = results.model
        let closing =
            "A network of the genes was predicted by weights trained on simulated worlds, learnt anew from the cells within a "
            + "generative intervention model, and every predicted shift was taken apart into the interventions it comes from."
        guard let run = results.run else {
            return ["\(model.perturbations.count) perturbations over \(model.genes.count) genes.", closing]
        }
        let screen = run.screen
        let treated = screen.contexts.count { !$0.isControl }
        let heldOut = run.quality.heldOut
        return [
            "\(screen.cellCount.countText) cells under \(screen.perturbations.count) perturbations (\(treated) treatments "
                + "with their doses) were compared with \(screen.controlCells.count.countText) control cells over "
                + "\(screen.genes.count) genes.",
            heldOut.isEmpty
                ? "\(run.quality.testCells.countText) cells were kept aside, and the model is judged by them; every "
                    + "perturbation was seen in training."
                : "\(heldOut.joined(separator: ", ")) \(heldOut.count == 1 ? "was" : "were") held out of training, and "
                    + (run.evaluation.comparisons.isEmpty
                        ? "nothing tells the model of \(heldOut.count == 1 ? "it" : "them"): it is judged by nothing."
                        : "the model is judged by \(heldOut.count == 1 ? "it" : "them")."),
            closing,
        ]
    }

    private var facts: [ReportFact] {
        let model = results.model
        let likely = model.edgeBeliefs.ranked.prefix { $0.probability >= 0.5 }.count
        var facts = [
            ReportFact("genes", count: model.genes.count),
            ReportFact("edges", count: likely, note: "probability 0.5 or more in the fitted model"),
        ]
        if let run = results.run {
            facts =
                [
                    ReportFact("cells", count: run.screen.cellCount),
                    ReportFact("perturbations", count: run.screen.perturbations.count),
                    ReportFact("control cells", count: run.screen.controlCells.count),
                    ReportFact("held out", count: run.quality.heldOut.count, note: "perturbations"),
                ] + facts
        }
        return facts
    }

    private var notices: [ReportNotice] {
        // What was noticed on reading stands in the section on data.
        let all = (results.run.map { $0.structure.notices } ?? []) + results.model.notices
        var seen: Set<String> = []
        var result = all.filter { seen.insert($0.message).inserted }.map { ReportNotice($0.message, code: $0.code) }
        let outcomes = results.model.outcomes
        let reasons = outcomes.compactMap { if case .stoppedEarly(let reason) = $0 { reason } else { nil } }
        for (reason, equal) in Dictionary(grouping: reasons, by: \.self).sorted(by: { $0.key < $1.key }) {
            let isAll = equal.count == outcomes.count
            let which = isAll ? "The fit is not settled" : "\(equal.count) of \(outcomes.count) fits are not settled"
            result.append(
                ReportNotice(
                    "\(which): \(reason).",
                    code: "NOT_CONVERGED", weight: .warning))
        }
        return result
    }

    /// Beats, ties or loses by the error of predicted shifts, against every baseline.
    private func overallVerdict(_ run: RunResults.Run) -> (verdict: Reports.Verdict, text: String)? {
        // Shared controls flatter every prediction: disjoint ones decide where they were used.
        let isDisjoint = run.evaluation.comparisons.contains { $0.variant == "disjoint" }
        let all = run.evaluation.comparisons.filter { !isDisjoint || $0.variant == "disjoint" }
        let comparisons = all.filter { $0.metric == .rootMeanSquareError }
        guard let closest = comparisons.min(by: { $0.baselineValue < $1.baselineValue }) else { return nil }
        let verdict = standing(comparisons)
        // The choice of metric can pick the winner: the others have their say beside the headline.
        let others = [PredictionMetric.pearson, .signAccuracy, .discrimination, .energyDistance].compactMap { metric in
            let own = all.filter { $0.metric == metric }
            return own.isEmpty ? nil : "by \(metric.name) it \(standing(own).rawValue)"
        }
        let subject =
            run.quality.heldOut.isEmpty
            ? "On cells kept aside" : "On \(run.evaluation.heldOut.count) held-out perturbations"
        return (
            verdict,
            "\(subject), by \(isDisjoint ? "disjoint" : "shared") controls, the error of predicted shifts (root mean square) "
                + "is \(number(closest.modelValue)); the best baseline, "
                + "\(closest.baseline), has \(number(closest.baselineValue)) (gain \(number(closest.gain)) "
                + "[\(number(closest.lower)), \(number(closest.upper))]). Beside all baselines, "
                + others.joined(separator: "; ") + "."
        )
    }

    /// Beats where it beats every baseline, loses where it loses to any, else ties.
    func standing(_ comparisons: [PredictionEvaluation.Comparison]) -> Reports.Verdict {
        comparisons.allSatisfy { $0.verdict == .beats }
            ? .beats : comparisons.contains { $0.verdict == .loses } ? .loses : .ties
    }

    // MARK: Closing words

    private var limits: [String] {
        let model = results.model
        var sentences = [
            "Edges and targets are probabilities under a model without hidden confounders or feedback; they are "
                + "reasons for an experiment, not its result.",
            model.coverage.isEmpty
                ? "Intervals are of 90 % over graphs, targets and seeds of the model; the ways in which the model itself is "
                    + "wrong are not in them."
                : "Intervals are of 90 %, as wide as it took to hold 90 % of what was measured where treatments were left "
                    + "out; for treatments unlike all of the screen they may be too narrow.",
            "Targets are attributed by the model: where it has to intervene to make what was measured, not what a "
                + "perturbation touches.",
            "Genes outside of the panel of \(model.genes.count) may carry effects that the network shows as direct.",
        ]
        if !model.canPredictUnseen {
            sentences.append(
                "Without features of the perturbations only those of the screen can be predicted, not new ones.")
        }
        if let count = results.run?.evaluation.heldOut.count, (1...5).contains(count) {
            sentences.append(
                "Only \(count) \(count == 1 ? "perturbation was" : "perturbations were") held out: how the model stands to "
                    + "the baselines is known roughly.")
        }
        return sentences
    }

    private var provenance: [ReportFact] {
        let version = [
            ReportFact("interventome", Build.version), ReportFact("seed", "\(results.model.seed)"),
        ]
        guard let run = results.run else {
            return version
                + results.model.provenance.sorted { $0.key < $1.key }.map { ReportFact("fit: \($0.key)", $0.value) }
        }
        return version + [
            ReportFact("input", run.read.file), ReportFact("input SHA-256", run.read.sha256),
            ReportFact("configuration SHA-256", Fingerprint.of(run.configuration.withoutPaths)),
            ReportFact("weights", "\(run.structure.weights), SHA-256 \(run.structure.weightsSHA256)"),
        ]
    }

    // MARK: Shared words

    func number(_ value: Double) -> String { String(format: "%.3g", value) }

    /// What a shift is, for axes.
    var shiftName: String {
        switch results.model.scale {
        case .log1p: "shift of the mean, ln(1 + x)"
        case .logIntensity: "shift of the mean, logarithm"
        case .scaled: "shift of the mean, standard deviations"
        case .counts, .intensity: "shift of the mean"
        }
    }
}
