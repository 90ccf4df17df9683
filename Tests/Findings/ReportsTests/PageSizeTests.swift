import Testing

@testable import Reports

/// The bound of the page: 5 MB for 150 drugs on 200 genes, with every table and figure that a run can give.
@Suite struct PageSizeTests {
    private static let genes = (0..<200).map { "GENE\($0)" }

    private static func drug(_ index: Int) -> PerturbationFinding {
        var finding = FixtureReport.perturbation(index % 9)
        finding.name += " \(index)"
        let noise = FixtureReport.noise
        finding.shifts = genes.indices.map { gene in
            let value = noise(index * 200 + gene) - 0.5
            return .init(
                gene: genes[gene], predicted: Estimate(value, lower: value - 0.23, upper: value + 0.31),
                observed: value + 0.017, baselines: [0, value * 0.4, value * 0.7 + 0.1, value * 0.6])
        }
        finding.targets = genes.indices.map { gene in
            let value = noise(index * 201 + gene)
            return .init(
                gene: genes[gene], probability: value, agreement: value * 0.9, effect: value - 0.5,
                attributed: Estimate(value, lower: value - 0.1, upper: value + 0.1))
        }
        finding.mediations = genes.indices.map { gene in
            let value = noise(index * 202 + gene)
            return .init(
                gene: genes[gene], total: value, direct: Estimate(value * 0.3, lower: 0, upper: value * 0.4),
                mediated: Estimate(value * 0.5, lower: 0.1, upper: value), residual: value * 0.11,
                unexplained: value * 0.09, via: [genes[(gene + 7) % 200], genes[(gene + 9) % 200]])
        }
        finding.paths = genes.indices.map { gene in
            .init(
                genes: [genes[gene], genes[(gene + 3) % 200], genes[(gene + 5) % 200]],
                effect: noise(index * 203 + gene) - 0.5, probability: noise(index + gene))
        }
        finding.counterfactual = .init(
            facts: [ReportFact("intervention applied", "GENE1 +1.2", note: "and 2 smaller")],
            genes: (0..<12).map { gene in
                let value = noise(index * 204 + gene)
                return .init(
                    gene: genes[gene], predicted: value, observed: value + 0.1,
                    shift: Estimate(value, lower: value - 0.2, upper: value + 0.2), explained: 0.82, up: 0.97, down: 0,
                    low: value - 0.3, high: value + 0.3)
            }, reached: 200)
        return finding
    }

    private static var largest: MechanismReport {
        let drugs = (0..<150).map(drug)
        let noise = FixtureReport.noise
        let edges = (0..<400).map { index in
            NetworkEdge(
                source: genes[index % 200], target: genes[(index * 7 + 3) % 200], probability: noise(index),
                effect: noise(index + 1) - 0.5)
        }
        let posterior = drugs.indices.map { drug in genes.indices.map { noise(drug * 200 + $0) } }
        let regulators = genes.indices.map { gene in
            GeneFindings.Gene(
                name: genes[gene],
                regulators: (0..<40).map {
                    .init(
                        gene: genes[($0 + gene) % 200], probability: noise($0 + gene), effect: noise($0) - 0.5,
                        agreement: noise($0 + 2))
                },
                hits: (0..<40).map { .init(perturbation: drugs[($0 + gene) % 150].name, probability: noise($0 * gene)) }
            )
        }
        let rows = drugs.enumerated().map { index, drug in
            EvaluationFindings.Row(
                perturbation: drug.name, model: Estimate(noise(index), lower: 0.1, upper: 0.9),
                baselineValues: (0..<4).map { Estimate(noise(index + $0), lower: 0.1, upper: 0.9) }, verdict: .ties)
        }
        return MechanismReport(
            title: "150 drugs on 200 genes",
            sections: [
                DataFindings(
                    cellsRead: 100_000, genesRead: 20_000, perturbations: drugs.map(\.name),
                    doses: ["0.1", "1", "10", "100"],
                    cells: drugs.indices.map { drug in (0..<4).map { Int?(Int(1000 * noise(drug * 4 + $0))) } }
                ).section,
                NetworkFindings(
                    genes: genes, edges: edges,
                    probabilities: genes.indices.map { row in genes.indices.map { noise(row * 200 + $0) } }
                ).section,
                PerturbationFindings(shiftName: "shift of the mean, log1p", perturbations: drugs).section,
                GeneFindings(genes: regulators, perturbations: drugs.map(\.name), posterior: posterior).section,
                EvaluationFindings(
                    metric: "Pearson correlation of shifts", higherIsBetter: true, baselines: ["a", "b", "c", "d"],
                    rows: rows
                ).section,
                ReportSection(
                    title: "A map",
                    blocks: [
                        .figure(
                            .heatmap(
                                HeatmapFigure(
                                    title: "Shifts", rowName: "drug", columnName: "gene", valueName: "shift",
                                    rows: drugs.map(\.name), columns: genes,
                                    values: drugs.map { $0.shifts.map(\.predicted.value) }, scale: .diverging)))
                    ]),
            ])
    }

    @Test func aLargeScreenStaysBelowFiveMegabytes() {
        let page = Self.largest.html()
        #expect(page.utf8.count < 5_000_000, "\(page.utf8.count) bytes")
        // Nothing was saved by leaving drugs or genes out.
        #expect(page.components(separatedBy: "<details class=\"card\"").count - 1 == 350)
    }
}
