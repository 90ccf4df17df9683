import Foundation
import Matrices
import Screens

/// How alike the shifts of two treatments are expected to be: a weighted sum of terms, times how strong either is.
///
/// | symbol | code | shape | meaning |
/// |---|---|---|---|
/// | w_t | exp `logWeights` | terms | variance of each term |
/// | β | `coefficients` | columns | effect of dose, cells and number of parts on the logarithm of the strength |
/// | z_ic | `design` | treatments × columns | of a part 1/√parts: strengths of combinations vary as those of single ones |
/// | a_i | `amplitudes` | treatments | exp(Σ_c β_c z_ic) |
/// | K_ij | `covariance` | | a_i a_j Σ_t w_t k_t(i, j) |
struct ShiftKernel: Codable, Sendable, Equatable {
    /// What makes a treatment stronger or weaker.
    enum Column: Codable, Sendable, Hashable {
        /// A step of dose, within the measured range.
        case dose
        /// The logarithm of the amount behind a level.
        case amount
        case covariate(name: String, value: String)
        /// The logarithm of the number of parts: −½ for combinations that do √½ of the sum of their parts.
        case parts
        /// Of a single perturbation: some do much in all their treatments, others next to nothing.
        case part(String)
    }

    let terms: [ShiftTerm]
    let columns: [Column]
    /// Logarithms of the weights, then the coefficients.
    var parameters: [Double]

    /// Weak: a factor of e² for a weight, of e for a strength, of e^1.5 for that of a perturbation.
    private static let (weightDeviation, strengthDeviation, partDeviation) = (2.0, 1.0, 1.5)

    init(terms: [ShiftTerm], columns: [Column]) {
        self.terms = terms
        self.columns = columns
        parameters = Self.centre(terms.count, columns.count)
    }

    private static func centre(_ terms: Int, _ columns: Int) -> [Double] {
        Array(repeating: -log(Double(max(1, terms))), count: terms) + Array(repeating: 0, count: columns)
    }

    var weights: [Double] { parameters.prefix(terms.count).map { exp($0) } }
    var coefficients: ArraySlice<Double> { parameters[terms.count...] }

    /// −ln prior of the parameters, and its gradient.
    var penalty: (value: Double, gradient: [Double]) {
        let centre = Self.centre(terms.count, columns.count)
        var value = 0.0
        let gradient = parameters.indices.map { place in
            let deviation = deviation(place)
            let distance = (parameters[place] - centre[place]) / deviation
            value += 0.5 * distance * distance
            return distance / deviation
        }
        return (value, gradient)
    }

    private func deviation(_ parameter: Int) -> Double {
        guard parameter >= terms.count else { return Self.weightDeviation }
        if case .part = columns[parameter - terms.count] { return Self.partDeviation }
        return Self.strengthDeviation
    }

    /// The columns in which treatments differ.
    /// - Parameter learnt: Those from whose shifts strengths are learnt.
    static func columns(_ side: TreatmentSide, learnt: TreatmentSide) -> [Column] {
        var found: [Column] = Set(side.settings.map(\.dose)).count > 1 ? [.dose] : []
        if Set(side.settings.map(\.amount)).count > 1 { found.append(.amount) }
        for name in Set(side.strata.flatMap(\.keys)).sorted() {
            let values = Set(side.strata.compactMap { $0[name] }).sorted()
            if values.count > 1 { found += values.map { .covariate(name: name, value: $0) } }
        }
        guard Set(side.parts.map(\.count)).count > 1 else { return found }
        found.append(.parts)
        // What a single perturbation does alone tells how much it may do in company.
        return found + Set(learnt.parts.joined()).sorted().map { .part($0) }
    }

    /// treatments × columns; cells of a kind that was not measured are as strong as those like them.
    func design(
        _ side: TreatmentSide, _ doses: DoseScale, measured: TreatmentSide, unlikeness: Double?
    ) -> Matrix<Double> {
        let strata = side.strata
        let rows = strata.indices.map { stratum in
            columns.map { column -> Double in
                guard case .covariate(let name, let value) = column else { return 0 }
                let values = columns.compactMap { column -> String? in
                    if case .covariate(name, let value) = column { value } else { nil }
                }
                guard let own = strata[stratum][name], values.contains(own) else {
                    let weights = values.map { value in
                        measured.strata.indices.filter { measured.strata[$0][name] == value }.reduce(0) {
                            $0 + side.likeness(stratum, measured, $1, scale: unlikeness.map { $0 / 4 })
                        }
                    }
                    let total = weights.reduce(0, +)
                    let place = values.firstIndex(of: value) ?? 0
                    return total > 0 ? weights[place] / total : 1 / Double(values.count)
                }
                return own == value ? 1 : 0
            }
        }
        return Matrix(
            rows: side.contexts.count, columns: columns.count,
            values: side.contexts.indices.flatMap { i in
                columns.indices.map { c in
                    switch columns[c] {
                    case .dose: doses.positionWithin(side.contexts[i])
                    case .amount: doses.amountWithin(side.contexts[i])
                    case .covariate: rows[side.settings[side.settingOf[i]].stratum][c]
                    case .parts: log(Double(max(1, side.parts[side.nameOf[i]].count)))
                    case .part(let name): Self.share(of: name, in: side.parts[side.nameOf[i]])
                    }
                }
            })
    }

    private static func share(of name: String, in parts: [String]) -> Double {
        Double(parts.count { $0 == name }) / Double(max(1, parts.count)).squareRoot()
    }

    /// What the strengths of these perturbations make of a treatment's: where they were left out, it is not known.
    func strength(of names: Set<String>, in parts: [String]) -> Double {
        let logarithm = zip(columns, coefficients).reduce(0.0) { sum, column in
            guard case .part(let name) = column.0, names.contains(name) else { return sum }
            return sum + column.1 * Self.share(of: name, in: parts)
        }
        return exp(logarithm)
    }

    /// - Parameter design: treatments × columns.
    func amplitudes(_ design: Matrix<Double>) -> [Double] {
        (0..<design.rows).map { exp(zip(design.row($0), coefficients).reduce(0) { $0 + $1.0 * $1.1 }) }
    }

    /// rows × columns, without noise.
    func covariance(_ relations: TreatmentRelations, rows: [Double], columns: [Double]) -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows.count, columns: columns.count)
        relations.add(terms, weights: weights, to: &result)
        for i in rows.indices {
            for j in columns.indices { result.values[i * columns.count + j] *= rows[i] * columns[j] }
        }
        return result
    }
}
