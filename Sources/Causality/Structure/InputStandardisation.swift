import Foundation
import Matrices

/// How the values of cells enter an `EdgePredictor` (Lorch et al. 2022, appendix); statistics are those of the cells that
/// enter, observed and intervened on alike.
///
/// A value that is no finite number becomes 0 in either way: the mean, or what was not seen.
public enum InputStandardisation: String, Codable, Sendable {
    /// (x − mean)/deviation of each gene, with the deviation of the population, and 1 in place of 0.
    case zScores
    /// For counts of molecules x of gene j in cell c with total T_c over the panel: y = log₂(10⁶ x/T_c); then (y − m)/s with
    /// the least y and the deviation of all y of all genes. Counts of 0 have no y and become 0, as the least one does.
    case counts

    /// Cells × genes × 2: the standardised value, and 1 where the gene was intervened on.
    public func encoded(values: Matrix<Float>, interventions: Matrix<Float>?) -> [Float] {
        precondition(
            interventions == nil || (interventions!.rows == values.rows && interventions!.columns == values.columns),
            "interventions must have the shape of the values, \(values.rows) × \(values.columns)")
        var result = Array(repeating: Float(0), count: 2 * values.values.count)
        switch self {
        case .zScores: Self.encodeScores(values, &result)
        case .counts: Self.encodeCounts(values, &result)
        }
        if let interventions {
            for (place, label) in interventions.values.enumerated() where label != 0 { result[2 * place + 1] = 1 }
        }
        return result
    }

    /// The same of values on a logarithmic scale, ln(1 + x) where they derive from counts. The scale of a cell falls out of its
    /// shares, so counts that were normalised are as good as counts.
    public func encoded(logarithms: Matrix<Float>, interventions: Matrix<Float>?) -> [Float] {
        var values = logarithms
        if self == .counts { for place in values.values.indices { values.values[place] = expm1(values.values[place]) } }
        return encoded(values: values, interventions: interventions)
    }

    private static func encodeScores(_ values: Matrix<Float>, _ result: inout [Float]) {
        let d = values.columns
        for gene in 0..<d {
            var spread = Spread()
            for place in stride(from: gene, to: values.values.count, by: d) { spread.add(values.values[place]) }
            for place in stride(from: gene, to: values.values.count, by: d) where values.values[place].isFinite {
                result[2 * place] = Float((Double(values.values[place]) - spread.mean) / spread.deviation)
            }
        }
    }

    private static func encodeCounts(_ values: Matrix<Float>, _ result: inout [Float]) {
        let d = values.columns
        // What counts as 0 in the published code.
        func isSeen(_ x: Float) -> Bool { x.isFinite && x > 1e-8 }
        var spread = Spread()
        for cell in 0..<values.rows {
            let places = cell * d..<(cell + 1) * d
            let total = places.reduce(0) { isSeen(values.values[$1]) ? $0 + Double(values.values[$1]) : $0 }
            for place in places where isSeen(values.values[place]) {
                let y = Float(log2(Double(values.values[place]) / (total * 1e-6)))
                result[2 * place] = y
                spread.add(y)
            }
        }
        for place in values.values.indices where isSeen(values.values[place]) {
            result[2 * place] = Float((Double(result[2 * place]) - spread.least) / spread.deviation)
        }
    }
}

/// Moments of finite numbers, one after another (Welford 1962).
private struct Spread {
    private var count = 0.0
    private var squares = 0.0
    private(set) var mean = 0.0
    private(set) var least = Double.infinity

    mutating func add(_ value: Float) {
        guard value.isFinite else { return }
        let x = Double(value)
        count += 1
        let change = x - mean
        mean += change / count
        squares += change * (x - mean)
        least = min(least, x)
    }

    /// Of the population; 1 where all numbers are the same.
    var deviation: Double { squares > 0 ? (squares / count).squareRoot() : 1 }
}
