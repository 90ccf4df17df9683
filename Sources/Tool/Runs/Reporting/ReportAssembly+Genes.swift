import Explanations
import Reports

extension ReportAssembly {
    /// Gene by gene: its part of the network, and the perturbations that move it.
    var genes: GeneFindings {
        let names = Set(results.shifts.treatments.map(\.perturbation)).sorted()
        var posterior: [String: [String: Double]] = [:]
        for treatment in results.shifts.treatments {
            for row in results.shifts.rows[treatment] ?? [] {
                posterior[treatment.perturbation, default: [:]][row.gene, default: 0] = max(
                    posterior[treatment.perturbation]?[row.gene] ?? 0, row.targetProbability)
            }
        }
        let movers = movers
        let effects = identifiability.effects
        return GeneFindings(
            genes: results.explanations.genes.map { gene in
                .init(
                    name: gene.gene, regulators: gene.regulators.map(Self.regulator),
                    regulated: gene.regulated.map(Self.regulator),
                    hits: names.compactMap { name in
                        let probability = posterior[name]?[gene.gene] ?? 0
                        return probability >= 0.1 ? .init(perturbation: name, probability: probability) : nil
                    }.sorted { $0.probability > $1.probability }, movers: movers[gene.gene] ?? [],
                    effects: effects.filter { $0.source == gene.gene || $0.target == gene.gene })
            }, perturbations: names,
            posterior: names.map { name in results.explanations.genes.map { posterior[name]?[$0.gene] ?? 0 } },
            shiftName: shiftName)
    }

    private static func regulator(_ one: GeneExplanation.Regulator) -> GeneFindings.Regulator {
        .init(gene: one.gene, probability: one.probability, effect: one.effect, agreement: one.agreement)
    }

    /// Of each gene the perturbations that move it at their highest dose: beyond the interval of the prediction, or by the
    /// plain test of what was measured.
    private var movers: [String: [GeneFindings.Mover]] {
        var found: [String: [GeneFindings.Mover]] = [:]
        for top in topTreatments {
            let tests = Dictionary(
                self.tests(top).map { ($0.gene, $0) }, uniquingKeysWith: { first, _ in first })
            for row in results.shifts.rows[top] ?? [] {
                let test = tests[row.gene]
                let isTold = row.lower > 0 || row.upper < 0 || (test?.adjustedP ?? 1) <= MeasuredShifts.rate
                guard isTold else { continue }
                found[row.gene, default: []].append(
                    .init(
                        perturbation: top.perturbation, dose: top.dose,
                        shift: Estimate(row.shift, lower: row.lower, upper: row.upper), observed: test?.shift,
                        adjustedP: test?.adjustedP))
            }
        }
        return found.mapValues { movers in
            movers.sorted { (abs($0.shift.value), $1.perturbation) > (abs($1.shift.value), $0.perturbation) }
        }
    }
}
