import Foundation
import Matrices

/// Two measures of cycles, and the last word on them.
///
/// Bello, Aragam, Ravikumar 2022, "DAGMA", equation 5: h(P) = −log det(sI − P) + d log s, which is 0 iff the
/// non-negative matrix P describes no cycle, wherever s exceeds P's spectral radius.
///
/// Deviation from the paper: P holds edge probabilities, which are non-negative already, so nothing is squared; s follows
/// P's spectral radius from above down to 1 instead of being scheduled, and s² h is returned, whose leading part
/// tr(P²) / 2 does not depend on s.
///
/// Lee et al. 2019, "Scaling structural learning with NO-BEARS", equation 4: the spectral radius of P, which is 0 iff P
/// describes no cycle, by power iteration.
///
/// Deviation from the paper: P is not squared, for the same reason; the iteration starts from equal entries and runs until
/// it stands still.
enum Acyclicity {
    /// The measure and its gradient for a d × d matrix of edge probabilities with zero diagonal.
    static func measure(
        _ probabilities: [Double], genes d: Int, by kind: AcyclicityKind
    ) -> (value: Double, gradient: [Double]) {
        switch kind {
        case .logDeterminant: logDeterminant(probabilities, genes: d)
        case .spectral: spectralRadius(probabilities, genes: d)
        }
    }

    private static let iterations = 200
    private static let tolerance = 1e-9

    /// The spectral radius and its gradient. The iteration is on P + I, whose dominant vectors are those of P, as P alone
    /// turns in circles where all its cycles are of one length.
    private static func spectralRadius(_ p: [Double], genes d: Int) -> (value: Double, gradient: [Double]) {
        var shifted = p
        for i in 0..<d { shifted[i * d + i] += 1 }
        let start = [Double](repeating: 1 / Double(d).squareRoot(), count: d)
        var gradient = PowerIteration(
            Matrix(rows: d, columns: d, values: shifted), left: start, right: start, iterations: iterations,
            tolerance: tolerance
        ).slopes
        for i in 0..<d { gradient[i * d + i] = 0 }
        return (zip(gradient, p).reduce(0) { $0 + $1.0 * $1.1 }, gradient)
    }

    /// s² h and its gradient at fixed s for a d × d matrix of edge probabilities with zero diagonal.
    static func logDeterminant(_ probabilities: [Double], genes d: Int) -> (value: Double, gradient: [Double]) {
        var s = max(1, 1.1 * spectralBound(probabilities, genes: d))
        while true {
            var m = probabilities.map { -$0 }
            for i in 0..<d { m[i * d + i] += s }
            if let (inverse, logDeterminant) = DenseProducts.inverse(m, size: d) {
                // ∂h/∂P = (sI − P)⁻ᵀ
                var gradient = [Double](repeating: 0, count: d * d)
                for i in 0..<d { for j in 0..<d where i != j { gradient[i * d + j] = s * s * inverse[j * d + i] } }
                return (s * s * (Double(d) * log(s) - logDeterminant), gradient)
            }
            s *= 2
        }
    }

    /// An upper bound of the spectral radius of a non-negative matrix: the largest ratio (Pv)ᵢ / vᵢ for a positive v near
    /// Perron's vector (Collatz–Wielandt).
    static func spectralBound(_ p: [Double], genes d: Int) -> Double {
        var v = [Double](repeating: 1, count: d)
        var bound = Double.infinity
        for _ in 0..<20 {
            var next = v.map { 0.05 * $0 }
            for i in 0..<d { for j in 0..<d { next[i] += p[i * d + j] * v[j] } }
            let ratio = (0..<d).map { next[$0] / v[$0] }.max() ?? 0
            bound = min(bound, ratio - 0.05)
            let largest = next.max() ?? 1
            v = next.map { max($0 / largest, 1e-9) }
        }
        return max(0, bound)
    }

    /// The edges kept when they are taken by falling probability and one that would close a cycle is refused: every cycle
    /// is thereby broken at its least probable edge.
    static func breakCycles(
        _ edges: [(source: Int, target: Int, probability: Double)], genes d: Int
    ) -> (kept: [(source: Int, target: Int)], refused: [(source: Int, target: Int, probability: Double)]) {
        var paths = Paths(genes: d)
        var kept: [(source: Int, target: Int)] = []
        var refused: [(source: Int, target: Int, probability: Double)] = []
        let ranked = edges.sorted {
            ($0.probability, $1.source, $1.target) > ($1.probability, $0.source, $0.target)
        }
        for edge in ranked {
            if paths.add(edge.source, edge.target) {
                kept.append((edge.source, edge.target))
            } else {
                refused.append(edge)
            }
        }
        return (kept, refused)
    }

    /// Which genes reach which in a graph that grows and stays acyclic.
    struct Paths {
        private let words: Int
        private let genes: Int
        /// Row a: a bit for each gene to which a path from a leads, a itself among them.
        private var reached: [UInt64]

        init(genes d: Int) {
            genes = d
            words = (d + 63) / 64
            reached = [UInt64](repeating: 0, count: d * words)
            for i in 0..<d { reached[i * words + i / 64] |= 1 << UInt64(i % 64) }
        }

        private func leads(_ a: Int, _ b: Int) -> Bool { reached[a * words + b / 64] >> UInt64(b % 64) & 1 == 1 }

        /// False, and nothing changes, where the edge would close a cycle.
        mutating func add(_ source: Int, _ target: Int) -> Bool {
            if leads(target, source) { return false }
            if leads(source, target) { return true }
            for a in 0..<genes where leads(a, source) {
                for word in 0..<words { reached[a * words + word] |= reached[target * words + word] }
            }
            return true
        }
    }
}
