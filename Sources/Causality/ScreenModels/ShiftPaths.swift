import FeatureModels
import Interventions
import Matrices
import Screens
import ShiftProcesses

/// What treatments that are alike say of a shift, beside the causal model: of what that leaves open, and of the whole.
///
/// The causal part must explain away what it can: where it does, `residual` finds nothing, and predictions are its own.
/// Where it cannot, because what perturbations do is not told by so few genes or features, `direct` carries the
/// prediction.
struct ShiftPaths: Sendable {
    /// Of the measured shifts less those that the causal model gives the measured treatments.
    let residual: ShiftProcess
    /// Of the measured shifts.
    let direct: ShiftProcess
    private let residualControlErrors: Matrix<Double>
    private let directControlErrors: Matrix<Double>

    /// Of one treatment, in the scale of the screen.
    struct Answer: Sendable {
        var residual: ShiftPrediction
        var direct: ShiftPrediction
    }

    /// - Parameter explained: treatments of the table × genes, in the scale of the screen.
    init(_ table: ShiftTable, explained: Matrix<Double>, workers: Int?) throws(ShiftProcessError) {
        var left = table.shifts
        for place in left.values.indices { left.values[place] -= explained.values[place] }
        self.init(
            residual: try ShiftProcess(table.replacing(shifts: left), workers: workers),
            direct: try ShiftProcess(table, workers: workers))
    }

    init(residual: ShiftProcess, direct: ShiftProcess) {
        self.residual = residual
        self.direct = direct
        residualControlErrors = residual.controlErrors
        directControlErrors = direct.controlErrors
    }

    /// Groups of controls × genes: error of their measured means, by what all treatments share. A path tells it from what
    /// the treatments did in its own way: each counts as much as its answer does.
    func controlErrors(_ weights: ShiftCalibration.Weights) -> Matrix<Double> {
        var errors = directControlErrors
        for place in errors.values.indices {
            errors.values[place] +=
                weights.causal * (residualControlErrors.values[place] - directControlErrors.values[place])
        }
        return errors
    }

    func answers(
        to queries: [PerturbationQuery], features names: [String], combinations: [String: [String]], workers: Int?
    ) throws -> [Answer] {
        let contexts = queries.map(\.context)
        let told = queries.filter { $0.features != nil }
        let rows = Dictionary(
            told.map { ($0.perturbation, $0.features ?? []) }, uniquingKeysWith: { first, _ in first }
        )
        .sorted { $0.key < $1.key }
        let table =
            rows.isEmpty
            ? nil
            : FeatureTable(
                perturbations: rows.map(\.key), features: names,
                values: Matrix(
                    rows: rows.count, columns: names.count, values: rows.flatMap { $0.value.map { Float($0) } }))
        let parts = Dictionary(
            queries.compactMap { query in query.parts.map { (query.perturbation, $0) } },
            uniquingKeysWith: { first, _ in first })
        let all = combinations.merging(parts) { own, _ in own }
        let left = try residual.predict(contexts, features: table, combinations: all, workers: workers)
        let whole = try direct.predict(contexts, features: table, combinations: all, workers: workers)
        return contexts.indices.map { Answer(residual: left[$0], direct: whole[$0]) }
    }
}
