import Baselines
import Foundation
import Matrices
import PredictedCells
import Probability
import Screens
import Shifts

// Arguments: --data FOLDER, --only TEXT.
var options = ["data": ProcessInfo.processInfo.environment["INTERVENTOME_DATA"] ?? "", "only": ""]
var arguments = CommandLine.arguments.dropFirst()
while let name = arguments.popFirst() {
    guard name.hasPrefix("--"), options[String(name.dropFirst(2))] != nil, let value = arguments.popFirst() else {
        FileHandle.standardError.write(Data("unknown option \(name)\n".utf8))
        exit(64)
    }
    options[String(name.dropFirst(2))] = value
}

let metrics: [PredictionMetric] = [
    .energyDistance, .eDistance, .meanDiscrepancy, .slicedWasserstein, .wasserstein, .varianceRatio,
]

/// Means over treatments.
struct Table {
    var names: [String] = []
    var sums: [String: [PredictionMetric: Double]] = [:]
    var counts: [String: Double] = [:]

    mutating func add(_ name: String, _ scores: [PredictionMetric: Double]) {
        if sums[name] == nil { names.append(name) }
        for (metric, value) in scores { sums[name, default: [:]][metric, default: 0] += value }
        counts[name, default: 0] += 1
    }

    func text(_ name: String) -> String {
        let values = metrics.map { String(format: "%.4f", (sums[name]?[$0] ?? 0) / (counts[name] ?? 1)) }
        return "| \(name) | \(values.joined(separator: " | ")) |"
    }
}

func text(_ seconds: Double) -> String { String(format: "%.2f", seconds) }

for task in try Task.all(options["data"] ?? "", only: options["only"] ?? "") {
    let random = RandomStream(seed: 0)
    let screen = task.screen
    let frame = CellFrame(screen.expression, random: random.stream("frame"))
    var table = Table()
    var choices: [CellSource: Int] = [:]
    var seconds = 0.0
    for (fold, cells) in task.folds.enumerated() {
        let training = screen.subset(cells: cells.training)
        let test = screen.subset(cells: cells.test)
        let combinations = test.combinations
        var generator = try CellGenerator(
            training: training, combinations: combinations, stream: random.stream("generator"))
        let measured = training.meanShifts()
        let started = Date()
        try generator.choose(
            by: generator.contexts.enumerated().compactMap { place, context in
                measured.first { training.contexts[$0.context] == context }
                    .map { CellTrial(context: place, shift: $0.shift) }
            }, stream: random.stream("choice"))
        seconds += Date().timeIntervalSince(started)
        choices[generator.choice?.source ?? .transported, default: 0] += 1
        let mechanisms = task.name.hasPrefix("gim") ? try WorldMechanisms(training) : nil
        let baseline = FittedBaselines(TrainingShifts(training, combinations: combinations)).all
            .first { $0.name == task.baseline || (task.baseline == "Hill" && $0.name == "own Hill curve") }
        let cellsOfContext = test.cellsOfContext
        for (place, context) in test.contexts.enumerated() where !context.isControl && cellsOfContext[place].count > 1 {
            let real = test.expression.selectingRows(cellsOfContext[place])
            let truth = CellPopulation(real, frame: frame, random: random.stream("measured"))
            let controlMean = generator.controlMean(for: context)
            let stratum = test.controlStrata.map { $0[cellsOfContext[place][0]] }
            let controls = training.expression.selectingRows(
                training.controlCells.filter { cell in
                    stratum == nil || training.controlStrata?[cell] == stratum
                })
            let count = min(300, controls.rows)
            var shifts = [("true mean", zip(real.columnMeans(), controlMean).map { $0 - $1 })]
            if let baseline {
                let question = BaselineQuestion(context: context, controlMean: controlMean)
                if var shift = baseline.shift(of: question) {
                    if baseline.cutsAtZero {
                        var cut = controls
                        for row in 0..<cut.rows {
                            for gene in shift.indices { cut[row, gene] = max(0, cut[row, gene] + Float(shift[gene])) }
                        }
                        shift = zip(cut.columnMeans(), controlMean).map { $0 - $1 }
                    }
                    shifts.append((baseline.name, shift))
                }
            }
            for (name, shift) in shifts {
                func add(_ cells: Matrix<Float>, _ source: String) {
                    guard cells.rows > 1 else { return }
                    let scores = CellPopulation(cells, frame: frame, random: random.stream("predicted"))
                        .scores(against: truth)
                    table.add("\(name): \(source)", scores)
                }
                add(
                    Matrix(
                        rows: controls.rows, columns: controls.columns,
                        values: controls.values.indices.map {
                            controls.values[$0] + Float(shift[$0 % controls.columns])
                        }), "controls + shift")
                let own = random.stream("cells").stream(fold).stream(place)
                add(
                    try generator.cells(count, for: context, shift: shift, source: .transported, stream: own),
                    "transported")
                if let mechanisms {
                    let order = try generator.cells(
                        count, for: context, shift: shift.map { _ in 0 }, source: .shifted, stream: own)
                    add(mechanisms.counterfactual(of: order, shift: shift), CellSource.counterfactual.rawValue)
                }
            }
        }
    }
    // The first treatment of the first fold: what many cells take.
    let first = screen.subset(cells: task.folds[0].training)
    let generator = try CellGenerator(training: first, stream: random.stream("generator"))
    let shift = first.meanShifts()[0]
    let started = Date()
    let many = try generator.cells(10_000, for: first.contexts[shift.context], shift: shift.shift, stream: random)
    let taken = Date().timeIntervalSince(started)
    print("## \(task.name): \(Int(table.counts.values.max() ?? 0)) treatments")
    print("| mean: cells | energy | E-distance | MMD² | sliced W | W1 | variance ratio |")
    print("|---|---|---|---|---|---|---|")
    for name in table.names { print(table.text(name)) }
    let chosen = choices.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
    print(
        "chosen: \(chosen); choosing took \(text(seconds)) s, \(many.rows) cells of \(many.columns) genes \(text(taken)) s\n"
    )
}
