import Testing

@testable import Reports

@Suite struct SectionTests {
    private func tables(_ section: ReportSection) -> [ReportTable] {
        section.blocks.compactMap { block -> ReportTable? in
            if case .table(let table) = block { table } else { nil }
        }
    }

    private func figures(_ section: ReportSection) -> [ReportFigure] {
        section.blocks.flatMap { block -> [ReportFigure] in
            switch block {
            case .figure(let figure, _): [figure]
            case .gallery(let figures, _): figures
            default: []
            }
        }
    }

    private func cards(_ section: ReportSection) -> [ReportCard] {
        section.blocks.flatMap { block -> [ReportCard] in
            if case .cards(let cards) = block { cards } else { [] }
        }
    }

    /// 100 − 30 − 5 = 65 cells and 50 − 20 = 30 genes.
    @Test func keptIsReadLessDropped() throws {
        let section = DataFindings(
            cellsRead: 100, genesRead: 50,
            losses: [
                .init(reason: "few genes", cells: 30), .init(reason: "no label", cells: 5),
                .init(reason: "rare", genes: 20),
            ]
        ).section
        #expect(section.lead.contains("65 cells and 30 genes were kept"))
        #expect(tables(section)[0].rows.last == [.text("kept"), .count(65), .count(30)])
        guard case .bars(let cascade) = try #require(figures(section).first) else {
            Issue.record("no cascade")
            return
        }
        #expect(cascade.bars.map(\.start) == [0, 100, 70, 0])
        #expect(cascade.bars.map(\.value) == [100, 70, 65, 65])
    }

    @Test func networkDrawsProbableAndMissedEdges() throws {
        let section = NetworkFindings(
            genes: ["a", "b", "c", "d"],
            edges: [
                .init(source: "a", target: "b", probability: 0.6, standing: .recovered),
                .init(source: "b", target: "c", probability: 0.9, standing: .extra),
                .init(source: "a", target: "d", probability: 0.1, standing: .missed),
                .init(source: "c", target: "d", probability: 0.2),
            ]
        ).section
        #expect(section.lead == "In the fitted model 2 edges among 4 genes have a probability of 0.5 or more.")
        let one = NetworkFindings(
            genes: ["a", "b", "c"], edges: [.init(source: "a", target: "b", probability: 0.6)]
        ).section
        #expect(one.lead == "In the fitted model 1 edge among 3 genes has a probability of 0.5 or more.")
        guard case .network(let small) = try #require(figures(one).first) else { return }
        #expect(small.caption.contains("Not drawn (1 gene without such an edge): c."))
        guard case .network(let network) = try #require(figures(section).first) else {
            Issue.record("no network")
            return
        }
        #expect(network.edges.map(\.target) == ["c", "b", "d"])
        #expect(tables(section)[0].rows.map { $0[2] } == [.share(0.9), .share(0.6), .share(0.2), .share(0.1)])
    }

    @Test func networkStaysWithinItsLimits() throws {
        let genes = (0..<30).map { "g\($0)" }
        let edges = (1..<30).map { NetworkEdge(source: "g0", target: "g\($0)", probability: 1 - Double($0) / 100) }
        let section = NetworkFindings(genes: genes, edges: edges, drawnGenes: 10, drawnEdges: 20, listedEdges: 7)
            .section
        guard case .network(let network) = try #require(figures(section).first) else {
            Issue.record("no network")
            return
        }
        #expect(network.edges.count == 9)
        #expect(network.caption.contains("the 9 most probable of 29"))
        #expect(tables(section)[0].rows.count == 7)
    }

    @Test func verdictsAreCounted() {
        let rows = [Verdict.beats, .beats, .ties, .loses].enumerated().map {
            EvaluationFindings.Row(
                perturbation: "p\($0.offset)", model: Estimate(1), baselineValues: [nil], verdict: $0.element)
        }
        let section = EvaluationFindings(metric: "m", higherIsBetter: false, baselines: ["b"], rows: rows).section
        #expect(section.lead.contains("wins on 2, ties on 1 and loses on 1 of 4"))
        #expect(section.lead.contains("Lower is better"))
    }

    @Test func coverageIsToldInAHundred() throws {
        let rows = [
            CoverageFindings.Row(
                novelty: "its dose", before: 0.71, after: 0.9, scale: 1.6, causalWeight: 0.8, trials: 4000)
        ]
        let section = try #require(CoverageFindings(level: 0.9, rows: rows).section)
        #expect(section.lead.contains("Of a hundred intervals of predicted shifts some 90 should hold"))
        #expect(
            tables(section)[0].rows == [
                [.text("its dose"), .share(0.71), .share(0.9), .number(1.6), .share(0.8), .count(4000)]
            ])
        #expect(CoverageFindings(level: 0.9, rows: []).section == nil)
    }

    @Test func everyBaselineHasItsPairedInterval() {
        let gain = Estimate(0.2, lower: 0.1, upper: 0.3)
        let section = EvaluationFindings(
            metric: "m", higherIsBetter: true, baselines: [], rows: [],
            pairs: [.init(baseline: "ridge", verdict: .beats, model: 0.7, value: 0.5, gain: gain)]
        ).section
        #expect(
            tables(section)[0].rows == [
                [.text("ridge"), .verdict(.beats), .number(0.7), .number(0.5), .estimate(gain)]
            ])
    }

    @Test func partsPathsAndAgreementStandWithAPerturbation() throws {
        let direct = Estimate(0.1, lower: 0.05, upper: 0.15)
        let finding = PerturbationFinding(
            name: "x",
            targets: [.init(gene: "a", probability: 0.9, agreement: 0.8, effect: 2, attributed: Estimate(3))],
            mediations: [
                .init(
                    gene: "c", total: 1, direct: direct, mediated: Estimate(0.7), residual: 0.15, unexplained: 0.05,
                    via: ["a"])
            ], paths: [.init(genes: ["a", "b", "c"], effect: 0.35, probability: 0.75)], mediationMethod: "by hand")
        let card = cards(PerturbationFindings(shiftName: "s", perturbations: [finding]).section)[0]
        let found = tables(ReportSection(title: "", blocks: card.blocks))
        #expect(found.map(\.title).first == "Targets attributed by the model")
        #expect(found[0].rows == [[.text("a"), .share(0.9), .share(0.8), .number(2), .estimate(Estimate(3))]])
        #expect(
            found[1].rows == [
                [
                    .text("c"), .number(1), .estimate(direct), .estimate(Estimate(0.7)), .number(0.15), .number(0.05),
                    .text("a"),
                ]
            ])
        #expect(found[2].rows == [[.text("a → b → c"), .number(0.35), .share(0.75)]])
        #expect(card.blocks.contains { if case .paragraph(let text) = $0 { text.contains("by hand") } else { false } })
    }

    @Test func controlCellsFollowedOrNot() throws {
        var finding = PerturbationFinding(
            name: "x",
            counterfactual: .init(
                facts: [ReportFact("intervention applied", "BTK −1.2")],
                genes: [
                    .init(
                        gene: "MYC", predicted: 1, observed: 0.9, shift: Estimate(0.8, lower: 0.5, upper: 1.1),
                        explained: 0.8, up: 0.95, down: 0, low: 0.2, high: 1.4)
                ], reached: 3))
        func blocks() -> [ReportBlock] {
            cards(PerturbationFindings(shiftName: "s", perturbations: [finding]).section)[0].blocks
        }
        #expect(blocks().contains(.heading("What the control cells would have been")))
        let table = try #require(tables(ReportSection(title: "", blocks: blocks())).last)
        #expect(table.title.contains("first 1 of 3 genes"))
        #expect(
            table.rows == [
                [
                    .text("MYC"), .estimate(Estimate(0.8, lower: 0.5, upper: 1.1)), .number(1), .number(0.9),
                    .text("80\u{202F}%"), .text("95\u{202F}%"), .text("0\u{202F}%"), .text("0.200 … 1.40"),
                ]
            ])
        finding.counterfactual?.genes[0].observed = nil
        #expect(tables(ReportSection(title: "", blocks: blocks())).last?.columns.count == 7)
        finding.counterfactual = .init(abstention: "no gene is attributed")
        #expect(
            blocks().last
                == .notice(ReportNotice("Not computed: no gene is attributed.", code: "NO_COUNTERFACTUAL")))
        finding.counterfactual = nil
        #expect(!blocks().contains(.heading("What the control cells would have been")))
    }

    @Test func unmeasuredPerturbationSaysSo() {
        let finding = PerturbationFinding(
            name: "x", heldOut: true, outOfSupport: "far from all",
            shifts: [.init(gene: "a", predicted: Estimate(1, lower: 0, upper: 2))])
        let card = cards(PerturbationFindings(shiftName: "s", perturbations: [finding]).section)[0]
        #expect(card.tags == ["held out", "outside support"])
        #expect(card.blocks.first == .notice(ReportNotice("far from all", code: "OUT_OF_SUPPORT", weight: .warning)))
        let page = MechanismReport(title: "t", sections: [ReportSection(title: "s", blocks: card.blocks)]).html()
        #expect(page.contains("Not measured: there is nothing to compare with."))
    }

    @Test func laterPerturbationsHaveTablesAlone() {
        let finding = PerturbationFinding(
            name: "x", shifts: (0..<9).map { .init(gene: "g\($0)", predicted: Estimate(1)) })
        let section = PerturbationFindings(
            shiftName: "s", perturbations: [finding, finding], listedGenes: 4, drawnPerturbations: 1
        ).section
        let both = cards(section).map { ReportSection(title: "", blocks: $0.blocks) }
        #expect(both.map { figures($0).count } == [1, 0])
        #expect(both.map { tables($0)[0].rows.count } == [4, 4])
        #expect(tables(both[1])[0].title.contains("first 4 of 9 genes"))
    }

    /// A column whose largest number is 12.3 shows one decimal; a number that this would hide keeps two digits.
    @Test func columnsLineUp() {
        let table = ReportTable(
            title: "t", columns: [.text("a"), .number("b")],
            rows: [[.text("x"), .number(12.34)], [.text("y"), .number(-1)], [.text("z"), .number(0.002)]])
        let cells = PageReader(table.markup().serialized).named("td").map(\.text)
        #expect(cells == ["12.3", "−1.0", "0.0020"])
    }

    @Test func verdictIsInWords() {
        let page = PageReader(MechanismReport(title: "t", verdict: .loses, verdictText: "By far.").html())
        #expect(page.named("p").contains { $0.text.contains("The model loses") && $0.text.contains("By far.") })
    }

    /// The deepest shade of a map of probabilities is 1, whatever the largest of them.
    @Test func shadeOfProbabilitiesIsAbsolute() throws {
        let map = HeatmapFigure(
            title: "t", rowName: "r", columnName: "c", valueName: "p", rows: ["a"],
            columns: (0..<20).map { "\($0)" }, values: [[0.5] + Array(repeating: 0, count: 19)], fullShade: 1)
        let page = PageReader("<svg>" + map.drawing().content.map(\.serialized).joined() + "</svg>")
        // 0.06 for being there and half of the remaining 0.94.
        let shades = page.named("path").compactMap { $0.attributes["stroke-opacity"] }
        #expect(shades == [".53"])
    }
}
