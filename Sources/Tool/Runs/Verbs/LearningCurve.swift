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

    /// The loss, and for each kind of worlds the average precision beside that of a random ranking.
    static func sheet(_ history: [TrainingRecord]) -> FigureSheet {
        let last = history.last?.validation ?? []
        // What stands before a comma is the kind: with and without interventions share a figure.
        func kind(_ domain: String) -> String { domain.split(separator: ",").first.map(String.init) ?? domain }
        let ranked = last.filter { $0.prevalence > 0 }
        var kinds: [String] = []
        for one in ranked where !kinds.contains(kind(one.domain)) { kinds.append(kind(one.domain)) }
        let places = history.map { Double($0.worlds) }
        // Between two powers of ten a logarithmic axis would have no numbers.
        let isLong = (places.last ?? 0) >= 100 * (places.first ?? 1)
        func figure(_ title: String, axis: String, _ series: [LineFigure.Series]) -> LineFigure {
            LineFigure(
                title: title, horizontalAxis: "worlds seen", verticalAxis: axis, logarithmicX: isLong, series: series,
                small: true)
        }
        func series(_ name: String, _ value: (TrainingRecord) -> Double?) -> LineFigure.Series {
            LineFigure.Series(
                name: name,
                points: history.compactMap { record in
                    value(record).map { LineFigure.Point(x: Double(record.worlds), y: $0) }
                })
        }
        let loss = figure(
            "loss in training", axis: "cross-entropy", [series("all worlds") { $0.loss }])
        let domains = kinds.map { name in
            let members = ranked.filter { kind($0.domain) == name }
            var result = figure(
                name, axis: "average precision",
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
        let worlds =
            history.last.map {
                "\(counted($0.worlds, "world", "worlds")) in \(counted($0.step, "step", "steps"))"
            } ?? "no validation yet"
        return FigureSheet(
            title: "Learning curve", caption: "\(worlds); validation on fixed worlds that training does not meet",
            figures: [loss] + domains)
    }
}
