extension PerturbationFindings {
    /// What the control cells would have been, beside what is predicted.
    func counterfactualBlocks(_ finding: PerturbationFinding) -> [ReportBlock] {
        guard let found = finding.counterfactual else { return [] }
        let heading = ReportBlock.heading("What the control cells would have been")
        if let abstention = found.abstention {
            return [heading, .notice(ReportNotice("Not computed: \(abstention).", code: "NO_COUNTERFACTUAL"))]
        }
        let isMeasured = found.genes.contains { $0.observed != nil }
        let left = found.reached - found.genes.count
        let table = ReportTable(
            title: "Measured control cells under the attributed interventions"
                + (left > 0 ? " (first \(found.genes.count.countText) of \(found.reached.countText) genes)" : ""),
            columns: [.text("gene"), .number("cells would shift by"), .number("model predicts")]
                + (isMeasured ? [.number("measured")] : [])
                + [.number("explained"), .number("cells up"), .number("cells down"), .text("change of most cells")],
            rows: found.genes.map { gene in
                [.text(gene.gene), .estimate(gene.shift), .number(gene.predicted)]
                    + (isMeasured ? [.number(gene.observed ?? .nan)] : [])
                    + [
                        .text(gene.explained.map { $0.percentText } ?? "–"), .text(gene.up.percentText),
                        .text(gene.down.percentText),
                        .text("\(gene.low.significantText()) … \(gene.high.significantText())"),
                    ]
            })
        return [
            heading,
            .paragraph(
                "The same cells, not an average: each measured control cell keeps what makes it differ from others, the "
                    + "attributed interventions are applied to it, and the network carries them on. Mechanisms are read off "
                    + "the control cells alone; network and interventions are the model's. Where the two agree, the "
                    + "attributed targets and the network are enough for the shift; what is not explained needs something else."
            ), .facts(found.facts), .table(table),
        ]
    }
}
