import Baselines
import Explanations
import Foundation
import Interventions
import Matrices
import Reports
import Screens
import Shifts

/// What one baseline says of one treatment.
struct BaselineAnswer {
    var name: String
    /// Of every gene.
    var shift: [Double]
}

extension TrainingShifts {
    /// The treatments of a model's fit, each counting alike.
    /// - Parameter features: of perturbations that the fit has not seen, too; nil takes those of the fit.
    init(measuredBy model: any PerturbationModel, features: FeatureTable?) {
        let measured = model.measured
        let nothing = [Double](repeating: 0, count: model.genes.count)
        self.init(
            genes: model.genes.count, contexts: measured.map(\.context), shifts: measured.map(\.shift),
            cells: measured.map { _ in 1 }, controlMeans: measured.map { _ in nothing },
            features: features ?? model.measuredFeatures)
    }
}

/// The sections on perturbations, genes and predictions.
extension ReportAssembly {
    var perturbations: PerturbationFindings {
        let grouped = Dictionary(grouping: results.shifts.treatments, by: \.perturbation).sorted { $0.key < $1.key }
        let tops = topTreatments
        let fitted = FittedBaselines(
            TrainingShifts(measuredBy: results.model, features: results.run?.screen.features)
        ).all
        let baselines = tops.map { top in
            let context = Context(perturbation: top.perturbation, dose: top.dose)
            let question = BaselineQuestion(
                context: context, controlMean: [Double](repeating: 0, count: results.model.genes.count))
            // A perturbation's own training cells say nothing about what the others predict of it.
            return fitted.filter { $0.name != OwnShift.title }.compactMap { baseline in
                baseline.shift(of: question).map { BaselineAnswer(name: baseline.name, shift: $0) }
            }
        }
        let isLarge = grouped.count > 60
        let shifts = Dictionary(
            tops.map { top -> (String, [Double]) in
                let rows = results.shifts.rows[top] ?? []
                let byGene = Dictionary(rows.map { ($0.gene, $0.shift) }, uniquingKeysWith: { first, _ in first })
                return (top.perturbation, results.model.genes.map { byGene[$0] ?? 0 })
            }, uniquingKeysWith: { first, _ in first })
        return PerturbationFindings(
            shiftName: shiftName,
            perturbations: grouped.indices.map { finding(tops[$0], grouped[$0].value, baselines[$0], shifts) },
            discoveryRate: MeasuredShifts.rate, drawnGenes: isLarge ? 10 : 15, drawnDoseResponses: isLarge ? 4 : 6,
            listedGenes: isLarge ? 10 : 30, drawnPerturbations: isLarge ? 30 : 60)
    }

    /// All doses of one perturbation; bars and targets are those of the highest.
    private func finding(
        _ top: ShiftTable.Treatment, _ treatments: [ShiftTable.Treatment], _ beside: [BaselineAnswer],
        _ shifts: [String: [Double]]
    ) -> PerturbationFinding {
        let name = top.perturbation
        let doses = treatments.sorted { ($0.dose ?? 0) < ($1.dose ?? 0) }
        let place = Dictionary(
            results.model.genes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = (results.shifts.rows[top] ?? []).sorted { abs($0.shift) > abs($1.shift) }
        let observed = measured?.byGene(top)
        let explanation = explanation(of: top)
        let unit = results.model.contexts.compactMap(\.doseUnit).first ?? ""
        let posterior = posterior(of: top)
        let isHeldOut = results.run?.quality.heldOut.contains(name) ?? false
        let known = results.model.knownTargets[name]
        let targets = rows.sorted { abs($0.directEffect) > abs($1.directEffect) }
            .filter { $0.targetProbability >= 0.05 }.prefix(10)
        let attributed = Dictionary(
            (explanation?.targets ?? []).map { ($0.gene, $0) }, uniquingKeysWith: { first, _ in first })
        let explained = (explanation?.genes ?? []).prefix(10)
        let weakness = weakness(doses)
        return PerturbationFinding(
            name: name, summary: summary(rows, explanation, isWeak: weakness != nil),
            heldOut: isHeldOut,
            outOfSupport: explanation?.isOutOfSupport == true
                ? "Its features are farther from every measured perturbation than these are from each other." : nil,
            weakness: weakness,
            facts: doseFacts(top, unit, explanation) + testFacts(top)
                + standing(rows, observed, beside, isHeldOut: isHeldOut),
            dose: top.dose,
            shifts: rows.prefix(20).map { row in
                .init(
                    gene: row.gene, predicted: Estimate(row.shift, lower: row.lower, upper: row.upper),
                    observed: observed?[row.gene],
                    baselines: beside.map { baseline in
                        place[row.gene].map { baseline.shift[$0] } ?? .nan
                    })
            }, baselineNames: beside.map(\.name),
            targets: targets.map {
                let gone = attributed[$0.gene]
                return .init(
                    gene: $0.gene, probability: posterior[$0.gene] ?? $0.targetProbability,
                    agreement: $0.targetProbability, effect: $0.directEffect,
                    attributed: gone.map { interval($0.attributed, $0.attributedError) },
                    known: known.map { [gene = $0.gene] in $0.contains(gene) } ?? planted(name, hits: $0.gene))
            }, doseUnit: unit, doseResponses: doses.count > 1 ? responses(rows, doses) : [],
            mediations: explained.map { gene in
                .init(
                    gene: gene.gene, total: gene.shift, direct: interval(gene.direct, gene.directError),
                    mediated: interval(gene.mediated, gene.mediatedError), residual: gene.residual,
                    unexplained: gene.unexplained,
                    via: Self.sources(of: gene).map(\.target))
            },
            paths: explained.flatMap { Self.sources(of: $0).flatMap(\.paths) }.map {
                .init(genes: $0.genes, effect: $0.effect, probability: $0.probability)
            },
            mediationMethod: explanation.map { "\($0.method). \($0.basis)" } ?? "", tests: tests(top),
            distanceName: explanation?.distanceName ?? "distance",
            counterfactual: counterfactual(top, observed),
            neighbours: neighbours(of: top, explanation, among: shifts),
            notices: rows.isEmpty ? [ReportNotice("Nothing was predicted.")] : [])
    }

    /// What arrives from other genes and is a tenth of the gene's shift or more.
    private static func sources(
        of gene: PerturbationExplanation.GeneShift
    ) -> [PerturbationExplanation.GeneShift.Contribution] {
        gene.from.filter { abs($0.value) >= 0.1 * abs(gene.shift) }
    }

    /// With its Monte-Carlo error, where there is one.
    private func interval(_ value: Double, _ error: Double) -> Estimate {
        error > 0 ? Estimate(value, lower: value - error, upper: value + error) : Estimate(value)
    }

    /// How probable each gene is as a target after the cells of the treatment were seen; empty for one that was not.
    private func posterior(of treatment: ShiftTable.Treatment) -> [String: Double] {
        let place = results.model.contexts.firstIndex {
            $0.perturbation == treatment.perturbation && $0.dose == treatment.dose
        }
        let targets = place.flatMap { try? results.model.targets(ofMeasured: $0) } ?? []
        return Dictionary(targets.map { ($0.gene, $0.posterior) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether the gene is a planted target; nil where no truth is known.
    private func planted(_ name: String, hits gene: String) -> Bool? {
        guard case .planted(let truth)? = results.truth else { return nil }
        return truth.drugs.first { $0.name == name }.map { $0.targets.contains { $0.gene == gene } }
    }

    private func summary(
        _ rows: [ShiftTable.Row], _ explanation: PerturbationExplanation?, isWeak: Bool
    ) -> String {
        let clear = rows.filter { $0.lower > 0 || $0.upper < 0 }
        let named = clear.isEmpty ? Array(rows.prefix(1)) : clear
        var parts: [String] = []
        if let raised = named.first(where: { $0.shift > 0 }) { parts.append("raises \(raised.gene)") }
        if let lowered = named.first(where: { $0.shift < 0 }) { parts.append("lowers \(lowered.gene)") }
        guard !parts.isEmpty else { return "no shift is predicted" }
        let isExplained = (explanation?.causalShare ?? 0) > 0
        let attributed = isWeak ? nil : explanation?.targets.first { $0.probability >= 0.5 }
        let through =
            attributed.map {
                isExplained ? ", attributed mostly to \($0.gene)" : ", told from likeness to measured treatments alone"
            } ?? ""
        return (clear.isEmpty ? "perhaps " : "") + parts.joined(separator: " and ") + through
    }

    /// How the prediction stands to the best baseline, by the root mean square error over genes beside what was measured.
    private func standing(
        _ rows: [ShiftTable.Row], _ observed: [String: Double]?, _ baselines: [BaselineAnswer],
        isHeldOut: Bool
    ) -> [ReportFact] {
        guard let observed, !rows.isEmpty else { return [] }
        let genes = results.model.genes
        func error(_ shifts: [(gene: String, shift: Double)]) -> Double {
            let squares = shifts.map { one in
                let miss = one.shift - (observed[one.gene] ?? 0)
                return miss * miss
            }
            return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
        }
        let model = error(rows.map { ($0.gene, $0.shift) })
        let others = baselines.map { (name: $0.name, error: error(Array(zip(genes, $0.shift)))) }
        guard let best = others.min(by: { $0.error < $1.error }) else { return [] }
        let verdict = verdict(model, [best.error], .rootMeanSquareError)
        return [
            ReportFact(
                "beside the baselines", verdict.rawValue,
                note: "error \(number(model)); \(best.name) \(number(best.error))"
                    + (isHeldOut ? "" : "; seen in training"))
        ]
    }

    private func doseFacts(
        _ top: ShiftTable.Treatment, _ unit: String, _ explanation: PerturbationExplanation?
    ) -> [ReportFact] {
        var facts: [ReportFact] = []
        if let dose = top.dose { facts.append(ReportFact("dose shown", "\(doseText(dose)) \(unit)")) }
        if let half = explanation?.halfEffectiveDose {
            facts.append(ReportFact("half-effective dose", "\(number(half)) \(unit)"))
        }
        if let slope = explanation?.hillSlope { facts.append(ReportFact("Hill slope", number(slope))) }
        return facts
    }
}
