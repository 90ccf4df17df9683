extension PerturbationFindings {
    /// Genes over doses, with the Hill curves through what was measured.
    func doseBlocks(_ finding: PerturbationFinding, drawn: Bool) -> [ReportBlock] {
        let shown = Array(finding.doseResponses.prefix(drawnDoseResponses))
        guard !shown.isEmpty else { return [] }
        let unit = finding.doseUnit.isEmpty ? "dose" : "dose (\(finding.doseUnit))"
        let figures = shown.map { response in
            ReportFigure.lines(
                LineFigure(
                    title: "\(response.gene) over doses of \(finding.name)", horizontalAxis: unit,
                    verticalAxis: shiftName, logarithmicX: true, series: series(of: response), small: true,
                    hasTableBeside: true))
        }
        return [.heading("Dose–response")] + (drawn ? [.gallery(figures, table: "dose_responses")] : [])
            + hillBlocks(shown, finding) + (drawn ? [.table(means(shown, unit))] : [])
    }

    private func series(of response: PerturbationFinding.DoseResponse) -> [LineFigure.Series] {
        var series = [LineFigure.Series(name: "predicted", points: response.predicted)]
        if !response.observed.isEmpty {
            series.append(.init(name: "observed", points: response.observed, joined: false))
        }
        if let fit = response.fit, !fit.points.isEmpty { series.append(.init(name: "Hill fit", points: fit.points)) }
        return series
    }

    private func hillBlocks(
        _ shown: [PerturbationFinding.DoseResponse], _ finding: PerturbationFinding
    ) -> [ReportBlock] {
        let fitted = shown.compactMap { response in response.fit.map { (gene: response.gene, fit: $0) } }
        guard !fitted.isEmpty else { return [] }
        // What stands in the way of all of them is said once.
        let reasons = Set(fitted.map(\.fit.abstention))
        let hasNone = fitted.allSatisfy { $0.fit.points.isEmpty }
        if hasNone, reasons.count == 1, let reason = fitted[0].fit.abstention {
            return [.notice(ReportNotice("No Hill curve was fitted: \(reason).", code: "NO_HILL_FIT"))]
        }
        func cell(_ estimate: Estimate?) -> ReportTable.Cell { estimate.map { .estimate($0) } ?? .number(.nan) }
        let unit = finding.doseUnit.isEmpty ? "" : ", \(finding.doseUnit)"
        return [
            .table(
                ReportTable(
                    title: "Hill curves through the measured shifts (90 % intervals)",
                    columns: [
                        .text("gene"), .number("Emax"), .number("EC50\(unit)"), .number("slope"),
                        .text("what the doses leave open"),
                    ],
                    rows: fitted.map {
                        [
                            .text($0.gene), cell($0.fit.emax), cell($0.fit.halfEffectiveDose), cell($0.fit.slope),
                            .text($0.fit.abstention ?? "–"),
                        ]
                    }))
        ]
    }

    private func means(_ shown: [PerturbationFinding.DoseResponse], _ unit: String) -> ReportTable {
        ReportTable(
            title: "Shifts by dose",
            columns: [.text("gene"), .number(unit), .number("predicted"), .number("observed")],
            rows: shown.flatMap { response in
                response.predicted.map { point in
                    let observed = response.observed.first { $0.x == point.x }
                    return [
                        .text(response.gene), .number(point.x), .estimate(Self.estimate(point)),
                        observed.map { .estimate(Self.estimate($0)) } ?? .number(.nan),
                    ]
                }
            })
    }

    private static func estimate(_ point: LineFigure.Point) -> Estimate {
        Estimate(point.y, lower: point.lower, upper: point.upper)
    }
}
