import Foundation
import Matrices
import Screens

/// Features of perturbations as regressions read them: scaled by the training perturbations alone.
///
/// Columns of 0 and 1, such as the bits of a fingerprint, share one deviation, so that rare bits do not shout. Where no
/// features were given, combinations are told by which single perturbations they are made of.
struct FeatureSpace: Sendable {
    /// What a perturbation looks like.
    struct Row: Sendable {
        /// Standardised, divided by the root of their number.
        var scaled: [Double]
        /// Places of the bits that are set; empty where features are no bits.
        var bits: Set<Int>
    }

    private let rows: [String: Row]
    /// Whether likeness is that of bits (Tanimoto), not of distances.
    let comparesBits: Bool
    /// Mean and spread of the logarithm of training doses; nil where there are none or one only.
    private let doses: (center: Double, spread: Double)?
    /// Median squared distance of two training perturbations.
    private let distance: Double

    /// With fewer columns of 0 and 1 they are numbers like others.
    private static let fewestBits = 8

    init?(_ training: TrainingShifts) {
        let table = training.features ?? Self.indicators(training)
        guard let table, !table.features.isEmpty else { return nil }
        let wanted = Set(training.contexts.map(\.perturbation))
        var places: [String: Int] = [:]
        for (row, name) in table.perturbations.enumerated() where places[name] == nil { places[name] = row }
        let seen = wanted.compactMap { places[$0] }.sorted()
        guard seen.count > 1 else { return nil }
        let moments = table.values.columnMoments(rows: seen, ddof: 0)
        let isBit = (0..<table.features.count).map { column in
            seen.allSatisfy { table.values[$0, column] == 0 || table.values[$0, column] == 1 }
        }
        let varying = moments.variances.indices.filter { moments.variances[$0] > 1e-12 }
        guard !varying.isEmpty else { return nil }
        let bits = varying.filter { isBit[$0] }
        let common = bits.reduce(0) { $0 + moments.variances[$1] } / Double(max(1, bits.count))
        let comparesBits = isBit.count(where: \.self) >= Self.fewestBits && !bits.isEmpty
        let bitColumns = isBit.indices.filter { isBit[$0] }
        self.comparesBits = comparesBits
        var rows: [String: Row] = [:]
        for (name, place) in places {
            let values = table.values.row(place)
            guard values.allSatisfy(\.isFinite) else { continue }
            let scaled = varying.map { column in
                (Double(table.values[place, column]) - moments.means[column])
                    / ((isBit[column] ? common : moments.variances[column]) * Double(varying.count)).squareRoot()
            }
            let set = comparesBits ? Set(bitColumns.filter { table.values[place, $0] > 0.5 }) : []
            rows[name] = Row(scaled: scaled, bits: set)
        }
        self.rows = rows
        let logs = training.contexts.compactMap(\.dose).filter { $0 > 0 }.map { log($0) }
        let center = logs.reduce(0, +) / Double(max(1, logs.count))
        let spread = (logs.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(max(1, logs.count))).squareRoot()
        doses = spread > 1e-9 ? (center, spread) : nil
        let known = wanted.sorted().compactMap { rows[$0] }
        var distances: [Double] = []
        for (place, one) in known.enumerated() {
            for other in known[..<place] { distances.append(squaredDistance(one.scaled, other.scaled)) }
        }
        let middle = median(of: distances)
        distance = middle > 0 ? middle : 1
    }

    /// A column for each single perturbation, of those measured and of the combinations asked for.
    private static func indicators(_ training: TrainingShifts) -> FeatureTable? {
        guard !training.combinations.isEmpty else { return nil }
        let names = Set(training.contexts.map(\.perturbation)).union(training.combinations.keys).sorted()
        let parts = names.map { training.combinations[$0] ?? [$0] }
        let singles = Set(parts.joined()).sorted()
        let column = Dictionary(uniqueKeysWithValues: singles.enumerated().map { ($1, $0) })
        var values = Matrix<Float>(rows: names.count, columns: singles.count)
        for (row, own) in parts.enumerated() { for part in own { values[row, column[part] ?? 0] = 1 } }
        return FeatureTable(perturbations: names, features: singles, values: values)
    }

    func row(of context: Context) -> Row? { rows[context.perturbation] }

    /// The logarithm of a dose in deviations of the training doses; 0 where there is none.
    private func logDose(_ context: Context) -> Double {
        guard let doses, let dose = context.dose, dose > 0 else { return 0 }
        return (log(dose) - doses.center) / doses.spread
    }

    /// How alike two perturbations are, 0 … 1.
    /// - Parameter width: of the Gaussian of their distance, in median distances; without meaning for bits.
    func likeness(_ a: Row, _ b: Row, width: Double = 1) -> Double {
        guard comparesBits else {
            return exp(-squaredDistance(a.scaled, b.scaled) / (2 * width * width * distance))
        }
        let both = a.bits.intersection(b.bits).count
        let either = a.bits.count + b.bits.count - both
        return either > 0 ? Double(both) / Double(either) : 0
    }

    /// Of features times what doses and cells have in common: 1 + the products of log doses + 1 for each equal covariate.
    func linearKernel(_ a: Row, _ b: Row, _ one: Context, _ other: Context) -> Double {
        let features = zip(a.scaled, b.scaled).reduce(0) { $0 + $1.0 * $1.1 }
        return features * (1 + logDose(one) * logDose(other) + Self.equalities(one, other).equal)
    }

    /// Likeness of features, half of it for equal doses and cells only.
    func similarityKernel(_ a: Row, _ b: Row, _ one: Context, _ other: Context, width: Double) -> Double {
        let step = logDose(one) - logDose(other)
        let (equal, all) = Self.equalities(one, other)
        let near = equal == all ? exp(-step * step / 2) : 0
        return likeness(a, b, width: width) * (0.5 + 0.5 * near)
    }

    /// How many of level and covariates are equal, of how many.
    private static func equalities(_ one: Context, _ other: Context) -> (equal: Double, all: Double) {
        var (equal, all) = (0.0, 0.0)
        if one.level != nil || other.level != nil {
            all += 1
            if one.level == other.level { equal += 1 }
        }
        for (name, value) in one.covariates {
            all += 1
            if other.covariates[name] == value { equal += 1 }
        }
        return (equal, all)
    }
}
