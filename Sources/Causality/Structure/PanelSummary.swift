import Foundation

/// A panel's statistics of pairs, summed up in a fixed number of values whatever the number of its genes: what can be
/// compared with the worlds of a training.
///
/// Of every feature the mean and the standard deviation over ordered pairs of distinct genes and over genes (the
/// diagonal), and last ln of the number of genes.
public struct PanelSummary: Sendable, Equatable {
    /// What a value sums up.
    enum Kind: Int, CaseIterable {
        case mean, spread, geneMean, geneSpread
    }

    /// Names of the features, in order.
    public let features: [String]
    /// 4 × features + 1.
    let values: [Double]

    public init(_ features: PairFeatures) {
        self.init(features.values, genes: features.geneCount, features: PairFeatures.names)
    }

    /// Of some features, by their places among those computed.
    init(_ features: PairFeatures, columns: [Int]) {
        self.init(
            features.selected(columns), genes: features.geneCount, features: columns.map { PairFeatures.names[$0] })
    }

    /// - Parameter pairs: d × d × features.
    init(_ pairs: [Float], genes d: Int, features: [String]) {
        let count = features.count
        precondition(pairs.count == d * d * count, "\(pairs.count) values for \(d) genes and \(count) features")
        self.features = features
        var between = Moments(count: count)
        var within = Moments(count: count)
        pairs.withUnsafeBufferPointer { pairs in
            for pair in 0..<d * d {
                let values = UnsafeBufferPointer(rebasing: pairs[pair * count..<(pair + 1) * count])
                if pair / d == pair % d { within.add(values) } else { between.add(values) }
            }
        }
        values = between.means + between.spreads + within.means + within.spreads + [log(Double(max(1, d)))]
    }

    /// Where a value stands.
    static func place(_ kind: Kind, _ feature: Int, of features: Int) -> Int { kind.rawValue * features + feature }

    static func count(features: Int) -> Int { Kind.allCases.count * features + 1 }

    /// What a value is, in words.
    static func words(_ place: Int, features: [String]) -> String {
        guard place < Kind.allCases.count * features.count else { return "number of genes" }
        let name = separated(features[place % features.count])
        return switch Kind(rawValue: place / features.count)! {
        case .mean: "\(name) (mean of pairs)"
        case .spread: "\(name) (spread of pairs)"
        case .geneMean: "\(name) (mean of genes)"
        case .geneSpread: "\(name) (spread of genes)"
        }
    }

    /// `rankCorrelation` as "rank correlation".
    static func separated(_ name: String) -> String {
        name.reduce(into: "") { words, letter in
            if letter.isUppercase, !words.isEmpty { words += " " }
            words += letter.lowercased()
        }
    }
}

/// Sums for means and standard deviations of several features side by side.
private struct Moments {
    var count = 0.0
    var sums: [Double]
    var squares: [Double]

    init(count: Int) {
        sums = Array(repeating: 0, count: count)
        squares = sums
    }

    mutating func add(_ values: UnsafeBufferPointer<Float>) {
        count += 1
        for (place, value) in values.enumerated() {
            sums[place] += Double(value)
            squares[place] += Double(value) * Double(value)
        }
    }

    var means: [Double] { sums.map { $0 / max(1, count) } }

    var spreads: [Double] {
        zip(sums, squares).map { sum, square in
            let mean = sum / max(1, count)
            return max(0, square / max(1, count) - mean * mean).squareRoot()
        }
    }
}
