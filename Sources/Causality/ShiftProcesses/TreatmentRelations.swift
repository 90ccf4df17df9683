import Foundation
import Matrices
import Screens

/// The factors of every term between treatments of two sides: one matrix for each pair of perturbations and one for
/// each pair of settings.
struct TreatmentRelations: Sendable {
    private let rows: TreatmentSide
    private let columns: TreatmentSide
    /// names × names of either side.
    private let perturbations: [ShiftTerm.Perturbation: Matrix<Double>]
    /// settings × settings
    private let doses: [ShiftTerm.Dose: Matrix<Double>]
    private let cells: [ShiftTerm.Cells: Matrix<Double>]
    /// The column of the same treatment.
    private let sameColumn: [Int?]

    /// - Parameter unlikeness: of two kinds of cells that counts as usual; nil where similarity is unknown.
    init(
        _ rows: TreatmentSide, _ columns: TreatmentSide, features: FeatureLikeness, doseLength: Double,
        unlikeness: Double?
    ) {
        self.rows = rows
        self.columns = columns
        var perturbations: [ShiftTerm.Perturbation: Matrix<Double>] = [:]
        perturbations[.common] = Self.matrix(rows.parts, columns.parts) { Double($0.count * $1.count) }
        perturbations[.once] = Self.matrix(rows.parts, columns.parts) { _, _ in 1 }
        perturbations[.identity] = Self.matrix(rows.parts, columns.parts) { one, other in
            Double(one.reduce(0) { sum, part in sum + other.count { $0 == part } })
        }
        let (ours, theirs) = (Self.distinct(rows.parts), Self.distinct(columns.parts))
        for form in features.forms {
            guard let subject = ShiftTerm.Perturbation(rawValue: form.rawValue) else { continue }
            let single = features.matrix(form, ours.names, theirs.names)
            perturbations[subject] = Self.matrix(ours.places, theirs.places) { one, other in
                one.reduce(0) { sum, a in other.reduce(sum) { $0 + single[a, $1] } }
            }
        }
        self.perturbations = perturbations
        let ones = Matrix<Double>(rows: rows.settings.count, columns: columns.settings.count, repeating: 1)
        doses = [
            .all: ones,
            .near: Self.matrix(rows.settings, columns.settings) { one, other in
                let steps = (one.dose - other.dose) / doseLength
                return exp(-0.5 * steps * steps)
            },
            .amount: Self.matrix(rows.settings, columns.settings) { one, other in
                exp(-0.5 * (one.amount - other.amount) * (one.amount - other.amount))
            },
        ]
        let same = Self.matrix(rows.settings, columns.settings) {
            rows.strata[$0.stratum] == columns.strata[$1.stratum] ? 1.0 : 0
        }
        func similar(_ share: Double) -> Matrix<Double> {
            Self.matrix(rows.settings, columns.settings) {
                rows.likeness($0.stratum, columns, $1.stratum, scale: unlikeness.map { $0 * share })
            }
        }
        // A quarter of the variance is half the length.
        cells = [.all: ones, .same: same, .similar: similar(1), .close: similar(0.25)]
        let place = Dictionary(zip(columns.contexts, columns.contexts.indices), uniquingKeysWith: { first, _ in first })
        sameColumn = rows.contexts.map { place[$0] }
    }

    private static func matrix<A, B>(_ rows: [A], _ columns: [B], _ value: (A, B) -> Double) -> Matrix<Double> {
        Matrix(rows: rows.count, columns: columns.count, values: rows.flatMap { row in columns.map { value(row, $0) } })
    }

    private static func distinct(_ parts: [[String]]) -> (names: [String], places: [[Int]]) {
        let names = Set(parts.joined()).sorted()
        let place = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        return (names, parts.map { $0.compactMap { place[$0] } })
    }

    /// treatments × treatments of one term, without its weight.
    func matrix(_ term: ShiftTerm) -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows.contexts.count, columns: columns.contexts.count)
        add([term], weights: [1], to: &result)
        return result
    }

    /// Of one term, without its weight, where both sides are the same.
    func diagonal(_ term: ShiftTerm) -> [Double] {
        rows.contexts.indices.map { i in
            guard let likeness = perturbations[term.perturbation] else { return 1 }
            // Every dose and all cells are like themselves.
            return likeness[rows.nameOf[i], rows.nameOf[i]]
        }
    }

    /// Adds the weighted sum of terms.
    func add(_ terms: [ShiftTerm], weights: [Double], to result: inout Matrix<Double>) {
        let width = columns.contexts.count
        for subject in ShiftTerm.Perturbation.allCases {
            let own = terms.indices.filter { terms[$0].perturbation == subject }
            guard !own.isEmpty else { continue }
            if subject == .treatment {
                let weight = own.reduce(0) { $0 + weights[$1] }
                for (i, j) in sameColumn.enumerated() { if let j { result[i, j] += weight } }
                continue
            }
            guard let likeness = perturbations[subject] else { continue }
            var course = Matrix<Double>(rows: rows.settings.count, columns: columns.settings.count)
            for t in own {
                guard let dose = doses[terms[t].dose], let kind = cells[terms[t].cells] else { continue }
                for k in course.values.indices { course.values[k] += weights[t] * dose.values[k] * kind.values[k] }
            }
            result.values.withUnsafeMutableBufferPointer { values in
                for i in rows.contexts.indices {
                    let (name, setting) = (rows.nameOf[i] * columns.names.count, rows.settingOf[i] * course.columns)
                    for j in 0..<width {
                        values[i * width + j] +=
                            likeness.values[name + columns.nameOf[j]] * course.values[setting + columns.settingOf[j]]
                    }
                }
            }
        }
    }
}
