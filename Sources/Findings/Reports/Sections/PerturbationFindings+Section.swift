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
            lead += " The \(drawnPerturbations.countText) that move most have figures, the others tables alone."
        }
        let drawn = drawnPlaces
        let cards = perturbations.enumerated().map { card($0.element, drawn: drawn.contains($0.offset)) }
        return ReportSection(title: "Perturbations", lead: lead, blocks: [.cards(cards)], tables: tables)
    }

    /// Those whose shifts are largest, root mean square over the genes shown.
    private var drawnPlaces: Set<Int> {
        func size(_ place: Int) -> Double {
            perturbations[place].shifts.reduce(0) { $0 + $1.predicted.value * $1.predicted.value }
        }
        let sizes = perturbations.indices.map(size)
        let ranked = perturbations.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
        return Set(ranked.prefix(drawnPerturbations))
    }

    private func card(_ finding: PerturbationFinding, drawn: Bool) -> ReportCard {
        var blocks: [ReportBlock] = []
        if let reason = finding.outOfSupport {
            blocks.append(.notice(ReportNotice(reason, code: "OUT_OF_SUPPORT", weight: .warning)))
        }
        if let reason = finding.weakness {
            blocks.append(.notice(ReportNotice(reason, code: "WEAK_EVIDENCE", weight: .warning)))
        }
        blocks += finding.notices.map { .notice($0) }
        if !finding.facts.isEmpty { blocks.append(.facts(finding.facts)) }
        blocks += shiftBlocks(finding, drawn: drawn) + targetBlocks(finding, drawn: drawn)
        blocks += doseBlocks(finding, drawn: drawn) + mediationBlocks(finding, drawn: drawn)
        blocks += counterfactualBlocks(finding) + neighbourBlocks(finding)
        return ReportCard(
            title: finding.name, summary: finding.summary,
            tags: (finding.heldOut ? ["held out"] : []) + (finding.outOfSupport == nil ? [] : ["outside support"])
                + (finding.weakness == nil ? [] : ["weak evidence"]),
            blocks: blocks)
    }

    private func neighbourBlocks(_ finding: PerturbationFinding) -> [ReportBlock] {
        guard !finding.neighbours.isEmpty else { return [] }
        return [
            .heading("Nearest perturbations in training"),
            .table(
                ReportTable(
                    title: "Alike in their features, or in what is predicted of them",
                    columns: [
                        .text("perturbation"), .number("distance of features (\(finding.distanceName))"),
                        .number("correlation of predicted shifts"), .text("attributed targets"),
                    ],
                    rows: finding.neighbours.map {
                        [
                            .text($0.name), .number($0.distance ?? .nan), .number($0.correlation ?? .nan),
                            .text($0.targets.isEmpty ? "–" : $0.targets.joined(separator: ", ")),
                        ]
                    })),
        ]
    }

    /// Says in a table's title that rows were left out.
    func cut(_ count: Int) -> String {
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
        let figures: [ReportBlock] = [.figure(.bars(figure), table: "shifts")] + volcanoBlocks(finding)
        return [.heading("Shift")] + (drawn ? figures : []) + [.table(table)]
    }

    /// What was measured, by how sure it is; words alone where there is no volcano to draw.
    private func volcanoBlocks(_ finding: PerturbationFinding) -> [ReportBlock] {
        guard !finding.tests.isEmpty else { return [] }
        let figure = VolcanoFigure(
            title: "Measured shifts and how sure they are: \(finding.name)",
            caption:
                "Welch's t-test of \(finding.tests.count.countText("gene", "genes")) against the controls, p adjusted "
                + "over all treatments and genes (Benjamini–Hochberg).",
            axis: shiftName,
            genes: finding.tests.map { .init(name: $0.gene, shift: $0.shift, adjustedP: $0.adjustedP) },
            greatestP: discoveryRate)
        return [.figure(.volcano(figure), table: "tests")]
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
                .text("gene"), .number("probability"), .number("share of draws (graphs, seeds)"),
                .number("direct effect"),
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
        let isAttributed = finding.targets.contains { $0.probability >= 0.5 }
        return [.heading("Targets attributed by the model")]
            + (isAttributed
                ? []
                : [
                    .notice(
                        ReportNotice(
                            "No gene is attributed with a probability of one half or more: no target is claimed.",
                            code: "NO_TARGET"))
                ])
            + (drawn ? [.figure(.dots(figure), table: "targets")] : [])
            + [
                .paragraph(
                    "Genes on which the model has to intervene for what was measured, or for what the features say; "
                        + "nothing shows that the perturbation touches their products. The last number is the root mean "
                        + "square over genes of what is lost of the shift without the intervention."),
                .table(table),
            ]
    }
}
