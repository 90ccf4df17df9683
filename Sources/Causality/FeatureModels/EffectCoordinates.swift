import Concurrency
import Foundation
import Matrices

/// Effects and dose curves of the measured perturbations in the units of the kernel: effects divided by their root mean
/// square, ln EC50 and ln h centred, so that neither the unit of expression nor that of the dose matters.
struct EffectCoordinates: Codable, Sendable, Equatable {
    let genes: Int
    let effectScale: Double
    /// Centres of ln EC50 and ln h; empty without doses.
    let doseCentres: [Double]

    var groups: [Int] { [genes] + doseCentres.map { _ in 1 } }
    var count: Int { genes + doseCentres.count }

    init(genes: Int, effectScale: Double, doseCentres: [Double]) {
        self.genes = genes
        self.effectScale = effectScale
        self.doseCentres = doseCentres
    }

    init(genes: Int, measured: [MeasuredEffects], doseCount: Int) {
        self.genes = genes
        var square = 0.0
        var weight = 0.0
        for effects in measured {
            let width = effects.targets.count
            for (place, value) in effects.effects.enumerated() where value != 0 {
                square += effects.probabilities[place / width] * value * value
                weight += effects.probabilities[place / width]
            }
        }
        effectScale = weight > 0 ? (square / weight).squareRoot() : 1
        doseCentres = (0..<doseCount).map { c in
            measured.reduce(0) { $0 + $1.meanDoseParameters[c] } / Double(max(1, measured.count))
        }
    }

    /// Expected coordinates of each perturbation: n × (d + dose parameters).
    func means(_ measured: [MeasuredEffects]) -> Matrix<Double> {
        var result = Matrix<Double>(rows: measured.count, columns: count)
        for (row, effects) in measured.enumerated() {
            for (gene, value) in zip(effects.targets, effects.meanEffects) { result[row, gene] = value / effectScale }
            for (c, value) in effects.meanDoseParameters.enumerated() {
                result[row, genes + c] = value - doseCentres[c]
            }
        }
        return result
    }
}

/// Inner products of what was measured, group by group: all that the kernel reads.
struct MeasuredPairs: Sendable {
    let groups: Int
    let count: Int
    /// n × n × groups: expected coordinates with each other.
    let products: [Double]
    /// Candidates of each perturbation: their probability, product with the mean, and product with themselves.
    struct Candidate: Sendable {
        let probability: Double
        let withMean: [Double]
        let withItself: [Double]
    }
    let candidates: [[Candidate]]

    /// Candidates less probable than this are left out of the spread: their part in it is as small.
    private static let leastProbability = 1e-4

    init(_ measured: [MeasuredEffects], means: Matrix<Double>, in coordinates: EffectCoordinates) {
        let n = means.rows
        let d = coordinates.genes
        let groups = coordinates.groups.count
        self.groups = groups
        count = n
        let effects = Matrix(
            rows: n, columns: d, values: (0..<n).flatMap { means.row($0).prefix(d) })
        let gram = Matrix.product(effects, effects, transposingSecond: true)
        var products = [Double](repeating: 0, count: n * n * groups)
        for i in 0..<n {
            for j in 0..<n {
                products[(i * n + j) * groups] = gram[i, j]
                for c in 1..<max(groups, 1) {
                    products[(i * n + j) * groups + c] = means[i, d + c - 1] * means[j, d + c - 1]
                }
            }
        }
        self.products = products
        candidates = measured.enumerated().map { k, effects in
            guard effects.candidateCount > 1 else { return [] }
            let width = effects.targets.count
            return effects.probabilities.indices.compactMap { s -> Candidate? in
                guard effects.probabilities[s] > Self.leastProbability else { return nil }
                var withMean = [Double](repeating: 0, count: groups)
                var withItself = withMean
                for (t, gene) in effects.targets.enumerated() {
                    let value = effects.effects[s * width + t] / coordinates.effectScale
                    withMean[0] += value * means[k, gene]
                    withItself[0] += value * value
                }
                for c in coordinates.doseCentres.indices {
                    let value = effects.doseParameters[s * (groups - 1) + c] - coordinates.doseCentres[c]
                    withMean[c + 1] = value * means[k, d + c]
                    withItself[c + 1] = value * value
                }
                return Candidate(probability: effects.probabilities[s], withMean: withMean, withItself: withItself)
            }
        }
    }

    /// uᵀΣu of the means.
    func squares(_ pairs: EffectPairs) -> [Double] {
        products.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return [] }
            return (0..<count).map { pairs.product(base + ($0 * count + $0) * groups) }
        }
    }

    /// Covariance of the features of the measured perturbations, with noise. What is not known of a perturbation's effects
    /// is noise of its own: the expected squared distance, in the space of the kernel, of its candidates from their mean.
    func covariance(_ kernel: EffectKernel) -> Matrix<Double> {
        let pairs = EffectPairs(kernel)
        let squares = squares(pairs)
        let rows = concurrentMap(count) { i -> [Double] in
            var row = products.withUnsafeBufferPointer { all in
                (0...i).map { pairs.value(all.baseAddress! + (i * count + $0) * groups, squares[i], squares[$0]) }
            }
            row[i] += kernel.noise + spread(of: i, pairs, squares: squares)
            return row
        }
        var result = Matrix<Double>(rows: count, columns: count)
        for (i, row) in rows.enumerated() {
            for (j, value) in row.enumerated() {
                result[i, j] = value
                result[j, i] = value
            }
        }
        return result
    }

    private func spread(of k: Int, _ pairs: EffectPairs, squares: [Double]) -> Double {
        candidates[k].reduce(0) { sum, candidate in
            let own = pairs.product(candidate.withItself)
            let value =
                pairs.value(candidate.withItself, own, own) - 2 * pairs.value(candidate.withMean, own, squares[k])
                + products.withUnsafeBufferPointer {
                    pairs.value($0.baseAddress! + (k * count + k) * groups, squares[k], squares[k])
                }
            // A squared distance, but for rounding.
            return sum + candidate.probability * max(0, value)
        }
    }

    /// Σ gradient ∘ ∂K/∂(log parameters) of the covariance above.
    func pullBack(_ gradient: Matrix<Double>, _ kernel: EffectKernel) -> [Double] {
        let pairs = EffectPairs(kernel)
        let rows = concurrentMap(count) { i -> [Double] in
            var sums = [Double](repeating: 0, count: kernel.parameterCount)
            sums.withUnsafeMutableBufferPointer { sums in
                products.withUnsafeBufferPointer { all in
                    guard let base = all.baseAddress, let sum = sums.baseAddress else { return }
                    func own(_ i: Int) -> UnsafePointer<Double> { base + (i * count + i) * groups }
                    for j in 0...i {
                        pairs.addGradient(
                            base + (i * count + j) * groups, own(i), own(j),
                            weight: (i == j ? 1 : 2) * gradient.values[i * count + j], into: sum)
                    }
                    for candidate in candidates[i] {
                        let weight = gradient[i, i] * candidate.probability
                        let itself = candidate.withItself
                        pairs.addGradient(itself, itself, itself, weight: weight, into: sum)
                        pairs.addGradient(candidate.withMean, itself, own(i), weight: -2 * weight, into: sum)
                        pairs.addGradient(own(i), own(i), own(i), weight: weight, into: sum)
                    }
                }
            }
            return sums
        }
        var result = [Double](repeating: 0, count: kernel.parameterCount)
        for row in rows { for (place, value) in row.enumerated() { result[place] += value } }
        let noise = kernel.noise - EffectKernel.leastNoise
        result[kernel.parameterCount - 1] = (0..<count).reduce(0) { $0 + 2 * noise * gradient[$1, $1] }
        return result
    }
}
