import Foundation
import Matrices
import Screens

/// What every prediction is measured against: simple answers made of the measured shifts alone.
public enum PredictionBaseline: String, Codable, Sendable, CaseIterable {
    case noChange = "no change"
    /// Mean over the measured perturbations at the dose, or at all doses where none was measured at it.
    case trainingMean = "mean of training perturbations"
    /// Ridge regression on standardised features and log dose; penalty by leaving perturbations out.
    case ridge
    /// Mean over the five nearest perturbations by features, each at its nearest dose.
    case nearestNeighbours = "nearest neighbours by features"
    /// What training cells of the same treatment showed; for treatments seen in training only.
    case measuredShift = "own shift in training cells"
}

/// The baselines, fitted to the measured shifts of some treatments.
struct PredictionBaselines {
    let genes: Int
    let contexts: [Context]
    /// treatments × genes
    let shifts: [Double]
    let encoding: PerturbationEncoding
    private let rows: [[Double]]
    private let doseScale: InterventionMap.DoseScale?
    private var penalty = 1.0
    private var coefficients: [Double] = []
    private let meanShift: [Double]

    static let neighbours = 5

    init(genes d: Int, contexts: [Context], shifts: [Double], encoding: PerturbationEncoding) {
        genes = d
        self.contexts = contexts
        self.shifts = shifts
        self.encoding = encoding
        let logs = contexts.compactMap { $0.dose }.filter { $0 > 0 }.map { log($0) }
        if logs.count == contexts.count, let low = logs.min(), let high = logs.max(), high > low {
            doseScale = .init(center: logs.reduce(0, +) / Double(logs.count), spread: (high - low) / 2)
        } else {
            doseScale = nil
        }
        var meanShift = [Double](repeating: 0, count: d)
        for k in contexts.indices { for j in 0..<d { meanShift[j] += shifts[k * d + j] / Double(contexts.count) } }
        self.meanShift = meanShift
        let p = encoding.features.count
        var rows: [[Double]] = []
        if p > 0 {
            for context in contexts {
                guard let place = encoding.perturbations.firstIndex(of: context.perturbation) else {
                    preconditionFailure("\(context.perturbation) was not encoded")
                }
                let own = Array(encoding.measured[place * p..<(place + 1) * p])
                rows.append(Self.row(own, context.dose, encoding, doseScale))
            }
        }
        self.rows = rows
        if !rows.isEmpty {
            penalty = Self.choosePenalty(rows, contexts, shifts, d)
            coefficients = Self.dual(rows, shifts, d, penalty: penalty, mean: meanShift)
        }
    }

    private static func row(
        _ features: [Double], _ dose: Double?, _ encoding: PerturbationEncoding,
        _ doseScale: InterventionMap.DoseScale?
    ) -> [Double] {
        let z = encoding.encodedFeatures(features).map { $0 / encoding.variance.squareRoot() }
        guard let doseScale else { return z }
        return z + [(log(max(dose ?? 0, 1e-300)) - doseScale.center) / doseScale.spread]
    }

    private static func kernel(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    /// Dual coefficients (treatments × genes) of a ridge regression about the mean.
    private static func dual(
        _ rows: [[Double]], _ shifts: [Double], _ d: Int, penalty: Double, mean: [Double]
    ) -> [Double] {
        let n = rows.count
        var gram = Matrix<Double>(rows: n, columns: n)
        for i in 0..<n {
            for j in 0...i { gram[i, j] = kernel(rows[i], rows[j]) }
            gram[i, i] += penalty
        }
        guard let factor = CholeskyFactor(gram) else {
            preconditionFailure("a Gram matrix with a positive penalty is positive definite")
        }
        let centred = shifts.indices.map { shifts[$0] - mean[$0 % d] }
        return factor.solve(Matrix(rows: n, columns: d, values: centred)).values
    }

    /// The penalty with the least squared error when fifths of the perturbations are left out in turn.
    private static func choosePenalty(
        _ rows: [[Double]], _ contexts: [Context], _ shifts: [Double], _ d: Int
    ) -> Double {
        var names: [String] = []
        for context in contexts where !names.contains(context.perturbation) { names.append(context.perturbation) }
        guard names.count >= 3 else { return 1 }
        let folds = min(5, names.count)
        var foldOf: [String: Int] = [:]
        for (i, name) in names.enumerated() { foldOf[name] = i % folds }
        var best = (penalty: 1.0, error: Double.infinity)
        for penalty in [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100] {
            var error = 0.0
            for fold in 0..<folds {
                let kept = contexts.indices.filter { foldOf[contexts[$0].perturbation] != fold }
                let held = contexts.indices.filter { foldOf[contexts[$0].perturbation] == fold }
                let keptShifts = kept.flatMap { shifts[$0 * d..<($0 + 1) * d] }
                var mean = [Double](repeating: 0, count: d)
                for i in keptShifts.indices { mean[i % d] += keptShifts[i] / Double(kept.count) }
                let keptRows = kept.map { rows[$0] }
                let alpha = dual(keptRows, keptShifts, d, penalty: penalty, mean: mean)
                for k in held {
                    let similarity = keptRows.map { kernel($0, rows[k]) }
                    let guess = DenseProducts.product(similarity, alpha, m: 1, n: d, k: kept.count)
                    for j in 0..<d {
                        let miss = mean[j] + guess[j] - shifts[k * d + j]
                        error += miss * miss
                    }
                }
            }
            if error < best.error { best = (penalty, error) }
        }
        return best.penalty
    }

    /// nil where the baseline needs features or a measured treatment and there is none.
    func predict(_ baseline: PredictionBaseline, _ query: PerturbationQuery) -> [Double]? {
        let d = genes
        let p = encoding.features.count
        switch baseline {
        case .noChange:
            return [Double](repeating: 0, count: d)
        case .trainingMean:
            let same = contexts.indices.filter { Self.isSame(contexts[$0].dose, query.dose) }
            if same.isEmpty { return meanShift }
            return (0..<d).map { j in same.reduce(0) { $0 + shifts[$1 * d + j] } / Double(same.count) }
        case .ridge:
            guard p > 0, let features = features(of: query) else { return nil }
            let row = Self.row(features, query.dose, encoding, doseScale)
            let similarity = rows.map { Self.kernel($0, row) }
            let guess = DenseProducts.product(similarity, coefficients, m: 1, n: d, k: rows.count)
            return zip(meanShift, guess).map { $0 + $1 }
        case .nearestNeighbours:
            guard p > 0, let features = features(of: query) else { return nil }
            let nearest = encoding.nearest(to: features, without: query.perturbation).prefix(Self.neighbours)
            var sum = [Double](repeating: 0, count: d)
            for neighbour in nearest {
                let own = contexts.indices.filter { contexts[$0].perturbation == neighbour.perturbation }
                guard let k = own.min(by: { distance($0, query.dose) < distance($1, query.dose) }) else { continue }
                for j in 0..<d { sum[j] += shifts[k * d + j] / Double(nearest.count) }
            }
            return sum
        case .measuredShift:
            let own = contexts.firstIndex {
                $0.perturbation == query.perturbation && Self.isSame($0.dose, query.dose)
            }
            return own.map { Array(shifts[$0 * d..<($0 + 1) * d]) }
        }
    }

    /// Those of the query, else those that the measured perturbation had.
    private func features(of query: PerturbationQuery) -> [Double]? {
        let p = encoding.features.count
        return query.features
            ?? encoding.perturbations.firstIndex(of: query.perturbation).map {
                Array(encoding.measured[$0 * p..<($0 + 1) * p])
            }
    }

    private func distance(_ k: Int, _ dose: Double?) -> Double {
        guard let own = contexts[k].dose, let dose, own > 0, dose > 0 else { return 0 }
        return abs(log(own) - log(dose))
    }

    private static func isSame(_ a: Double?, _ b: Double?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return abs(a - b) <= 1e-6 * max(abs(a), abs(b))
    }
}
