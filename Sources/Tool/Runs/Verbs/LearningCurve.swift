import AnnotatedData
import Foundation
import Pretraining
import Reports

/// How a training went, beside its weights: `NAME.history.tsv` and, drawn from it, `NAME.learning.svg`.
struct LearningCurve {
    private let base: String

    init(beside weights: String) { base = URL(fileURLWithPath: weights).deletingPathExtension().path }

    func write(_ history: [TrainingRecord]) throws {
        try OutputFile.write(history.table, to: base + ".history.tsv")
        try OutputFile.write(Self.sheet(history).svg, to: base + ".learning.svg")
    }

    func write(_ history: [MechanismTrainingRecord]) throws {
        try OutputFile.write(history.table, to: base + ".history.tsv")
        try OutputFile.write(Self.sheet(history).svg, to: base + ".learning.svg")
    }

    func write(_ history: [FixedPointTrainingRecord]) throws {
        try OutputFile.write(history.table, to: base + ".history.tsv")
        try OutputFile.write(Self.sheet(history).svg, to: base + ".learning.svg")
    }

    /// The loss, and for each kind of worlds the average precision beside that of a random ranking.
    static func sheet(_ history: [TrainingRecord]) -> FigureSheet {
        let last = history.last?.validation ?? []
        // What stands before a comma is the kind: with and without interventions share a figure.
        func kind(_ domain: String) -> String { domain.split(separator: ",").first.map(String.init) ?? domain }
        let ranked = last.filter { $0.prevalence > 0 }
        var kinds: [String] = []
        for one in ranked where !kinds.contains(kind(one.domain)) { kinds.append(kind(one.domain)) }
        let axis = Axis(worlds: history.map(\.worlds))
        func series(_ name: String, _ value: (TrainingRecord) -> Double?) -> LineFigure.Series {
            axis.series(name, history.map(value))
        }
        let loss = axis.figure(
            "loss in training", vertical: "cross-entropy", [series("all worlds") { $0.loss }])
        let domains = kinds.map { name in
            let members = ranked.filter { kind($0.domain) == name }
            var result = axis.figure(
                name, vertical: "average precision",
                [series("at random") { _ in members[0].prevalence }]
                    + members.map { member in
                        let rest = member.domain.dropFirst(name.count).drop { ", ".contains($0) }
                        return series(rest.isEmpty ? name : String(rest)) { record in
                            record.validation.first { $0.domain == member.domain }?.averagePrecision
                        }
                    })
            result.verticalRange = 0...1
            return result
        }
        return axis.sheet(steps: history.last?.step, [loss] + domains)
    }

    /// The error in training, and for each kind of worlds that of the mechanisms.
    static func sheet(_ history: [MechanismTrainingRecord]) -> FigureSheet {
        let axis = Axis(worlds: history.map(\.worlds))
        let training = axis.figure(
            "error in training", vertical: "standard deviations", [axis.series("all worlds", history.map(\.error))])
        let domains = (history.last?.validation ?? []).map { last in
            // Least squares, which training does not change, would stretch the axis.
            let title = "\(last.domain) (least squares \(String(format: "%.3f", last.leastSquaresError)))"
            let errors = history.map { $0.validation.first { $0.domain == last.domain }?.error }
            return axis.figure(title, vertical: "standard deviations", [axis.series(last.domain, errors)])
        }
        return axis.sheet(steps: history.last?.step, [training] + domains)
    }

    /// The loss in training, and for each kind of worlds the error of the mechanisms by either network.
    static func sheet(_ history: [FixedPointTrainingRecord]) -> FigureSheet {
        let axis = Axis(worlds: history.map(\.worlds))
        let training = axis.figure(
            "loss in training", vertical: "standard deviations", [axis.series("all worlds", history.map(\.loss))])
        let domains = (history.last?.validation ?? []).map { last in
            let records = history.map { $0.validation.first { $0.domain == last.domain } }
            return axis.figure(
                last.domain, vertical: "standard deviations",
                [
                    axis.series("encoder, in context", records.map { $0?.encoderError }),
                    axis.series("decoder", records.map { $0?.error }),
                ])
        }
        return axis.sheet(steps: history.last?.step, [training] + domains)
    }

    /// The worlds that were seen at each record.
    private struct Axis {
        let worlds: [Int]

        func series(_ name: String, _ values: [Double?]) -> LineFigure.Series {
            LineFigure.Series(
                name: name,
                points: zip(worlds, values).compactMap { worlds, value in
                    value.map { LineFigure.Point(x: Double(worlds), y: $0) }
                })
        }

        func figure(_ title: String, vertical: String, _ series: [LineFigure.Series]) -> LineFigure {
            // Between two powers of ten a logarithmic axis would have no numbers.
            let isLong = (worlds.last ?? 0) >= 100 * (worlds.first ?? 1)
            return LineFigure(
                title: title, horizontalAxis: "worlds seen", verticalAxis: vertical, logarithmicX: isLong,
                series: series, small: true)
        }

        func sheet(steps: Int?, _ figures: [LineFigure]) -> FigureSheet {
            let seen =
                steps.map { "\(counted(worlds.last!, "world", "worlds")) in \(counted($0, "step", "steps"))" }
                ?? "no validation yet"
            return FigureSheet(
                title: "Learning curve", caption: "\(seen); validation on fixed worlds that training does not meet",
                figures: figures)
        }
    }
}
