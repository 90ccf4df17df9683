import Concurrency
import Matrices

/// Inner products of what was measured, group by group: all that the kernel reads.
struct MeasuredPairs: Sendable {
    let groups: Int
    let count: Int
    /// n × n × groups: expected coordinates with each other.
    let products: [Double]
    /// Candidates of all perturbations one after the other, those of k from place k on: probabilities, and 2 × groups
    /// products of each, with the perturbation's mean and with itself.
    private let starts: [Int]
    private let probabilities: [Double]
    private let candidates: [Double]

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
        var starts = [0]
        var probabilities: [Double] = []
        var candidates: [Double] = []
        for (k, effects) in measured.enumerated() {
            let width = effects.targets.count
            for s in effects.probabilities.indices
            where effects.candidateCount > 1 && effects.probabilities[s] > Self.leastProbability {
                let first = candidates.count
                probabilities.append(effects.probabilities[s])
                candidates += repeatElement(0, count: 2 * groups)
                for (t, gene) in effects.targets.enumerated() {
                    let value = effects.effects[s * width + t] / coordinates.effectScale
                    candidates[first] += value * means[k, gene]
                    candidates[first + groups] += value * value
                }
                for c in coordinates.doseCentres.indices {
                    let value = effects.doseParameters[s * (groups - 1) + c] - coordinates.doseCentres[c]
                    candidates[first + c + 1] = value * means[k, d + c]
                    candidates[first + groups + c + 1] = value * value
                }
            }
            starts.append(probabilities.count)
        }
        self.starts = starts
        self.probabilities = probabilities
        self.candidates = candidates
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
            row[i] += kernel.noise + spread(of: i, pairs, square: squares[i])
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

    private func spread(of k: Int, _ pairs: EffectPairs, square: Double) -> Double {
        guard starts[k] < starts[k + 1] else { return 0 }
        let own = products.withUnsafeBufferPointer {
            pairs.value($0.baseAddress! + (k * count + k) * groups, square, square)
        }
        return sum(overCandidatesOf: k) { probability, withMean, withItself in
            let length = pairs.product(withItself)
            let value = pairs.value(withItself, length, length) - 2 * pairs.value(withMean, length, square) + own
            // A squared distance, but for rounding.
            return probability * max(0, value)
        }
    }

    /// What a candidate adds to a sum, by its probability and its products with the mean and with itself.
    private typealias Term = (Double, UnsafePointer<Double>, UnsafePointer<Double>) -> Double

    private func sum(overCandidatesOf k: Int, _ term: Term) -> Double {
        candidates.withUnsafeBufferPointer { all in
            var sum = 0.0
            for place in starts[k]..<starts[k + 1] {
                let dots = all.baseAddress! + place * 2 * groups
                sum += term(probabilities[place], dots, dots + groups)
            }
            return sum
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
                    let whole = self.sum(overCandidatesOf: i) { probability, withMean, withItself in
                        let weight = gradient.values[i * count + i] * probability
                        pairs.addGradient(withItself, withItself, withItself, weight: weight, into: sum)
                        pairs.addGradient(withMean, withItself, own(i), weight: -2 * weight, into: sum)
                        return weight
                    }
                    pairs.addGradient(own(i), own(i), own(i), weight: whole, into: sum)
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
