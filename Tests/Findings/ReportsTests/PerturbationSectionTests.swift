import Testing

@testable import Reports

@Suite struct PerturbationSectionTests {
    private func card(_ finding: PerturbationFinding) -> ReportCard {
        let section = PerturbationFindings(shiftName: "s", perturbations: [finding]).section
        guard case .cards(let cards)? = section.blocks.first else { return ReportCard(title: "", blocks: []) }
        return cards[0]
    }

    private func table(_ title: String, in card: ReportCard) -> ReportTable? {
        card.blocks.lazy.compactMap { if case .table(let table) = $0 { table } else { nil } }
            .first { $0.title.hasPrefix(title) }
    }

    private func notices(_ card: ReportCard) -> [ReportNotice] {
        card.blocks.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    }

    private func response(_ gene: String, _ fit: PerturbationFinding.HillCurve?) -> PerturbationFinding.DoseResponse {
        .init(
            gene: gene, predicted: [.init(x: 1, y: 0.2), .init(x: 10, y: 0.8, lower: 0.6, upper: 1)],
            observed: [.init(x: 10, y: 0.7, lower: 0.5, upper: 0.9)], fit: fit)
    }

    @Test func hillCurvesStandWithTheirIntervalsAndTheirGaps() throws {
        let emax = Estimate(1.2, lower: 1, upper: 1.5)
        let card = card(
            PerturbationFinding(
                name: "x", doseUnit: "nM",
                doseResponses: [
                    response(
                        "a",
                        .init(
                            emax: emax, halfEffectiveDose: Estimate(3, lower: 2, upper: 5), slope: nil,
                            abstention: "the doses do not tell the slope",
                            points: [.init(x: 1, y: 0.1), .init(x: 10, y: 0.9)])),
                    response("b", .init(abstention: "no change over the doses can be told from none")),
                ]))
        let hill = try #require(table("Hill curves", in: card))
        #expect(hill.columns.map(\.title)[2] == "EC50, nM")
        #expect(hill.rows[0].prefix(3) == [.text("a"), .estimate(emax), .estimate(Estimate(3, lower: 2, upper: 5))])
        #expect(hill.rows[0][4] == .text("the doses do not tell the slope"))
        #expect(hill.rows[1][4] == .text("no change over the doses can be told from none"))
        let doses = try #require(table("Shifts by dose", in: card))
        #expect(doses.rows.count == 4)
        #expect(
            doses.rows[1] == [
                .text("a"), .number(10), .estimate(Estimate(0.8, lower: 0.6, upper: 1)),
                .estimate(Estimate(0.7, lower: 0.5, upper: 0.9)),
            ])
        guard
            case .gallery(let figures, "dose_responses")? = card.blocks.first(where: { block in
                if case .gallery = block { true } else { false }
            }), case .lines(let first) = figures[0], case .lines(let second) = figures[1]
        else {
            Issue.record("no gallery of doses")
            return
        }
        #expect(first.series.map(\.name) == ["predicted", "observed", "Hill fit"])
        #expect(second.series.map(\.name) == ["predicted", "observed"])
    }

    /// Where no gene has a curve for one and the same reason, one sentence says so.
    @Test func oneReasonIsSaidOnce() {
        let none = PerturbationFinding.HillCurve(abstention: "measured with an error at 2 doses; a curve takes 3")
        let card = card(
            PerturbationFinding(name: "x", doseResponses: [response("a", none), response("b", none)]))
        #expect(
            notices(card) == [
                ReportNotice(
                    "No Hill curve was fitted: measured with an error at 2 doses; a curve takes 3.", code: "NO_HILL_FIT"
                )
            ])
        #expect(table("Hill curves", in: card) == nil)
    }

    @Test func weakEvidenceIsAWarningAndATag() {
        let card = card(
            PerturbationFinding(
                name: "x", weakness: "No gene moves.", targets: [.init(gene: "a", probability: 0.4)]))
        #expect(card.tags == ["weak evidence"])
        #expect(notices(card).map(\.code) == ["WEAK_EVIDENCE", "NO_TARGET"])
        let sure = self.card(PerturbationFinding(name: "x", targets: [.init(gene: "a", probability: 0.5)]))
        #expect(sure.tags.isEmpty && notices(sure).isEmpty)
    }

    @Test func partsAreDrawnWhereAnInterventionMakesAny() {
        let part = PerturbationFinding.Mediation(
            gene: "c", total: 1, direct: Estimate(0.2), mediated: Estimate(0.5), residual: 0.25, unexplained: 0.05)
        func figures(_ part: PerturbationFinding.Mediation) -> [ReportFigure] {
            card(PerturbationFinding(name: "x", mediations: [part])).blocks.compactMap {
                if case .figure(let figure, "parts") = $0 { figure } else { nil }
            }
        }
        guard case .waterfall(let drawn)? = figures(part).first else {
            Issue.record("no waterfall")
            return
        }
        #expect(drawn.rows == [.init(label: "c", parts: [0.2, 0.5, 0.25, 0.05], total: 1)])
        let likeness = PerturbationFinding.Mediation(
            gene: "c", total: 1, direct: Estimate(0), mediated: Estimate(0), residual: 1)
        #expect(figures(likeness).isEmpty)
        #expect(notices(card(PerturbationFinding(name: "x", mediations: [likeness]))).map(\.code) == ["NO_PARTS"])
    }

    @Test func neighboursAreAlikeInTwoWays() throws {
        let card = card(
            PerturbationFinding(
                name: "x", distanceName: "Tanimoto distance",
                neighbours: [
                    .init(name: "y", distance: 0.3, correlation: 0.9, targets: ["a", "b"]),
                    .init(name: "z", distance: nil, correlation: 0.95),
                ]))
        let found = try #require(table("Alike in their features", in: card))
        #expect(found.columns[1].title == "distance of features (Tanimoto distance)")
        #expect(found.rows[0] == [.text("y"), .number(0.3), .number(0.9), .text("a, b")])
        #expect(found.rows[1][0] == .text("z") && found.rows[1][2] == .number(0.95) && found.rows[1][3] == .text("–"))
    }

    /// Figures go to those that move most, whatever their names.
    @Test func whatMovesMostIsDrawn() {
        let findings = [1.0, 3, 2].enumerated().map { place, size in
            PerturbationFinding(name: "p\(place)", shifts: [.init(gene: "a", predicted: Estimate(-size))])
        }
        let section = PerturbationFindings(shiftName: "s", perturbations: findings, drawnPerturbations: 2).section
        guard case .cards(let cards)? = section.blocks.first else { return }
        let drawn = cards.map { card in card.blocks.contains { if case .figure = $0 { true } else { false } } }
        #expect(drawn == [false, true, true])
        #expect(section.lead.contains("The 2 that move most have figures"))
        // Tables hold those that are not drawn, too.
        #expect(
            section.tables.first { $0.name == "shifts" }?.rows.map { $0[0] } == [.text("p0"), .text("p1"), .text("p2")])
    }
}

@Suite struct GeneSectionTests {
    private func tables(_ gene: GeneFindings.Gene, rows: Int? = nil) -> [ReportTable] {
        let section = GeneFindings(genes: [gene], shiftName: "shift", listedRows: rows).section
        guard case .cards(let cards)? = section.blocks.last else { return [] }
        return cards[0].blocks.compactMap { if case .table(let table) = $0 { table } else { nil } }
    }

    @Test func aGeneShowsWhatActsOnItAndWhatItDoes() {
        let found = tables(
            .init(
                name: "a", regulators: [.init(gene: "r", probability: 0.9, effect: 0.5, agreement: 1)],
                regulated: [.init(gene: "t", probability: 0.7)], hits: [.init(perturbation: "x", probability: 0.8)],
                movers: [
                    .init(
                        perturbation: "y", dose: 3, shift: Estimate(-1, lower: -2, upper: -0.5), observed: -0.9,
                        adjustedP: 0.01)
                ],
                effects: [.init(source: "r", target: "a", evidence: .none, agreement: 1, missing: ["batch"])]))
        #expect(
            found.map(\.title) == [
                "Regulators", "Regulates", "Perturbations that move it",
                "Perturbations with it as a target, attributed by the model", "What hidden causes leave open",
            ])
        #expect(found[1].rows[0].prefix(2) == [.text("t"), .share(0.7)])
        #expect(
            found[2].rows == [
                [.text("y"), .number(3), .estimate(Estimate(-1, lower: -2, upper: -0.5)), .number(-0.9), .number(0.01)]
            ])
        #expect(found[4].rows[0].prefix(2) == [.text("r → a"), .tag("nothing at hand")])
    }

    @Test func longTablesSayWhatTheyLeaveOut() {
        let movers = (0..<7).map { GeneFindings.Mover(perturbation: "p\($0)", shift: Estimate(1)) }
        let found = tables(.init(name: "a", regulators: [], hits: [], movers: movers), rows: 3)
        #expect(found[2].title == "Perturbations that move it (first 3 of 7)")
        #expect(found[2].rows.count == 3)
        // Neither dose nor test is known: no columns of dashes.
        #expect(found[2].columns.map(\.title) == ["perturbation", "shift"])
    }

    /// Without a stated hidden cause the section says what it takes for granted.
    @Test func assumptionIsSaidWhereNothingWasAsked() {
        func words(_ effects: [IdentifiabilityFindings.Effect]) -> Bool {
            GeneFindings(genes: [.init(name: "a", regulators: [], hits: [], effects: effects)]).section.blocks
                .contains { if case .paragraph(let text) = $0 { text.contains("explain.hidden") } else { false } }
        }
        #expect(words([]))
        #expect(!words([.init(source: "a", target: "b", evidence: .observation, agreement: 1)]))
    }
}
