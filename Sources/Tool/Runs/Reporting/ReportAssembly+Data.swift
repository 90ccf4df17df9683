import Foundation
import Interventions
import Reports
import Screens

/// The sections on data, network and fit.
extension ReportAssembly {
    func data(_ run: RunResults.Run) -> DataFindings {
        let quality = run.quality
        let screen = run.screen
        var losses: [DataFindings.Loss] = []
        if quality.cellsUnused > 0 {
            losses.append(.init(reason: "without a label, or filtered by `where`", cells: quality.cellsUnused))
        }
        losses += quality.droppedCells.filter { $0.count > 0 }.map {
            .init(reason: Self.reason($0.option), cells: $0.count)
        }
        losses += quality.droppedGenes.filter { $0.count > 0 }.map {
            .init(reason: Self.reason($0.option), genes: $0.count)
        }
        let names = Set(screen.contexts.map(\.perturbation)).sorted()
        let (doses, columns) = doseColumns(screen.contexts.map(\.dose))
        var cells = names.map { _ in [Int?](repeating: nil, count: doses.count) }
        for (place, members) in screen.cellsOfContext.enumerated() {
            guard let row = names.firstIndex(of: screen.contexts[place].perturbation) else { continue }
            cells[row][columns[place]] = (cells[row][columns[place]] ?? 0) + members.count
        }
        return DataFindings(
            cellsRead: quality.cellsRead, genesRead: quality.genesRead, losses: losses,
            histograms: quality.histograms.map {
                HistogramFigure(
                    title: $0.metric.prefix(1).uppercased() + $0.metric.dropFirst(), axis: $0.metric, counted: "cells",
                    edges: $0.edges, counts: $0.counts, kept: $0.kept,
                    marks: $0.bounds.sorted { $0.key < $1.key }.map { .init(label: $0.key, value: $0.value) })
            }, perturbations: names, doses: doses, cells: cells,
            treatments: quality.treatments.map {
                .init(
                    perturbation: $0.perturbation, dose: doseText($0.dose), cells: $0.cells, counts: $0.counts,
                    genes: $0.genes, mitochondrialPercent: $0.mitochondrialPercent)
            },
            notices: (run.read.inspection.notes + quality.notices).map { ReportNotice($0.message, code: $0.code) })
    }

    /// What an option of preprocessing does, in words.
    private static func reason(_ option: String) -> String {
        switch option {
        case "minGenesPerCell": "fewer genes than minGenesPerCell"
        case "maxGenesPerCell": "more genes than maxGenesPerCell"
        case "minCountsPerCell": "fewer counts than minCountsPerCell"
        case "maxCountsPerCell": "more counts than maxCountsPerCell"
        case "maxMitochondrialPercent": "more mitochondrial than allowed"
        case "minCellsPerGene": "seen in fewer cells than minCellsPerGene"
        case "topGenes": "not among the chosen genes (topGenes)"
        default: option
        }
    }

    /// One column for each dose, or for each power of ten where every perturbation has doses of its own; and of every
    /// treatment its column.
    private func doseColumns(_ doses: [Double?]) -> (names: [String], columns: [Int]) {
        func decade(_ dose: Double) -> Double { pow(10, (log10(dose) + 1e-9).rounded(.down)) }
        let isBinned = Set(doses).count > 12
        let starts = doses.map { dose in dose.map { isBinned && $0 > 0 ? decade($0) : $0 } ?? -1 }
        let distinct = Set(starts).sorted()
        let names = distinct.map { start in
            if start < 0 { return doseText(nil) }
            return isBinned && start > 0 ? "\(doseText(start)) – \(doseText(10 * start))" : doseText(start)
        }
        return (names, starts.map { distinct.firstIndex(of: $0) ?? 0 })
    }

    func doseText(_ dose: Double?) -> String { dose.map { String(format: "%g", $0) } ?? "none" }

    var network: NetworkFindings {
        let model = results.model
        let fitted = model.edgeBeliefs
        let genes = model.genes
        let truth = results.truth?.graph(over: genes)
        var edges: [NetworkEdge] = []
        for edge in fitted.ranked {
            let isTrue = truth.map { $0[edge.source, edge.target] }
            guard edge.probability >= 0.1 || isTrue == true else { continue }
            let standing: NetworkEdge.Standing? = isTrue.flatMap { isTrue in
                edge.probability >= 0.5 ? (isTrue ? .recovered : .extra) : (isTrue ? .missed : nil)
            }
            edges.append(
                NetworkEdge(
                    source: genes[edge.source], target: genes[edge.target], probability: Double(edge.probability),
                    effect: edge.probability >= 0.5 ? model.effect(of: edge.source, on: edge.target) : nil,
                    standing: standing))
        }
        let probabilities = genes.indices.map { source in
            genes.indices.map { Double(fitted[source, $0]) }
        }
        return NetworkFindings(
            genes: genes, edges: edges, probabilities: probabilities, targets: strongTargets,
            truthName: results.truth?.name ?? "", scores: networkScores)
    }

    /// The gene through which each perturbation acts most, where that is probable.
    private var strongTargets: [String] {
        let genes = results.explanations.perturbations.compactMap { explanation in
            explanation.targets.first.flatMap { $0.probability >= 0.5 ? $0.gene : nil }
        }
        return Set(genes).sorted()
    }

    private var networkScores: [ReportFact] {
        guard let recovery = results.recovery else { return [] }
        return [
            ReportFact("true edges", count: recovery.trueEdges, note: recovery.truth),
            ReportFact("found", count: recovery.edgesFound, note: "\(recovery.edgesRight) of them true"),
            ReportFact("average precision, amortised", number: recovery.amortised.averagePrecision),
            ReportFact("average precision, fitted", number: recovery.fitted.averagePrecision),
            ReportFact("at random", number: recovery.fitted.prevalence),
        ]
    }

    var training: TrainingFindings {
        func curve(_ title: String, _ axis: String, _ value: (FitCurvePoint) -> Double?) -> LineFigure {
            LineFigure(
                title: title, horizontalAxis: "point of the training curve", verticalAxis: axis,
                series: results.model.curves.enumerated().map { number, curve in
                    LineFigure.Series(
                        name: "model \(number + 1)",
                        points: curve.enumerated().compactMap { place, point in
                            value(point).map { LineFigure.Point(x: Double(place), y: $0) }
                        })
                })
        }
        let settled = results.model.outcomes.count { if case .converged = $0 { true } else { false } }
        let count = results.model.outcomes.count
        return TrainingFindings(
            curves: results.model.curves.isEmpty
                ? []
                : [
                    curve("Loss", "negative log posterior per cell, nats") { $0.loss },
                    curve("Validation", "log-likelihood of held-out data per cell and gene, nats") { $0.validation },
                    curve("Cycles", "log-determinant measure of cycles") { $0.cycles },
                ],
            facts: [
                ReportFact(
                    "settled", settled == count ? "yes" : settled == 0 ? "no" : "\(settled) of \(count)",
                    note: settled == count ? "further search changed nothing" : "see the warning above")
            ]
                + results.model.diagnostics.map { ReportFact($0.name, number: $0.value, note: $0.note) },
            notices: results.model.brokenEdges.enumerated().flatMap { number, edges in
                edges.map {
                    ReportNotice(
                        "Model \(number + 1): \($0.source) → \($0.target) (probability \(self.number($0.probability))) would "
                            + "have closed a cycle and was left out.", code: "CYCLE_BROKEN")
                }
            })
    }

    var recovery: RecoveryFindings? {
        guard let recovery = results.recovery else { return nil }
        var rows = [
            RecoveryFindings.Row(
                quantity: "edges", planted: "\(recovery.trueEdges)",
                found: "\(recovery.edgesFound), \(recovery.edgesRight) of them right",
                judgement: recovery.fitted.averagePrecision >= 3 * recovery.fitted.prevalence ? "recovered" : "in part")
        ]
        if let targets = recovery.targets {
            rows.append(
                .init(
                    quantity: "strongest target, drugs seen in training", planted: "\(targets.seen)",
                    found: "\(targets.seenRight)",
                    judgement: 3 * targets.seenRight >= 2 * targets.seen ? "recovered" : "in part"))
            if targets.unseen > 0 {
                rows.append(
                    .init(
                        quantity: "strongest target, drugs held out", planted: "\(targets.unseen)",
                        found: "\(targets.unseenRight)",
                        judgement: 3 * targets.unseenRight >= 2 * targets.unseen ? "recovered" : "in part"))
            }
        }
        let isPlanted = recovery.targets != nil
        return RecoveryFindings(
            title: isPlanted ? "The planted truth" : "Beside the known network",
            truthName: isPlanted ? "planted" : "known",
            statement: recovery.lines.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }.joined(separator: " "),
            rows: rows)
    }
}
