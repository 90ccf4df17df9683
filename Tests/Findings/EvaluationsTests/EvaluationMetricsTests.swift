import Foundation
import Matrices
import Probability
import Screens
import Shifts
import Testing

@testable import Evaluations

/// The metrics beside those of cell-eval, pertpy and papers: `Pipelines/Golden/evaluation_metrics.py`.
@Suite struct EvaluationMetricsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Reference/Golden/Evaluations")

    private static func rows(_ name: String) throws -> [[String]] {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }

    private static func screen(_ file: String) throws -> PerturbationScreen {
        let rows = try rows(file)
        let names = rows.reduce(into: [String]()) { if !$0.contains($1[0]) { $0.append($1[0]) } }
        let genes = rows[0].count - 1
        return PerturbationScreen(
            genes: (0..<genes).map { "g\($0)" },
            expression: Matrix(
                rows: rows.count, columns: genes, values: rows.flatMap { $0.dropFirst().compactMap { Float($0) } }),
            scale: .log1p, contexts: names.map { Context(perturbation: $0, isControl: $0 == "control") },
            contextOfCell: rows.compactMap { names.firstIndex(of: $0[0]) })
    }

    /// The model has the controls of the predicted file, the truth those of the real one; as training serve the cells of the
    /// first three treatments.
    private static func evaluation() throws -> PredictionEvaluation {
        let (real, predicted) = (try screen("real.tsv"), try screen("predicted.tsv"))
        let seen = predicted.subset(cells: predicted.controlCells)
        let first = real.subset(
            cells: real.contextOfCell.indices.filter { (1...3).contains(real.contextOfCell[$0]) })
        let training = PerturbationScreen(
            genes: real.genes,
            expression: Matrix(
                rows: seen.cellCount + first.cellCount, columns: real.genes.count,
                values: seen.expression.values + first.expression.values),
            scale: .log1p, contexts: seen.contexts + first.contexts,
            contextOfCell: seen.contextOfCell + first.contextOfCell.map { $0 + seen.contexts.count })
        let control = seen.expression.columnMeans()
        var answers: [Context: PredictedTreatment] = [:]
        for (place, context) in predicted.contexts.enumerated() where !context.isControl {
            let cells = predicted.expression.selectingRows(predicted.cellsOfContext[place])
            answers[context] = PredictedTreatment(cells: cells, controlMean: control)
        }
        var builder = EvaluationBuilder(comparing: real.expression, seed: 0)
        builder.add(
            PredictionTrial(controls: .shared, training: training, test: real),
            models: [ModelAnswers(name: "peer", predictions: answers)])
        return builder.evaluation()
    }

    @Test("Every metric as the packages and papers have it")
    func golden() throws {
        let found = try Self.evaluation()
        let scores = found.scores.filter { $0.predictor == "peer" }
        var compared: Set<PredictionMetric> = []
        for row in try Self.rows("metrics.tsv") {
            let metric = try #require(PredictionMetric(rawValue: row[1]))
            let expected = try #require(Double(row[2]))
            // As many predicted cells as measured ones are tested for genes, drawn at random, so that no gene is told apart
            // that such an experiment could not tell: held against cell-eval in `genes`.
            if metric.kind == .genes { continue }
            let value =
                row[0] == "all"
                ? found.mean(metric, of: "peer", variant: "shared")
                : scores.first { $0.perturbation == row[0] && $0.metric == metric }?.value
            #expect(abs(try #require(value, "\(row)") - expected) < 1e-9 * max(1, abs(expected)), "\(row)")
            compared.insert(metric)
        }
        #expect(compared.count == 16)
    }

    @Test("Genes told apart, and how well predictions agree, as cell-eval has it")
    func genes() throws {
        let (real, predicted) = (try Self.screen("real.tsv"), try Self.screen("predicted.tsv"))
        func genes(_ screen: PerturbationScreen, _ name: String) throws -> DifferentialGenes {
            let place = try #require(screen.contexts.firstIndex { $0.perturbation == name })
            return DifferentialGenes(
                cells: screen.expression.selectingRows(screen.cellsOfContext[place]),
                controls: screen.expression.selectingRows(screen.controlCells), scale: .log1p)
        }
        var sides: [String: (fold: [Double], adjusted: [Double])] = [:]
        for row in try Self.rows("genes.tsv") {
            sides[row[0] + row[1], default: ([], [])].fold.append(try #require(Double(row[3])))
            sides[row[0] + row[1]]?.adjusted.append(try #require(Double(row[4])))
        }
        var compared = 0
        for (side, screen) in [("real", real), ("predicted", predicted)] {
            for context in screen.contexts where !context.isControl {
                let own = try genes(screen, context.perturbation)
                let expected = try #require(sides[side + context.perturbation])
                for gene in screen.genes.indices {
                    // Means in double precision; of the tail of the normal distribution two implementations share 12 digits.
                    #expect(abs(own.foldChange[gene] - expected.fold[gene]) < 1e-9 * max(1, abs(expected.fold[gene])))
                    #expect(abs(own.adjusted[gene] - expected.adjusted[gene]) < 1e-9)
                }
                compared += 1
            }
        }
        #expect(compared == 12)
        for row in try Self.rows("metrics.tsv") {
            let metric = try #require(PredictionMetric(rawValue: row[1]))
            guard metric.kind == .genes, row[0] != "all" else { continue }
            let value = try genes(predicted, row[0]).scores(against: try genes(real, row[0]))[metric]
            // cell-eval keeps fold changes and p-values in single precision; ranks and counts don't feel it.
            #expect(abs(try #require(value, "\(row)") - (try #require(Double(row[2])))) < 1e-6, "\(row)")
        }
        #expect(try genes(predicted, "drug d").scores(against: genes(real, "drug d")).isEmpty)
    }

    @Test("Half of the cells bound what can be reached, cells of another treatment what must be")
    func references() throws {
        let found = try Self.evaluation()
        #expect(found.references == [PredictionEvaluation.negativeControl, PredictionEvaluation.halves])
        func mean(_ metric: PredictionMetric, _ predictor: String) throws -> Double {
            try #require(found.mean(metric, of: predictor, variant: "shared"))
        }
        for metric in [PredictionMetric.pearson, .discrimination, .rootMeanSquareError] {
            let (ceiling, floor) = (
                metric.loss(try mean(metric, PredictionEvaluation.halves)),
                metric.loss(try mean(metric, PredictionEvaluation.negativeControl))
            )
            #expect(ceiling < floor, "\(metric)")
        }
        #expect(found.comparisons.allSatisfy { !found.references.contains($0.baseline) })
    }

    @Test("The article on metrics defines each of them")
    func article() throws {
        let article = Self.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Findings/Evaluations/Evaluations.docc/Metrics.md")
        let text = try String(contentsOf: article, encoding: .utf8)
        for metric in PredictionMetric.allCases { #expect(text.contains("`\(metric.rawValue)`"), "\(metric)") }
    }

    @Test("A line says that metrics disagree, and by which another treatment's cells do as well")
    func ranking() {
        func mean(_ metric: PredictionMetric, _ predictor: String, _ value: Double) -> PredictionEvaluation.Mean {
            .init(metric: metric, variant: "disjoint", predictor: predictor, value: value, lower: value, upper: value)
        }
        let means = [
            mean(.pearson, "a", 0.5), mean(.pearson, "b", 0.4), mean(.cosine, "a", 0.3), mean(.cosine, "b", 0.2),
            mean(.energyDistance, "a", 2), mean(.energyDistance, "b", 1),
            mean(.energyDistance, PredictionEvaluation.negativeControl, 1.5),
        ]
        let ranking = Ranking(means)
        #expect(
            ranking.note(among: ["a", "b"])
                == "the choice of metric decides who is best: a by 2 (pearson, cosine); b by 1 (energyDistance)")
        #expect(ranking.blindness(of: "b") == nil)
        #expect(
            ranking.blindness(of: "a") == "cells of another treatment are as good as a by 1 metric: energyDistance")
        #expect(
            Ranking(Array(means.prefix(4))).note(among: ["a", "b"])
                == "every metric holds the same predictor for the best, a")
    }
}
