extension PerturbationFindings {
    /// What of a shift is direct, mediated, told from likeness, and unexplained.
    func mediationBlocks(_ finding: PerturbationFinding, drawn: Bool) -> [ReportBlock] {
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
                    + "unexplained." + method),
        ] + (drawn ? waterfall(finding) : []) + [.table(table)] + pathBlocks(finding)
    }

    private func waterfall(_ finding: PerturbationFinding) -> [ReportBlock] {
        guard finding.mediations.contains(where: { $0.direct.value != 0 || $0.mediated.value != 0 }) else {
            return [
                .notice(
                    ReportNotice(
                        "No part of these shifts comes from an intervention: there is nothing to take apart.",
                        code: "NO_PARTS"))
            ]
        }
        let shown = finding.mediations.prefix(drawnWaterfalls)
        return [
            .figure(
                .waterfall(
                    WaterfallFigure(
                        title: "What \(shown.count.countText("shift is", "shifts are")) made of: \(finding.name)",
                        caption: "Every bar begins where the one above it ended.", axis: shiftName,
                        parts: ["direct", "mediated", "of like treatments", "unexplained"],
                        totalName: "predicted shift",
                        rows: shown.map {
                            .init(
                                label: $0.gene,
                                parts: [$0.direct.value, $0.mediated.value, $0.residual, $0.unexplained],
                                total: $0.total)
                        }, hasTableBeside: true)), table: "parts")
        ]
    }

    /// Rows of a waterfall are four bars high.
    private var drawnWaterfalls: Int { max(1, drawnGenes / 2) }

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
