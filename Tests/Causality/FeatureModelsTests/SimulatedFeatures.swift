import Foundation
import Matrices
import Probability

@testable import FeatureModels

/// Perturbations with sparse effects whose features are a random two-layer network of what they do.
struct SimulatedFeatures {
    let effects: [[Double]]
    let dose: [[Double]]
    let features: Matrix<Double>
    let names: [String]

    /// - Parameter informative: Whether features know of the effects; else they are noise.
    init(
        count: Int, genes: Int, features p: Int, doses: Bool = true, noise: Double = 0.1, hidden: Int = 400,
        informative: Bool = true, seed: UInt64
    ) {
        var stream = RandomStream(seed: seed)
        let width = genes + (doses ? 2 : 0)
        var effects: [[Double]] = []
        var dose: [[Double]] = []
        for _ in 0..<count {
            var row = [Double](repeating: 0, count: genes)
            for gene in stream.choice(1 + stream.index(below: 2), of: genes) {
                let size = stream.logNormal(logMean: 1, logStandardDeviation: 0.25)
                row[gene] = stream.bernoulli(0.5) ? size : -size
            }
            effects.append(row)
            dose.append(doses ? [stream.normal() * 0.6, 0.6 + 0.3 * stream.normal()] : [])
        }
        let first = (0..<(width + 1) * hidden).map { place in
            stream.normal() * (place / hidden < genes ? 0.35 : 0.7)
        }
        let second = (0..<hidden * p).map { _ in stream.normal() / Double(hidden).squareRoot() }
        var values = Matrix<Double>(rows: count, columns: p)
        for i in 0..<count {
            let input = informative ? effects[i] + dose[i] + [1] : Array(repeating: 0, count: width + 1)
            let layer = (0..<hidden).map { h in
                erf((0...width).reduce(0) { $0 + input[$1] * first[$1 * hidden + h] })
            }
            for c in 0..<p {
                values[i, c] =
                    (0..<hidden).reduce(0) { $0 + layer[$1] * second[$1 * p + c] } + noise * stream.normal()
            }
        }
        self.effects = effects
        self.dose = dose
        self.features = values
        names = (0..<count).map { "p\($0)" }
    }

    func space(_ count: Int) throws -> FeatureSpace {
        try FeatureSpace(
            perturbations: Array(names.prefix(count)), features: (0..<features.columns).map { "f\($0)" },
            values: features.selectingRows(Array(0..<count)))
    }

    /// Known exactly.
    func measured(_ count: Int) -> [MeasuredEffects] {
        (0..<count).map { MeasuredEffects(name: names[$0], effects: effects[$0], doseParameters: dose[$0]) }
    }

    func model(_ count: Int) throws -> InverseFeatureModel {
        try InverseFeatureModel(
            measured(count), space: space(count), genes: effects[0].count, doseCount: dose[0].count)
    }

    func unseen(from count: Int) -> (names: [String], features: Matrix<Double>) {
        let rows = Array(count..<names.count)
        return (rows.map { names[$0] }, features.selectingRows(rows))
    }
}
