import Foundation

/// Moments of pairs: what tells directions apart where noise is not Gaussian.
extension PairFeatures {
    mutating func addMoments(_ data: PairFeaturesData) {
        let d = geneCount
        let sums = MomentSums(data)
        let correlation = sums.means(sums.firstFirst)
        let squareFirst = sums.means(sums.squareFirst)
        let cubeFirst = sums.means(sums.cubeFirst)
        let squareBoth = sums.means(sums.squareSquare)
        let linearSquashed = sums.means(sums.firstSquashed)

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
        addCoZero(sums.bothZero, data)
        addEntropies(data, correlation: correlation)
    }

    /// The correlation of two genes being 0.
    private mutating func addCoZero(_ both: [Double], _ data: PairFeaturesData) {
        guard data.hasZeros else { return }
        let d = geneCount
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

/// Sums over all cells of products of powers of two genes' own values, genes × genes each; block of cells by block.
private struct MomentSums {
    private(set) var firstFirst: [Double]
    private(set) var squareFirst: [Double]
    private(set) var cubeFirst: [Double]
    private(set) var squareSquare: [Double]
    private(set) var firstSquashed: [Double]
    /// In how many cells both are 0; all 0 where no gene ever is.
    private(set) var bothZero: [Double]
    /// How many cells are own cells of both.
    private var common: [Double]

    init(_ data: PairFeaturesData) {
        let d = data.genes
        firstFirst = Array(repeating: 0, count: d * d)
        squareFirst = firstFirst
        cubeFirst = firstFirst
        squareSquare = firstFirst
        firstSquashed = firstFirst
        bothZero = firstFirst
        let isObservational = data.observed.count == data.cells
        common = Array(repeating: isObservational ? Double(data.cells) : 0, count: d * d)
        for start in stride(from: 0, to: data.cells, by: 512) {
            let range = start..<min(data.cells, start + 512)
            let n = range.count
            let (own, isOwn) = data.own(range)
            let squares = own.map { $0 * $0 }
            let cubes = zip(squares, own).map { $0 * $1 }
            // tanh by the rational function x(27 + x²)/(27 + 9x²), bounded to ±1: within 0.03 of it.
            let squashed = zip(own, squares).map { max(-1, min(1, $0 * (27 + $1) / (27 + 9 * $1))) }
            func add(_ a: [Float], _ b: [Float], to sums: inout [Double]) {
                addColumnProducts(a, d, b, d, stride: n, cells: 0..<n, to: &sums)
            }
            add(own, own, to: &firstFirst)
            add(squares, own, to: &squareFirst)
            add(cubes, own, to: &cubeFirst)
            add(squares, squares, to: &squareSquare)
            add(own, squashed, to: &firstSquashed)
            if !isObservational { add(isOwn, isOwn, to: &common) }
            if data.hasZeros {
                let isZero = data.isZero(range)
                add(isZero, isZero, to: &bothZero)
            }
        }
    }

    func means(_ sums: [Double]) -> [Double] { zip(sums, common).map { $1 > 0 ? $0 / $1 : 0 } }
}
