import Matrices
import Probability

/// One gene's regression in numbers: what it depends on, how much, and what is left.
struct RegressionSummary: Sendable {
    struct Term: Sendable {
        /// Of the regression's own sums.
        let column: Int
        var coefficient: Double
    }

    let gene: Int
    /// Columns other than perturbations.
    var terms: [Term]
    /// Full effects of the perturbations that target the gene.
    var effects: [(perturbation: Int, effect: Double)]
    /// Of the noise.
    var variance: Double

    /// Posterior means.
    init(_ regression: SparseRegression, _ system: ResponseSystem) {
        self.init(regression, firstPerturbation: system.columns - system.perturbations, system)
    }

    init(_ regression: SparseRegression, firstPerturbation: Int, _ sums: some RegressionSums) {
        let noise = regression.noise(sums)
        self.init(
            regression, regression.coefficients().means, variance: noise.scale / (noise.shape - 1),
            firstPerturbation: firstPerturbation)
    }

    /// A draw of noise variance and coefficients.
    init(
        _ regression: SparseRegression, firstPerturbation: Int, _ sums: some RegressionSums,
        stream: inout RandomStream
    ) {
        let noise = regression.noise(sums)
        let variance = noise.scale / stream.gamma(shape: noise.shape)
        let normals = regression.active.map { _ in stream.normal() * variance.squareRoot() }
        // A = L Lᵀ: coefficients = means + L⁻ᵀ normals.
        let steps = regression.solveTransposed(normals)
        self.init(
            regression, zip(regression.coefficients().means, steps).map { $0 + $1 }, variance: variance,
            firstPerturbation: firstPerturbation)
    }

    private init(_ regression: SparseRegression, _ coefficients: [Double], variance: Double, firstPerturbation: Int) {
        gene = regression.gene
        terms = []
        effects = []
        self.variance = variance
        for (column, coefficient) in zip(regression.active, coefficients) {
            if column >= firstPerturbation {
                effects.append((column - firstPerturbation, coefficient))
            } else {
                terms.append(Term(column: column, coefficient: coefficient))
            }
        }
    }
}
