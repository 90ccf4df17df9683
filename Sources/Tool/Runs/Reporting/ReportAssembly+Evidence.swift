import Explanations
import Matrices
import Reports

/// What the measured cells say of a perturbation by themselves: plain tests, dose–response, and what is alike.
extension ReportAssembly {
    /// Why targets and parts of a perturbation are not to be relied on: at none of its measured doses a mean moves.
    func weakness(_ doses: [ShiftTable.Treatment]) -> String? {
        let own = doses.compactMap { measured?[$0] }.filter { $0.adjustedP.contains { $0.isFinite } }
        guard !own.isEmpty, own.allSatisfy({ $0.moved == 0 }) else { return nil }
        let cells = own.reduce(0) { $0 + $1.cells }
        return
            "In its \(cells.countText) cells no gene's mean differs from the controls by a plain test at a false discovery "
            + "rate of \(MeasuredShifts.rate.percentText): targets and parts are not claimed, what stands below is what the "
            + "model makes of little."
    }

    func testFacts(_ treatment: ShiftTable.Treatment) -> [ReportFact] {
        guard let measured else { return [] }
        guard let one = measured[treatment] else { return [ReportFact("cells measured", count: 0)] }
        return [
            ReportFact("cells measured", count: one.cells),
            ReportFact(
                "genes that moved", count: one.moved,
                note: "of \(one.adjustedP.count.countText), plain test at a false discovery rate of "
                    + MeasuredShifts.rate.percentText),
        ]
    }

    func tests(_ treatment: ShiftTable.Treatment) -> [PerturbationFinding.Test] {
        guard let measured, let one = measured[treatment] else { return [] }
        return measured.genes.indices.filter { one.adjustedP[$0].isFinite }.map {
            .init(gene: measured.genes[$0], shift: one.shift[$0], adjustedP: one.adjustedP[$0])
        }
    }

    /// The genes that move most, dose by dose, with a Hill curve through what was measured.
    func responses(
        _ rows: [ShiftTable.Row], _ doses: [ShiftTable.Treatment]
    ) -> [PerturbationFinding.DoseResponse] {
        rows.prefix(6).map { row in
            let predicted = doses.compactMap { treatment -> LineFigure.Point? in
                guard let dose = treatment.dose,
                    let one = results.shifts.rows[treatment]?.first(where: { $0.gene == row.gene })
                else { return nil }
                return .init(x: dose, y: one.shift, lower: one.lower, upper: one.upper)
            }
            guard let measured, let gene = measured.genes.firstIndex(of: row.gene) else {
                return .init(gene: row.gene, predicted: predicted)
            }
            let controlError = measured.controlError[gene]
            let means = doses.compactMap { treatment -> HillFit.Measurement? in
                guard let dose = treatment.dose, let one = measured[treatment] else { return nil }
                return .init(dose: dose, shift: one.shift[gene], error: one.error[gene])
            }
            let observed = means.map { mean -> LineFigure.Point in
                let width = Self.ninety * (mean.error * mean.error + controlError * controlError).squareRoot()
                return width.isFinite
                    ? .init(x: mean.dose, y: mean.shift, lower: mean.shift - width, upper: mean.shift + width)
                    : .init(x: mean.dose, y: mean.shift)
            }
            return .init(
                gene: row.gene, predicted: predicted, observed: observed,
                fit: means.isEmpty ? nil : Self.curve(HillFit(means, controlError: controlError)))
        }
    }

    /// Half of a central 90 % interval, in standard errors.
    private static let ninety = 1.645

    private static func curve(_ fit: HillFit) -> PerturbationFinding.HillCurve {
        func estimate(_ parameter: HillFit.Parameter?) -> Estimate? {
            parameter.map { Estimate($0.value, lower: $0.lower, upper: $0.upper) }
        }
        return .init(
            emax: estimate(fit.emax), halfEffectiveDose: estimate(fit.halfEffectiveDose), slope: estimate(fit.slope),
            abstention: fit.abstention, points: fit.curve.map { .init(x: $0.dose, y: $0.shift) })
    }

    /// The nearest by features, and those of which the most alike is predicted.
    /// - Parameter shifts: predicted of every perturbation at its highest dose, genes in one order.
    func neighbours(
        of top: ShiftTable.Treatment, _ explanation: PerturbationExplanation?, among shifts: [String: [Double]]
    ) -> [PerturbationFinding.Neighbour] {
        let trained = Set(results.model.perturbations)
        let near = (explanation?.nearest ?? []).map { ($0.perturbation, $0.distance) }
        let distances = Dictionary(near, uniquingKeysWith: { first, _ in first })
        let own = shifts[top.perturbation] ?? []
        var correlations: [String: Double] = [:]
        for (name, shift) in shifts where name != top.perturbation && trained.contains(name) {
            let correlation = pearsonCorrelation(own, shift)
            if correlation.isFinite { correlations[name] = correlation }
        }
        let alike = correlations.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(5).map(\.key)
        return (near.map(\.0) + alike.filter { distances[$0] == nil }).map { name in
            let targets =
                topTreatments.first { $0.perturbation == name }.flatMap { self.explanation(of: $0) }?.targets
                ?? []
            return .init(
                name: name, distance: distances[name], correlation: correlations[name],
                targets: targets.filter { $0.probability >= 0.5 }.prefix(3).map(\.gene))
        }
    }
}
