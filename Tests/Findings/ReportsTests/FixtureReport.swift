import Foundation
import Reports

/// A report with invented values of a realistic shape: twelve drugs, 24 genes, four doses.
enum FixtureReport {
    static let genes = [
        "MYC", "TP53", "CDKN1A", "MDM2", "CCND1", "E2F1", "JUN", "FOS", "ATF3", "HMOX1", "NFKB1", "RELA", "STAT3",
        "IL6", "HIF1A", "VEGFA", "SREBF2", "HMGCR", "LDLR", "HSPA1A", "HSP90AA1", "DDIT3", "ERN1", "XBP1",
    ]
    static let drugs = [
        "Vorinostat", "Trametinib", "Dasatinib", "Bortezomib", "Nutlin-3a", "JQ1", "Simvastatin",
        "TNF-α <10 ng/ml> & IL-1β",
        "Tanespimycin (17-AAG, an HSP90 inhibitor of the ansamycin class)", "Thapsigargin", "DMOG", "Ruxolitinib",
    ]
    static let pairs: [(String, String, Double, Double)] = [
        ("TP53", "CDKN1A", 0.98, 1.4), ("TP53", "MDM2", 0.97, 1.1), ("MDM2", "TP53", 0.55, -0.7),
        ("MYC", "CCND1", 0.91, 0.6), ("CDKN1A", "E2F1", 0.88, -0.9), ("E2F1", "CCND1", 0.61, 0.3),
        ("JUN", "ATF3", 0.84, 0.8), ("FOS", "ATF3", 0.71, 0.4), ("NFKB1", "IL6", 0.93, 1.2), ("RELA", "IL6", 0.95, 1.5),
        ("IL6", "STAT3", 0.79, 0.7), ("STAT3", "MYC", 0.66, 0.4), ("HIF1A", "VEGFA", 0.96, 1.3),
        ("SREBF2", "HMGCR", 0.97, 1.2), ("SREBF2", "LDLR", 0.94, 1.0), ("HSP90AA1", "HSPA1A", 0.86, -1.1),
        ("ERN1", "XBP1", 0.9, 0.9), ("XBP1", "DDIT3", 0.63, 0.5), ("ATF3", "DDIT3", 0.74, 0.6),
        ("MYC", "HIF1A", 0.52, 0.2), ("DDIT3", "CCND1", 0.58, -0.4), ("STAT3", "FOS", 0.69, 0.5),
        ("HMOX1", "NFKB1", 0.54, -0.3), ("RELA", "HIF1A", 0.57, 0.3),
    ]

    /// A number between 0 and 1 that depends on its index alone.
    static func noise(_ index: Int) -> Double {
        let value = sin(Double(index) * 12.9898 + 4.1) * 43758.5453
        return value - floor(value)
    }

    static var network: NetworkFindings {
        var edges = pairs.enumerated().map { index, pair in
            NetworkEdge(
                source: pair.0, target: pair.1, probability: pair.2, effect: pair.3,
                standing: index % 7 == 6 ? .extra : .recovered)
        }
        edges.append(NetworkEdge(source: "JUN", target: "CCND1", probability: 0.12, standing: .missed))
        edges.append(NetworkEdge(source: "HIF1A", target: "HMOX1", probability: 0.08, standing: .missed))
        var matrix = genes.indices.map { row in
            genes.indices.map { row == $0 ? 0 : noise(row * 24 + $0) * noise(row * 31 + $0 * 7) * 0.25 }
        }
        for edge in edges {
            guard let row = genes.firstIndex(of: edge.source), let column = genes.firstIndex(of: edge.target) else {
                continue
            }
            matrix[row][column] = edge.probability
        }
        return NetworkFindings(
            genes: genes, edges: edges, probabilities: matrix, targets: ["TP53", "HSP90AA1", "SREBF2", "RELA", "MYC"],
            truthName: "the planted network",
            scores: [
                ReportFact("precision of edges", "0.88"), ReportFact("recall of edges", "0.91"),
                ReportFact("area under precision–recall", "0.86", note: "chance 0.04"),
                ReportFact("structural Hamming distance", "5"),
            ])
    }

    static func perturbation(_ index: Int) -> PerturbationFinding {
        let name = drugs[index]
        let heldOut = index % 3 == 1
        let shifts = genes.prefix(18).enumerated().map { row, gene -> PerturbationFinding.Shift in
            let value = (1.9 - Double(row) * 0.1) * (noise(row * 3 + index) > 0.42 ? 1 : -1)
            let width = 0.15 + 0.2 * noise(row + index * 5)
            return .init(
                gene: gene, predicted: Estimate(value, lower: value - width, upper: value + width),
                observed: index == 3 ? nil : value + (noise(row * 11 + index) - 0.5) * 0.6,
                baselines: [0, value * 0.4, value * 0.7 + 0.1, value * 0.6])
        }
        let doses = [10.0, 100, 1000, 10000]
        let responses = genes.prefix(6).enumerated().map { row, gene -> PerturbationFinding.DoseResponse in
            let top = 1.8 - 0.45 * Double(row)
            let points = doses.map { dose -> LineFigure.Point in
                let y = top * dose / (dose + 300 * (1 + Double(row)))
                return .init(x: dose, y: y, lower: y - 0.18, upper: y + 0.18)
            }
            let seen = points.enumerated().map {
                LineFigure.Point(x: $0.element.x, y: $0.element.y + 0.2 * (noise(row * 5 + $0.offset) - 0.5))
            }
            return .init(gene: gene, predicted: points, observed: index == 3 ? [] : seen)
        }
        return PerturbationFinding(
            name: name,
            summary: "raises \(genes[index]) and lowers \(genes[index + 3]), mostly through \(genes[index + 1])",
            heldOut: heldOut,
            outOfSupport: index == 3
                ? "The nearest training drug has a Tanimoto similarity of 0.11; the prediction is an extrapolation."
                : nil,
            facts: [
                ReportFact("cells", count: 412 + 37 * index), ReportFact("doses", count: 4),
                ReportFact("energy distance to controls", number: 3.21 + noise(index)),
                ReportFact("Pearson of shifts", number: 0.62 + 0.3 * noise(index), note: "all genes"),
            ],
            shifts: shifts, baselineNames: ["no change", "mean of training drugs", "ridge", "nearest neighbours"],
            targets: [
                .init(gene: genes[index], probability: 0.94, effect: 1.2, known: true),
                .init(gene: genes[index + 2], probability: 0.58, effect: -0.6, known: false),
                .init(gene: genes[index + 5], probability: 0.21, effect: 0.2), .init(gene: "DDIT3", probability: 0.07),
            ],
            doseUnit: "nM", doseResponses: responses,
            mediations: [
                .init(gene: "CDKN1A", total: 1.7, direct: Estimate(0.2), mediated: Estimate(1.5), via: ["TP53"]),
                .init(
                    gene: "E2F1", total: -1.1, direct: Estimate(0), mediated: Estimate(-1.1), via: ["TP53", "CDKN1A"]),
                .init(gene: "HSPA1A", total: 0.9, direct: Estimate(0.9), mediated: Estimate(0)),
            ],
            distanceName: "Tanimoto distance",
            counterfactual: index == 2
                ? .init(abstention: "no gene is attributed as a target")
                : .init(
                    facts: [ReportFact("intervention applied", "TP53 +1.2", note: "and 2 smaller")],
                    genes: [
                        .init(
                            gene: "CDKN1A", predicted: 1.7, observed: 1.6,
                            shift: Estimate(1.4, lower: 1.1, upper: 1.8), explained: 0.82, up: 0.97, down: 0, low: 0.6,
                            high: 2.1)
                    ], reached: 7),
            neighbours: [
                .init(name: drugs[(index + 1) % 12], distance: 0.59, correlation: 0.83, targets: ["TP53"]),
                .init(name: drugs[(index + 5) % 12], distance: 0.72),
            ])
    }

    static var report: MechanismReport {
        let edges = (0...30).map { Double($0) * 1000 }
        let library = (0..<30).map { Int(2600 * exp(-pow((Double($0) - 9) / 5, 2)) + 40 * noise($0)) }
        let complexity = (0...24).map { Double($0) * 250 }
        let counted = (0..<24).map { Int(3100 * exp(-pow((Double($0) - 11) / 4, 2)) + 30 * noise($0 + 99)) }
        let data = DataFindings(
            cellsRead: 24_318, genesRead: 33_538,
            losses: [
                .init(reason: "fewer than 500 genes", cells: 1_904),
                .init(reason: "over 15 % mitochondrial", cells: 733),
                .init(reason: "several guides or no label", cells: 1_127),
                .init(reason: "seen in fewer than 10 cells", genes: 15_211),
                .init(reason: "not highly variable", genes: 18_303),
            ],
            histograms: [
                HistogramFigure(
                    title: "Library size", caption: "Counts per cell before filtering.", axis: "counts per cell",
                    edges: edges, counts: library, marks: [.init(label: "least", value: 1000)]),
                HistogramFigure(
                    title: "Genes per cell", caption: "Genes with at least one count.", axis: "genes per cell",
                    edges: complexity, counts: counted,
                    marks: [.init(label: "least", value: 500), .init(label: "most", value: 5500)]),
            ],
            perturbations: ["control"] + drugs, doses: ["0", "10 nM", "100 nM", "1 µM", "10 µM"],
            cells: (0..<13).map { row in
                (0..<5).map { column in
                    row == 0
                        ? (column == 0 ? 3_480 : nil)
                        : column == 0
                            ? nil
                            : row == 5 && column == 4
                                ? 12 : 120 + Int(600 * noise(row * 5 + column))
                }
            },
            notices: [
                ReportNotice("Two genes bear the name TBCE; the second is called TBCE-1.", code: "DUPLICATE_NAMES"),
                ReportNotice(
                    "Bortezomib at 10 µM has 12 cells: its shift is uncertain.", code: "FEW_CELLS", weight: .warning),
            ])
        let baselines = ["no change", "mean of training drugs", "ridge", "nearest neighbours"]
        let rows = drugs.enumerated().map { index, drug -> EvaluationFindings.Row in
            let value = 0.55 + 0.35 * noise(index * 3)
            return .init(
                perturbation: drug, model: Estimate(value, lower: value - 0.06, upper: value + 0.05),
                baselineValues: [nil]
                    + [0.2, 0.09, 0.04].enumerated().map { place, less in
                        let other = value - less - 0.2 * (noise(index * 4 + place) - 0.35)
                        return Estimate(other, lower: other - 0.05, upper: other + 0.05)
                    }, verdict: .ties)
        }
        let judged = rows.map { row -> EvaluationFindings.Row in
            var row = row
            let gain = row.model.value - (row.baselineValues.compactMap { $0?.value }.max() ?? 0)
            row.verdict = gain > 0.04 ? .beats : gain < -0.04 ? .loses : .ties
            return row
        }
        let evaluation = EvaluationFindings(
            metric: "Pearson correlation of shifts", higherIsBetter: true, baselines: baselines, rows: judged,
            overall: .init(
                perturbation: "all", model: Estimate(0.74, lower: 0.7, upper: 0.78),
                baselineValues: [
                    nil, Estimate(0.53, lower: 0.48, upper: 0.58), Estimate(0.66, lower: 0.62, upper: 0.7),
                    Estimate(0.69, lower: 0.65, upper: 0.73),
                ], verdict: .beats),
            note:
                "Intervals are 95 % bootstrap intervals over cells; a tie is an interval of the difference that holds 0. "
                + "A prediction of no change has no correlation.")
        let steps = (0..<60).map { Double($0) * 100 }
        let training = TrainingFindings(curves: [
            LineFigure(
                title: "Loss", horizontalAxis: "step", verticalAxis: "negative log-likelihood per cell and gene",
                series: [
                    .init(name: "training", points: steps.map { .init(x: $0, y: 1.1 + 1.4 * exp(-$0 / 900)) }),
                    .init(
                        name: "validation",
                        points: steps.map { .init(x: $0, y: 1.18 + 1.35 * exp(-$0 / 1000) + $0 / 90000) }),
                ], cut: .init(label: "kept", value: 4100)),
            LineFigure(
                title: "Acyclicity", caption: "Zero for a graph without cycles.", horizontalAxis: "step",
                verticalAxis: "h(A)", logarithmicY: true,
                series: [.init(name: "acyclicity", points: steps.map { .init(x: $0, y: 8 * exp(-$0 / 420)) })]),
        ])
        let geneFindings = GeneFindings(
            genes: genes.map { gene in
                .init(
                    name: gene,
                    regulators: pairs.filter { $0.1 == gene }.map {
                        .init(gene: $0.0, probability: $0.2, effect: $0.3)
                    }, hits: [.init(perturbation: drugs[gene.count % 12], probability: 0.9)])
            }, perturbations: drugs,
            posterior: drugs.indices.map { row in
                genes.indices.map { $0 == row ? 0.94 : $0 == row + 2 ? 0.58 : pow(noise(row * 40 + $0), 6) * 0.4 }
            })
        let recovery = RecoveryFindings(
            statement: "11 of 12 planted targets were found among the two most probable genes, and 21 of 23 edges.",
            rows: [
                .init(quantity: "targets of perturbations", planted: "12", found: "11", judgement: "recovered"),
                .init(
                    quantity: "area under precision–recall of edges", planted: "–", found: "0.86 (chance 0.04)",
                    judgement: "recovered"),
                .init(
                    quantity: "half-effective dose, median factor", planted: "1", found: "1.3", judgement: "recovered"),
                .init(quantity: "Hill coefficient of Bortezomib", planted: "2", found: "0.9", judgement: "missed"),
            ])
        return MechanismReport(
            title: "Twelve drugs in MCF-7 cells: what they act on and what follows",
            subtitle: "Screen of 24 genes at four doses, invented for this page",
            summary: [
                "20,554 cells under 12 drugs at four doses were compared with 3,480 control cells; four drugs were held out "
                    + "of training. A causal network of 24 genes was learnt, and for each drug the genes it acts on."
            ], verdict: .beats,
            verdictText: "On held-out drugs the shifts correlate at 0.74 [0.70, 0.78]; the best baseline, nearest "
                + "neighbours, reaches 0.69 [0.65, 0.73].",
            facts: [
                ReportFact("cells", count: 20_554), ReportFact("genes", count: 24), ReportFact("drugs", count: 12),
                ReportFact("control cells", count: 3_480), ReportFact("held-out drugs", count: 4),
                ReportFact("edges, p ≥ 0.5", count: 24),
            ],
            notices: [ReportNotice("Doses were read as nM from the column dose_unit.")],
            sections: [
                data.section, network.section,
                PerturbationFindings(
                    shiftName: "shift of the mean, log1p", perturbations: drugs.indices.map(perturbation)
                )
                .section, geneFindings.section, evaluation.section, training.section, recovery.section,
            ],
            limits: [
                "The network is causal only if no unmeasured gene acts on two measured ones.",
                "Cells are cross-sectional: feedback that settles within a day shows as one direction or none.",
            ],
            methods: [
                "Cells with fewer than 500 genes or more than 15 % mitochondrial counts were dropped; counts were scaled to "
                    + "10,000 per cell and log1p-transformed."
            ],
            citations: [
                ReportCitation(
                    text:
                        "Lorch L, Sussex S, Rothfuss J, Krause A, Schölkopf B. Amortized Inference for Causal Structure "
                        + "Learning. NeurIPS 2022.",
                    bibtex:
                        "@inproceedings{lorch2022avici,\n  title = {Amortized Inference for Causal Structure Learning},"
                        + "\n  author = {Lorch, Lars and Sussex, Scott and Rothfuss, Jonas and Krause, Andreas and "
                        + "Sch{\\\"o}lkopf, Bernhard},\n  booktitle = {NeurIPS},\n  year = {2022}\n}")
            ],
            provenance: [
                ReportFact("version", "0.1.0"), ReportFact("seed", "0"),
                ReportFact("input", "screen.h5ad", note: "sha256 9f2c…e1"),
                ReportFact("options", "fit.steps = 6000, fit.batchSize = 256"),
            ])
    }
}
