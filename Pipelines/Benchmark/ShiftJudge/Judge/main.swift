import Evaluations
import Foundation
import Screens
import ShiftProcesses
import Shifts

// judge FOLDER [TEXT]: the process over treatments beside the baselines, on tasks whose name holds TEXT.

/// How often 90 % intervals held the measured shift, of genes that any cell expresses.
struct Cover {
    private var count = 0
    private var inside = 0

    mutating func add(_ prediction: ShiftPrediction, _ truth: ShiftTable, treatment: Int) {
        for gene in 0..<truth.genes where truth.shifts[treatment, gene] != 0 {
            let error = truth.shifts[treatment, gene] - prediction.mean[gene]
            let variance = prediction.variance[gene] + truth.samplingVariance(treatment: treatment, gene: gene)
            count += 1
            if abs(error) < 1.6449 * variance.squareRoot() { inside += 1 }
        }
    }

    var share: Double { Double(inside) / Double(max(1, count)) }
}

/// Fits every fold and division, and judges them together.
func judge(_ task: Task, folder: String) throws {
    let (screen, split) = try task.read(folder)
    var builder = EvaluationBuilder(comparing: nil, seed: 0)
    var cover = Cover()
    var components: [ShiftComponent] = []
    for fold in Set(split.rows.compactMap(\.testIn)).sorted() {
        for division in 0..<task.divisions {
            let trial = try PredictionTrial(screen, split: split, fold: fold, controls: .disjoint(division))
            let process = try ShiftProcess(screen: trial.training)
            if components.isEmpty { components = process.components }
            let truth = try ShiftTable(trial.test)
            let predicted = try process.predict(truth.contexts, combinations: trial.test.combinations)
            for (treatment, prediction) in predicted.enumerated() {
                cover.add(prediction, truth, treatment: treatment)
            }
            let answers = predicted.map { ($0.context, PredictedTreatment(shift: $0.mean)) }
            let model = ModelAnswers(
                name: "process over treatments", predictions: Dictionary(uniqueKeysWithValues: answers))
            builder.add(trial, models: [model], comparesCells: false)
        }
    }
    print("## \(task.name): 90 % intervals held \(String(format: "%.3f", cover.share))")
    for component in components.prefix(6) {
        print("component\t\(String(format: "%.3f", component.share))\t\(component.name)")
    }
    let evaluation = builder.evaluation()
    let metrics: [PredictionMetric] = [.pearson, .rootMeanSquareError, .discrimination]
    print(
        (["predictor"] + metrics.map(\.rawValue) + metrics.prefix(2).map { "gain in \($0.rawValue)" }).joined(
            separator: "\t"))
    for name in evaluation.models + evaluation.baselines {
        let means = metrics.map { evaluation.mean($0, of: name, variant: "disjoint") }
        guard means[0] != nil else { continue }
        let gains = metrics.prefix(2).map { metric in
            evaluation.comparisons.first { $0.metric == metric && $0.baseline == name && $0.variant == "disjoint" }
                .map { String(format: "%+.4f [%+.4f, %+.4f]", $0.gain, $0.lower, $0.upper) } ?? ""
        }
        print(([name] + means.map { $0.map { String(format: "%.4f", $0) } ?? "" } + gains).joined(separator: "\t"))
    }
    print()
}

guard CommandLine.arguments.count > 1 else {
    FileHandle.standardError.write(Data("usage: judge FOLDER [TEXT]\n".utf8))
    exit(64)
}
let text = CommandLine.arguments.dropFirst(2).first ?? ""
for task in Task.all where text.isEmpty || task.name.contains(text) {
    try judge(task, folder: CommandLine.arguments[1])
}
