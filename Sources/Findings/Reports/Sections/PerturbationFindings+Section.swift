extension PerturbationFindings {
    public var section: ReportSection {
        let heldOut = perturbations.filter(\.heldOut).count
        let outside = perturbations.filter { $0.outOfSupport != nil }.count
        var lead = "What each of \(perturbations.count.countText) perturbations does, gene by gene, and through what."
        if heldOut > 0 {
            lead += " \(heldOut.countText) of them \(heldOut == 1 ? "was" : "were") held out of training."
        }
        if outside > 0 {
            lead += " \(outside.countText) \(outside == 1 ? "lies" : "lie") outside what the model has seen."
        }
        if perturbations.count > drawnPerturbations {
            lead += " The first \(drawnPerturbations.countText) have figures, the others tables alone."
        }
        let cards = perturbations.enumerated().map { card($0.element, drawn: $0.offset < drawnPerturbations) }
        return ReportSection(title: "Perturbations", lead: lead, blocks: [.cards(cards)])
    }

    private func card(_ finding: PerturbationFinding, drawn: Bool) -> ReportCard {
        var blocks: [ReportBlock] = []
        if let reason = finding.outOfSupport {
            blocks.append(.notice(ReportNotice(reason, code: "OUT_OF_SUPPORT", weight: .warning)))
        }
        blocks += finding.notices.map { .notice($0) }
        if !finding.facts.isEmpty { blocks.append(.facts(finding.facts)) }
        blocks += shiftBlocks(finding, drawn: drawn) + targetBlocks(finding, drawn: drawn)
        blocks += (drawn ? doseBlocks(finding) : []) + mediationBlocks(finding) + counterfactualBlocks(finding)
        if !finding.neighbours.isEmpty {
            blocks.append(
                .table(
                    ReportTable(
                        title: "Nearest perturbations in training",
                        columns: [.text("perturbation"), .number(finding.similarityName)],
                        rows: finding.neighbours.map { [.text($0.name), .share($0.similarity)] })))
        }
        return ReportCard(
            title: finding.name, summary: finding.summary,
            tags: (finding.heldOut ? ["held out"] : []) + (finding.outOfSupport == nil ? [] : ["outside support"]),
            blocks: blocks)
    }

    /// Says in a table's title that rows were left out.
    private func cut(_ count: Int) -> String {
        count > listedGenes ? " (first \(listedGenes.countText) of \(count.countText) genes)" : ""
    }

    private func shiftBlocks(_ finding: PerturbationFinding, drawn: Bool) -> [ReportBlock] {
        guard !finding.shifts.isEmpty else { return [] }
        let shown = finding.shifts.prefix(drawnGenes)
        let likely = Set(finding.targets.filter { $0.probability >= 0.5 }.map(\.gene))
        let figure = BarFigure(
            title: "Predicted shift of \(shown.count) genes: \(finding.name)",
            caption: finding.shifts.contains { $0.observed != nil }
                ? "Diamonds are what was measured." : "Not measured: there is nothing to compare with.",
            axis: shiftName, emphasisName: "attributed target (0.5 or more)",
            bars: shown.map { shift in
                BarFigure.Bar(
                    label: shift.gene, value: shift.predicted.value, lower: shift.predicted.lower,
                    upper: shift.predicted.upper, marker: shift.observed, emphasised: likely.contains(shift.gene))
            }, hasTableBeside: true)
        let names = finding.baselineNames
        let table = ReportTable(
            title: "Shifts beside the baselines" + cut(finding.shifts.count),
            columns: [.text("gene"), .number("predicted"), .number("observed")] + names.map { .number($0) },
            rows: finding.shifts.prefix(listedGenes).map { shift in
                let baselines = names.indices.map {
                    ReportTable.Cell.number($0 < shift.baselines.count ? shift.baselines[$0] : .nan)
                }
                return [.text(shift.gene), .estimate(shift.predicted), .number(shift.observed ?? .nan)] + baselines
            })
        return [.heading("Shift")] + (drawn ? [.figure(.bars(figure))] : []) + [.table(table)]
    }

    private func targetBlocks(_ finding: PerturbationFinding, drawn: Bool) -> [ReportBlock] {
        guard !finding.targets.isEmpty else { return [] }
        let hasKnown = finding.targets.contains { $0.known != nil }
        let figure = DotFigure(
            title: "Attributed targets: \(finding.name)", axis: "probability", series: ["probability"],
            rows: finding.targets.prefix(drawnGenes).map {
                .init(label: $0.gene, values: [Estimate($0.probability)])
            }, range: [0, 1], hasTableBeside: true)
        let table = ReportTable(
            title: "Targets attributed by the model" + cut(finding.targets.count),
            columns: [
                .text("gene"), .number("probability"), .number("share of draws"), .number("direct effect"),
                .number("shift that goes with it"),
            ] + (hasKnown ? [.text("known target")] : []),
            rows: finding.targets.prefix(listedGenes).map { target in
                [
                    .text(target.gene), .share(target.probability),
                    target.agreement.map { .share($0) } ?? .number(.nan), .number(target.effect ?? .nan),
                    target.attributed.map { .estimate($0) } ?? .number(.nan),
                ]
                    + (hasKnown ? [.text(target.known.map { $0 ? "yes" : "no" } ?? "–")] : [])
            })
        return [.heading("Targets attributed by the model")] + (drawn ? [.figure(.dots(figure))] : [])
            + [
                .paragraph(
                    "Genes on which the model has to intervene for what was measured, or for what the features say; "
                        + "nothing shows that the perturbation touches their products. The last number is the root mean "
                        + "square over genes of what is lost of the shift without the intervention."),
                .table(table),
            ]
    }

    private func doseBlocks(_ finding: PerturbationFinding) -> [ReportBlock] {
        let shown = finding.doseResponses.prefix(drawnDoseResponses)
        guard !shown.isEmpty else { return [] }
        let unit = finding.doseUnit.isEmpty ? "dose" : "dose (\(finding.doseUnit))"
        let figures = shown.map { response in
            ReportFigure.lines(
                LineFigure(
                    title: "\(response.gene) over doses of \(finding.name)", horizontalAxis: unit,
                    verticalAxis: shiftName, logarithmicX: true,
                    series: [.init(name: "predicted", points: response.predicted)]
                        + (response.observed.isEmpty
                            ? [] : [.init(name: "observed", points: response.observed, joined: false)]),
                    small: true))
        }
        return [.heading("Dose–response"), .gallery(figures)]
    }

    private func mediationBlocks(_ finding: PerturbationFinding) -> [ReportBlock] {
        guard !finding.mediations.isEmpty else { return [] }
        let table = ReportTable(
            title: "Direct and mediated parts of the shift" + cut(finding.mediations.count),
            columns: [
                .text("gene"), .number("total"), .number("direct"), .number("mediated"),
                .number("of like treatments"), .number("unexplained"),
                .text("arrives from"),
            ],
            rows: finding.mediations.prefix(listedGenes).map {
                [
                    .text($0.gene), .number($0.total), .estimate($0.direct), .estimate($0.mediated),
                    .number($0.residual), .number($0.unexplained),
                    .text($0.via.isEmpty ? "–" : $0.via.joined(separator: ", ")),
                ]
            })
        let method = finding.mediationMethod.isEmpty ? "" : " Here: \(finding.mediationMethod)"
        return [
            .heading("Why: direct and mediated"),
            .paragraph(
                "Each intervention was switched off in the model and the prediction made again. What a gene loses without "
                    + "its own is direct, what it loses without those of others arrives from them along the network; what "
                    + "no intervention makes is told from treatments that are alike, and what the parts leave over stays "
                    + "unexplained." + method), .table(table),
        ] + pathBlocks(finding)
    }

    private func pathBlocks(_ finding: PerturbationFinding) -> [ReportBlock] {
        guard !finding.paths.isEmpty else { return [] }
        return [
            .table(
                ReportTable(
                    title: "The strongest paths from targets to genes",
                    columns: [.text("path"), .number("product of effects"), .number("share of graphs")],
                    rows: finding.paths.prefix(listedGenes).map {
                        [.text($0.genes.joined(separator: " → ")), .number($0.effect), .share($0.probability)]
                    }))
        ]
    }
}
