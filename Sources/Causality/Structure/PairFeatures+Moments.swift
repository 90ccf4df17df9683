import Foundation

/// Moments of pairs: what tells directions apart where noise is not Gaussian.
extension PairFeatures {
    mutating func addMoments(_ data: PairFeaturesData) {
        let d = geneCount
        let own = data.own
        let squares = own.map { $0 * $0 }
        let cubes = zip(squares, own).map { $0 * $1 }
        // tanh by the rational function x(27 + x²)/(27 + 9x²), bounded to ±1: within 0.03 of it.
        let squashed = zip(own, squares).map { max(-1, min(1, $0 * (27 + $1) / (27 + 9 * $1))) }
        let common = crossProduct(data.isOwn, d, data.isOwn, d)
        func means(_ a: [Float], _ b: [Float]) -> [Double] {
            zip(crossProduct(a, d, b, d), common).map { $1 > 0 ? $0 / $1 : 0 }
        }
        let correlation = means(own, own)
        let squareFirst = means(squares, own)
        let cubeFirst = means(cubes, own)
        let squareBoth = means(squares, squares)
        let linearSquashed = means(own, squashed)

        set(.squareMoment, reverse: .squareMomentReverse) { signedLogarithm(squareFirst[$0 * d + $1]) }
        set(.cubeMoment, reverse: .cubeMomentReverse) { signedLogarithm(cubeFirst[$0 * d + $1]) }
        set(.squaresMoment) { $0 == $1 ? 0 : signedLogarithm(squareBoth[$0 * d + $1] - 1) }
        // Hyvärinen & Smith 2013, equation 11: ρ E[x tanh y − tanh x · y].
        set(.likelihoodRatio) { i, j in
            correlation[i * d + j] * (linearSquashed[i * d + j] - linearSquashed[j * d + i])
        }
        for gene in 0..<d where correlation[gene * (d + 1)] > 0 {
            set(.skewness, gene, gene, signedLogarithm(squareFirst[gene * (d + 1)]))
            set(.excessKurtosis, gene, gene, signedLogarithm(squareBoth[gene * (d + 1)] - 3))
        }
        addCoZero(data)
        addEntropies(data, correlation: correlation)
    }

    /// The correlation of two genes being 0.
    private mutating func addCoZero(_ data: PairFeaturesData) {
        guard data.zeroShares.contains(where: { $0 > 0 && $0 < 1 }) else { return }
        let d = geneCount
        let both = crossProduct(data.isZero, d, data.isZero, d)
        let shares = data.zeroShares
        set(.coZero) { i, j in
            let variance = shares[i] * (1 - shares[i]) * shares[j] * (1 - shares[j])
            guard i != j, variance > 1e-12 else { return 0 }
            return (both[i * d + j] / Double(data.cells) - shares[i] * shares[j]) / variance.squareRoot()
        }
        let correlations = (0..<d * d).map { $0 / d == $0 % d ? 1 : Double(self[$0 / d, $0 % d, .coZero]) }
        if let components = PanelComponents(correlations, size: d) {
            set(.coZeroWithoutFirst, components.without(1))
        }
    }
}
