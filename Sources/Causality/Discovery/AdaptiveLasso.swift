import Foundation
import Matrices

/// Coefficients of a gene on others, where the Bayesian criterion keeps them.
///
/// Zou 2006, "The adaptive lasso and its oracle properties": each predictor is scaled by its own least-squares
/// coefficient, so that the lasso shrinks weak ones more. Of the lasso's path that model is kept whose
/// RSS/σ² + ln n · (coefficients other than 0) is least, σ² from least squares on all (Zou, Hastie & Tibshirani 2007);
/// its coefficients are then fitted by least squares.
struct AdaptiveLasso {
    /// One a predictor, between standardised genes.
    let coefficients: [Double]

    /// - Parameters:
    ///   - correlations: Genes × genes.
    ///   - predictors: No gene of these may be a linear combination of the others.
    ///   - cells: More than predictors and one.
    init(correlations: Matrix<Double>, predictors: [Int], target: Int, cells: Int) {
        let p = predictors.count
        let n = Double(cells)
        let moments = predictors.map { correlations[$0, target] }
        var gram = Matrix<Double>(rows: p, columns: p)
        for (a, i) in predictors.enumerated() {
            for (b, j) in predictors.enumerated() { gram[a, b] = correlations[i, j] }
        }
        guard p > 0, let full = CholeskyFactor(gram)?.solve(moments) else {
            coefficients = Array(repeating: 0, count: p)
            return
        }
        let explained = zip(full, moments).reduce(0) { $0 + $1.0 * $1.1 }
        let noise = max(1e-12, n * (1 - explained) / (n - Double(p) - 1))

        let weights = full.map(abs)
        var scaled = gram
        for a in 0..<p {
            for b in 0..<p { scaled[a, b] *= weights[a] * weights[b] }
        }
        let path = LassoPath(gram: scaled, moments: zip(moments, weights).map { $0 * $1 }).coefficients
        let criteria = path.map { coefficients -> Double in
            let raw = zip(coefficients, weights).map { $0 * $1 }
            let fitted = (0..<p).map { a in (0..<p).reduce(0) { $0 + gram[a, $1] * raw[$1] } }
            let squares = n * (1 + zip(raw, zip(fitted, moments)).reduce(0) { $0 + $1.0 * ($1.1.0 - 2 * $1.1.1) })
            return squares / noise + log(n) * Double(raw.count { $0 != 0 })
        }
        let best = criteria.indices.min { (criteria[$0], $0) < (criteria[$1], $1) }!
        let kept = (0..<p).filter { path[best][$0] != 0 }
        var result = [Double](repeating: 0, count: p)
        if !kept.isEmpty, let factor = CholeskyFactor(gram.selectingRows(kept).selectingColumns(kept)) {
            for (place, value) in zip(kept, factor.solve(kept.map { moments[$0] })) { result[place] = value }
        }
        coefficients = result
    }
}

/// The coefficients of ½ ‖y − Xβ‖² + α ‖β‖₁ wherever one of them comes or goes, for falling α.
///
/// Efron, Hastie, Johnstone & Tibshirani 2004, "Least angle regression", section 3.1, from X'X and X'y.
struct LassoPath {
    /// From none to least squares.
    private(set) var coefficients: [[Double]]

    init(gram: Matrix<Double>, moments: [Double]) {
        let p = moments.count
        var beta = [Double](repeating: 0, count: p)
        var correlations = moments
        var active = [Int]()
        var mayAdd = true
        coefficients = [beta]
        let start = moments.map(abs).max() ?? 0
        // Each step adds or drops one; paths that come and go for ever are cut.
        for _ in 0..<8 * p + 8 {
            let inactive = (0..<p).filter { !active.contains($0) }
            let height = (mayAdd ? inactive + active : active).map { abs(correlations[$0]) }.max() ?? 0
            guard height > 1e-12 * start else { return }
            if mayAdd, let next = inactive.max(by: { abs(correlations[$0]) < abs(correlations[$1]) }) {
                active.append(next)
            }
            let signs = active.map { correlations[$0] < 0 ? -1.0 : 1.0 }
            guard let factor = CholeskyFactor(gram.selectingRows(active).selectingColumns(active)) else { return }
            let direction = factor.solve(signs)
            var step = height
            for j in 0..<p where !active.contains(j) {
                let slope = zip(active, direction).reduce(0) { $0 + gram[j, $1.0] * $1.1 }
                for (rest, closing) in [(height - correlations[j], 1 - slope), (height + correlations[j], 1 + slope)] {
                    if closing > 0, rest > 1e-12 * start, rest / closing < step { step = rest / closing }
                }
            }
            var dropped: Int?
            for (place, gene) in active.enumerated() {
                let zero = -beta[gene] / direction[place]
                if zero > 1e-15, zero < step { (step, dropped) = (zero, place) }
            }
            for (gene, change) in zip(active, direction) { beta[gene] += step * change }
            if let dropped { beta[active.remove(at: dropped)] = 0 }
            mayAdd = dropped == nil
            for j in 0..<p { correlations[j] = moments[j] - (0..<p).reduce(0) { $0 + gram[j, $1] * beta[$1] } }
            coefficients.append(beta)
            if dropped == nil, step == height { return }
        }
    }
}
