import AnnotatedData
import Evaluations
import Formats
import Foundation
import Interventions
import Matrices
import Screens

extension Pipeline {
    /// Predicts every treatment of the screen and judges the model by the cells that it did not see.
    func predictStage() throws -> Stage {
        if let cells = configuration.predict.cells, !(0...1_000_000).contains(cells) {
            throw Failure.configuration(
                file: nil, element: "predict.cells",
                message: "expected 0 to 1000000 cells a treatment, found \(cells)",
                remedy: "correct predict.cells in the configuration")
        }
        return Stage(name: "predict", inputs: modelInputs() + [Fingerprint.of(configuration.predict)]) { scratch in
            let model = try loadModel()
            let (screen, training, test) = try loadScreen()
            let queries = screen.queries(for: model)
            let left = screen.contexts.filter { !$0.isControl }.count - queries.count
            if left > 0 {
                console.note(
                    "\(left) treatments were not predicted: no features tell of them, nor do cells of the training.")
            }
            let predictions = try Predictions(
                model: model, queries: queries,
                cells: queries.map { configuration.predict.cells ?? training.controlCount(of: $0) },
                seed: configuration.seed
            ) { [console] in console.advance(to: $0, $1) }
            try predictions.write(
                toH5AD: scratch.appending(file: "predictions.h5ad"),
                controls: ModelFolder.controls(of: screen))
            try OutputFile.fill(
                scratch.appending(file: "predictions.shifts.tsv"), with: Data(predictions.shiftTable.utf8))
            var builder = EvaluationBuilder(comparing: screen.expression, seed: configuration.seed)
            builder.add(
                PredictionTrial(
                    fold: configuration.split.fold, controls: configuration.split.controls, training: training,
                    test: test),
                models: [predictions.answers(for: test)])
            let evaluation = builder.evaluation()
            try OutputFile.fill(
                scratch.appending(file: "evaluation.json"),
                with: CanonicalJSON.encode(Artifact(schema: 3, content: evaluation), pretty: true))
            let tables = EvaluationTables(evaluation)
            try OutputFile.fill(scratch.appending(file: "evaluation.tsv"), with: Data(tables.scores.utf8))
            try OutputFile.fill(scratch.appending(file: "evaluation.summary.tsv"), with: Data(tables.summary.utf8))
            return "\(predictions.shifts.count) treatments predicted"
        }
    }
}

extension PerturbationScreen {
    /// Control cells of the same covariates as a query's, or where there are none all.
    fileprivate func controlCount(of query: PerturbationQuery) -> Int {
        let all = controlCells
        let own = all.count { contexts[contextOfCell[$0]].covariates == query.covariates }
        return own > 0 ? own : all.count
    }
}

/// What a model predicts of some treatments: shifts, and cells.
struct Predictions {
    let queries: [PerturbationQuery]
    let shifts: [PredictedPerturbation]
    /// Predicted cells × genes of each treatment.
    let cells: [Matrix<Float>]

    /// - Parameter counts: Cells of each treatment.
    init(
        model: any PerturbationModel, queries: [PerturbationQuery], cells counts: [Int], seed: UInt64,
        report: @Sendable (_ fraction: Double, _ perturbation: String) -> Void
    ) throws {
        self.queries = queries
        let shifts = try model.predict(queries, draws: 200, seed: seed)
        self.shifts = shifts
        let predicted = queries.indices.map { (query: queries[$0], shift: shifts[$0], count: counts[$0]) }
        cells = try Workers.map(predicted, report: { report($0, $1.query.perturbation) }) { one in
            try model.sampleCells(one.query, predicted: one.shift, count: one.count, seed: seed)
        }
    }

    /// Predictions of the treatments of a test part.
    func answers(for test: PerturbationScreen) -> ModelAnswers {
        var found: [Context: PredictedTreatment] = [:]
        for context in test.contexts where !context.isControl {
            let place = queries.firstIndex {
                $0.perturbation == context.perturbation && $0.dose == context.dose
                    && $0.covariates == context.covariates
            }
            guard let place else { continue }
            found[context] = PredictedTreatment(
                shift: shifts[place].shift, cells: cells[place].rows > 1 ? cells[place] : nil,
                interval: (shifts[place].lower, shifts[place].upper))
        }
        return ModelAnswers(name: "model", predictions: found)
    }

    /// What tells treatments further apart, by column: the level of the dose and covariates, where any has them.
    private var further: [(name: String, values: [String])] {
        let levels = queries.map { $0.level ?? "" }
        let covariates = Set(queries.flatMap(\.covariates.keys)).sorted()
        return (levels.contains { !$0.isEmpty } ? [("level", levels)] : [])
            + covariates.map { name in (name, queries.map { $0.covariates[name] ?? "" }) }
    }

    /// `perturbation dose gene control_mean predicted_mean shift lower upper target_probability direct_effect
    /// from_likeness`, and what tells treatments further apart.
    var shiftTable: String {
        let header = [
            "perturbation", "dose", "gene", "control_mean", "predicted_mean", "shift", "lower", "upper",
            "target_probability", "direct_effect", "from_likeness",
        ]
        let further = further
        var lines = [(header + further.map(\.name)).joined(separator: "\t")]
        for (row, one) in shifts.enumerated() {
            let told = further.map { $0.values[row].field() }
            for gene in one.genes.indices {
                let numbers = [
                    one.controlMean[gene], one.predictedMean[gene], one.shift[gene], one.lower[gene], one.upper[gene],
                    one.targetProbability[gene], one.directEffect[gene], one.residual[gene],
                ].map { "\($0)" }
                lines.append(
                    ([one.perturbation.field(), one.dose.map { "\($0)" } ?? "", one.genes[gene].field()] + numbers
                        + told)
                        .joined(separator: "\t"))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Predicted cells, one block a treatment, and behind them copies of the measured controls.
    func write(toH5AD path: String, controls: AnnotatedMatrix) throws {
        var values: [Float] = []
        var names: [String] = []
        var perturbations: [String] = []
        var doses: [Double] = []
        let further = further
        for (row, (one, block)) in zip(shifts, cells).enumerated() {
            values += block.values
            let told = further.map(\.values[row]).filter { !$0.isEmpty }
            let name = ([one.perturbation, one.dose.map { "\($0)" } ?? ""] + told).joined(separator: "|")
            for cell in 0..<block.rows {
                names.append("\(name)|\(cell + 1)")
                perturbations.append(one.perturbation)
                doses.append(one.dose ?? .nan)
            }
        }
        let predicted = names.count
        values += controls.x?.dense.values ?? []
        names += controls.cells.names
        perturbations += controls.cells.names.map { _ in "control" }
        doses += controls.cells.names.map { _ in .nan }
        let isPredicted = names.indices.map { $0 < predicted }
        let data = AnnotatedMatrix(
            x: .dense(Matrix(rows: names.count, columns: controls.genes.count, values: values)),
            cells: AnnotationTable(
                names: names,
                columns: [
                    .init(name: "perturbation", values: .strings(perturbations)),
                    .init(name: "dose", values: .floats(doses)),
                    .init(name: "is_predicted", values: .booleans(isPredicted)),
                    .init(name: "is_control", values: .booleans(isPredicted.map { !$0 })),
                ]
                    + further.map { column in
                        let own = zip(column.values, cells).flatMap { Array(repeating: $0, count: $1.rows) }
                        let values = own + controls.cells.names.map { _ in "" }
                        return .init(name: column.name, values: .strings(values))
                    }),
            genes: controls.genes, unstructured: ["interventome": .dictionary(["version": .string(Build.version)])])
        try writeH5AD(data, to: path)
    }
}
