import Foundation
import Interventions
import Reports
import Screens

/// Puts the results of a run into the words, tables and figures of its report.
struct ReportAssembly {
    let results: RunResults

    init(_ results: RunResults) { self.results = results }

    var report: MechanismReport {
        let title = results.configuration.title.isEmpty ? results.read.file : results.configuration.title
        let verdict = overallVerdict
        return MechanismReport(
            title: title, subtitle: "What each perturbation acts on, and what follows", summary: summary,
            verdict: verdict?.verdict, verdictText: verdict?.text ?? "", facts: facts,
            notices: notices,
            sections: [data.section, network.section, perturbations.section, genes.section]
                + (evaluationSection.map { [$0] } ?? []) + [training.section]
                + (recovery.map { [$0.section] } ?? []),
            limits: limits, methods: methods,
            citations: citations.map { ReportCitation(text: $0.text, bibtex: $0.bibtex) }, provenance: provenance)
    }

    // MARK: Headline

    private var summary: [String] {
        let screen = results.screen
        let treated = screen.contexts.count { !$0.isControl }
        var sentences = [
            "\(screen.cellCount) cells under \(screen.perturbations.count) perturbations (\(treated) treatments with their doses) "
                + "were compared with \(screen.controlCells.count) control cells over \(screen.genes.count) genes."
        ]
        if results.quality.heldOut.isEmpty {
            sentences.append(
                "\(results.quality.testCells) cells were kept aside, and the model is judged by them; every perturbation was "
                    + "seen in training.")
        } else {
            sentences.append(
                "\(results.quality.heldOut.joined(separator: ", ")) were held out of training, and the model is judged by them."
            )
        }
        sentences.append(
            "A network of the genes was predicted by weights trained on simulated worlds, refined together with a linear "
                + "generative intervention model, and every predicted shift was taken apart into the genes it comes from."
        )
        return sentences
    }

    private var facts: [ReportFact] {
        let screen = results.screen
        let likely = results.model.edgeBeliefs.ranked.prefix { $0.probability >= 0.5 }.count
        return [
            ReportFact("cells", count: screen.cellCount), ReportFact("genes", count: screen.genes.count),
            ReportFact("perturbations", count: screen.perturbations.count),
            ReportFact("control cells", count: screen.controlCells.count),
            ReportFact("held out", count: results.quality.heldOut.count, note: "perturbations"),
            ReportFact("edges", count: likely, note: "probability 0.5 or more"),
        ]
    }

    private var notices: [ReportNotice] {
        let all = results.screen.notices + results.structure.notices + results.model.notices
        var seen: Set<String> = []
        var result = all.filter { seen.insert($0.message).inserted }.map { ReportNotice($0.message, code: $0.code) }
        for (number, outcome) in results.model.outcomes.enumerated() {
            if case .stoppedEarly(let reason) = outcome {
                result.append(
                    ReportNotice(
                        "Model \(number + 1) of the ensemble did not converge: \(reason).", code: "NOT_CONVERGED",
                        weight: .warning))
            }
        }
        return result
    }

    /// Beats, ties or loses by the error of predicted shifts, against every baseline.
    private var overallVerdict: (verdict: Reports.Verdict, text: String)? {
        let comparisons = results.evaluation.comparisons.filter { $0.metric == Metric.error.name }
        guard let closest = comparisons.min(by: { $0.baselineValue < $1.baselineValue }) else { return nil }
        let verdict: Reports.Verdict =
            comparisons.allSatisfy { $0.verdict == .beats }
            ? .beats : comparisons.contains { $0.verdict == .loses } ? .loses : .ties
        let subject =
            results.quality.heldOut.isEmpty
            ? "On cells kept aside" : "On \(results.evaluation.heldOut.count) held-out perturbations"
        return (
            verdict,
            "\(subject) the error of predicted shifts (root mean square) is \(number(closest.model)); the best baseline, "
                + "\(closest.baseline), has \(number(closest.baselineValue)) (gain \(number(closest.gain)) "
                + "[\(number(closest.lower)), \(number(closest.upper))])."
        )
    }

    // MARK: Closing words

    private var limits: [String] {
        var sentences = [
            "Edges and targets are probabilities under a linear model without hidden confounders or feedback; they are reasons "
                + "for an experiment, not its result.",
            "Intervals cover the uncertainty of graph, targets and seeds within the model, not the ways in which the model "
                + "itself is wrong.",
            "Genes outside of the panel of \(results.screen.genes.count) may carry effects that the network shows as direct.",
        ]
        if !results.model.canPredictUnseen {
            sentences.append(
                "Without features of the perturbations only those of the screen can be predicted, not new ones.")
        }
        if results.evaluation.heldOut.count == 1 || (2...5).contains(results.evaluation.heldOut.count) {
            sentences.append(
                "Only \(results.evaluation.heldOut.count) perturbations were held out: how the model stands to the baselines is "
                    + "known roughly.")
        }
        return sentences
    }

    private var methods: [String] {
        let quality = results.quality
        let fit = results.configuration.fit
        var preparation =
            "Values were taken as \(quality.scaleBefore.rawValue) (\(quality.scaleEvidence)) and analysed as \(quality.scale.rawValue)."
        if let target = quality.targetSum {
            preparation += " Cells were normalised to a total of \(number(target)) and transformed by ln(1 + x)."
        }
        return [
            preparation
                + " Filters, normalisation and the choice of \(quality.genesKept) genes saw training cells only.",
            "Edge probabilities come from \(results.structure.weights) (version \(results.structure.weightsVersion)), a network "
                + "trained on simulated worlds that reads statistics of gene pairs, after AVICI (Lorch et al. 2022).",
            "A generative intervention model (Schneider et al. 2025) with linear mechanisms and \(fit.intervention.rawValue) "
                + "interventions was fitted \(results.model.ensembleSize) times from different seeds; targets were marginalised "
                + "exactly, cycles driven out by the log-determinant constraint (Bello et al. 2022).",
            "Predictions were judged by cells that the model had not seen, against disjoint halves of the controls, beside no "
                + "change, the mean of the training perturbations, and, where features were given, ridge regression and nearest "
                + "neighbours; intervals are paired bootstraps over perturbations.",
        ]
    }

    private var citations: [Citation] {
        [.avici, .gim, .dagma]
            + (results.model.features.contains { $0.hasPrefix("morgan") } ? [.morgan] : [])
            + (results.read.file == "sachs.h5ad" ? [.sachs] : [])
    }

    private var provenance: [ReportFact] {
        [
            ReportFact("interventome", Build.version), ReportFact("input", results.read.file),
            ReportFact("input SHA-256", results.read.sha256), ReportFact("seed", "\(results.configuration.seed)"),
            ReportFact("configuration SHA-256", Fingerprint.of(results.configuration.withoutPaths)),
            ReportFact("weights", "\(results.structure.weights), SHA-256 \(results.structure.weightsSHA256)"),
        ]
    }

    // MARK: Shared words

    func number(_ value: Double) -> String { String(format: "%.3g", value) }

    /// What a shift is, for axes.
    var shiftName: String {
        switch results.quality.scale {
        case .log1p: "shift of the mean, ln(1 + x)"
        case .logIntensity: "shift of the mean, logarithm"
        case .scaled: "shift of the mean, standard deviations"
        case .counts, .intensity: "shift of the mean"
        }
    }

    /// The metrics of an evaluation by the names that the evaluation gives them.
    enum Metric: CaseIterable {
        case error, correlation

        var name: String {
            switch self {
            case .error: "root mean square error of shifts"
            case .correlation: "Pearson correlation of shifts"
            }
        }
        var higherIsBetter: Bool { self == .correlation }
    }
}
