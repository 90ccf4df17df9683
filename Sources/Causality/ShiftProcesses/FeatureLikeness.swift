import Foundation
import Matrices
import Screens

/// How alike single perturbations are by what is known of them.
///
/// Columns of 0 and 1, such as the bits of a fingerprint, are compared by Tanimoto's coefficient; all others are
/// standardised by the measured perturbations and compared by distance and by inner product. A perturbation without
/// features, or with one that is no finite number, is like itself alone.
///
/// | symbol | code | meaning |
/// |---|---|---|
/// | t(x, y) | `.tanimoto` | xᵀy / (xᵀx + yᵀy − xᵀy) |
/// | r(x, y) | `.radial` | exp(−½ abs(x − y)² / p), features of unit variance |
/// | l(x, y) | `.linear` | xᵀy / p |
struct FeatureLikeness: Sendable {
    enum Form: String, Codable, Sendable, CaseIterable {
        case tanimoto, radial, linear
    }

    let forms: [Form]
    /// What is known of each name: bits, and standardised numbers.
    private let bits: [String: [Double]]
    private let numbers: [String: [Double]]

    /// With fewer columns of 0 and 1 they are numbers like others.
    private static let fewestBits = 8

    /// - Parameter measured: single perturbations by which columns are judged and standardised.
    init(_ table: FeatureTable?, measured: [String]) {
        var places: [String: Int] = [:]
        for (row, name) in (table?.perturbations ?? []).enumerated() where places[name] == nil {
            if let table, table.values.row(row).allSatisfy(\.isFinite) { places[name] = row }
        }
        let seen = measured.compactMap { places[$0] }
        guard let table, seen.count > 1 else {
            (forms, bits, numbers) = ([], [:], [:])
            return
        }
        let moments = table.values.columnMoments(rows: seen, ddof: 0)
        let varying = moments.variances.indices.filter {
            moments.variances[$0] > 1e-12 * (moments.means[$0] * moments.means[$0] + 1e-18)
        }
        // Bits that no measured perturbation has count too: another that has them is less like these.
        var binary = moments.means.indices.filter { column in
            seen.allSatisfy { [0, 1].contains(table.values[$0, column]) }
        }
        let isBinary = Set(binary)
        var other = varying.filter { !isBinary.contains($0) }
        if varying.count(where: isBinary.contains) < Self.fewestBits { (binary, other) = ([], varying) }
        let width = Double(other.count).squareRoot()
        bits = binary.isEmpty ? [:] : places.mapValues { row in binary.map { Double(table.values[row, $0]) } }
        numbers =
            other.isEmpty
            ? [:]
            : places.mapValues { row in
                other.map { column in
                    (Double(table.values[row, column]) - moments.means[column])
                        / (moments.variances[column].squareRoot() * width)
                }
            }
        forms = (binary.isEmpty ? [] : [.tanimoto]) + (other.isEmpty ? [] : [.radial, .linear])
    }

    /// Rows × columns.
    func matrix(_ form: Form, _ rows: [String], _ columns: [String]) -> Matrix<Double> {
        let known = form == .tanimoto ? bits : numbers
        let width = known.values.first?.count ?? 0
        func laid(_ names: [String]) -> Matrix<Double> {
            Matrix(
                rows: names.count, columns: width,
                values: names.flatMap { known[$0] ?? Array(repeating: 0, count: width) })
        }
        let (a, b) = (laid(rows), laid(columns))
        let inner = Matrix.product(a, b, transposingSecond: true)
        let (own, other) = (Self.squares(a), Self.squares(b))
        var result = inner
        for (i, name) in rows.enumerated() {
            for (j, partner) in columns.enumerated() {
                guard known[name] != nil, known[partner] != nil else {
                    result[i, j] = name == partner ? 1 : 0
                    continue
                }
                switch form {
                case .tanimoto:
                    let either = own[i] + other[j] - inner[i, j]
                    // Two perturbations without any bit are alike.
                    result[i, j] = either > 0 ? inner[i, j] / either : 1
                case .radial: result[i, j] = exp(-0.5 * max(0, own[i] + other[j] - 2 * inner[i, j]))
                case .linear: break
                }
            }
        }
        return result
    }

    private static func squares(_ rows: Matrix<Double>) -> [Double] {
        (0..<rows.rows).map { rows.row($0).reduce(0) { $0 + $1 * $1 } }
    }
}
