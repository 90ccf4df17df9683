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

func text(_ seconds: Double) -> String { String(format: "%.2f", seconds) }

for task in try Task.all(options["data"] ?? "", only: options["only"] ?? "") {
    let random = RandomStream(seed: 0)
    let screen = task.screen
    let frame = CellFrame(screen.expression, random: random.stream("frame"))
    var table = Table()
    var choices: [CellMaking: Int] = [:]
    var seconds = 0.0
    for (fold, cells) in task.folds.enumerated() {
        let training = screen.subset(cells: cells.training)
        let test = screen.subset(cells: cells.test)
        let combinations = test.combinations
        var generator = try CellGenerator(
            training: training, combinations: combinations, stream: random.stream("generator"))
        let measured = training.meanShifts()
        let started = clock()
        try generator.choose(
            by: generator.contexts.enumerated().compactMap { place, context in
                measured.first { training.contexts[$0.context] == context }
                    .map { CellTrial(context: place, shift: $0.shift) }
            }, stream: random.stream("choice"))
        seconds += Double(clock() - started) / Double(CLOCKS_PER_SEC)
        choices[generator.choice?.source ?? .transported, default: 0] += 1
        let mechanisms = task.name.hasPrefix("gim") ? try WorldMechanisms(training) : nil
        let baseline = FittedBaselines(TrainingShifts(training, combinations: combinations)).all
            .first { $0.name == task.baseline }
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
                if let shift = baseline.shift(of: question) { shifts.append((baseline.name, shift)) }
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
                    let base = try generator.baseCells(count, for: context, stream: own)
                    add(mechanisms.counterfactual(of: base, shift: shift), CellMaking.counterfactual.rawValue)
                }
            }
        }
    }
    // The first treatment of the first fold: what many cells take.
    let first = screen.subset(cells: task.folds[0].training)
    let generator = try CellGenerator(training: first, stream: random.stream("generator"))
    let shift = first.meanShifts()[0]
    let started = clock()
    let many = try generator.cells(10_000, for: first.contexts[shift.context], shift: shift.shift, stream: random)
    let taken = Double(clock() - started) / Double(CLOCKS_PER_SEC)
    print("## \(task.name)\n\(table.text)")
    let chosen = choices.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
    print("chosen: \(chosen); processor seconds: choosing \(text(seconds)),", terminator: " ")
    print("\(many.rows) cells of \(many.columns) genes \(text(taken))\n")
}
