import Foundation

// Two populations of cells in the counts of one guide: those that carry it, and those that show only its background.
//
// Source: Replogle et al. 2022 (Cell 185: 2559–2575) separate them with a mixture of a Poisson and a Gaussian fitted to
// log2 counts; Braunger and Velten 2024 (crispat, `ga_poisson_gauss`) describe it, with the Poisson's mass continued to
// numbers that are not whole by the gamma function. Over the cells with u ≥ 1 molecules of the guide, y = log2 u,
//
//     p(y) = (1 − w) λ^y e^(−λ) / Γ(y + 1)  +  w N(y; μ, σ²),      μ > λ
//
// Deviation: crispat finds posterior modes under priors by stochastic variational inference; here the likelihood is
// maximised by expectation–maximisation, whose steps are closed, from every split of the cells at a power of two. The best
// maximum with μ > λ counts. σ ≥ 0.25 keeps the Gaussian from shrinking onto a single count, λ ≥ 0.01 gives a background of
// single molecules a little width.

/// The mixture fitted to the counts of one guide.
public struct GuideMixture: Sendable, Equatable, Codable {
    /// λ: the mean log2 count of the background, over cells that show the guide.
    public let backgroundMean: Double
    /// μ: the mean log2 count of cells that carry the guide.
    public let foregroundMean: Double
    /// σ, in log2 units.
    public let foregroundDeviation: Double
    /// w: the share of carriers among cells that show the guide.
    public let foregroundShare: Double
    /// The natural logarithm of the likelihood of all cells that show the guide.
    public let logLikelihood: Double

    static let smallestDeviation = 0.25
    static let smallestBackground = 0.01
    /// Growth of the likelihood, as a part of it, at which every start ends, and the best one.
    private static let coarse = 1e-8
    private static let fine = 1e-13
    private static let mostSteps = 20_000

    /// The mixture of the largest likelihood; nil where no two populations can be told apart.
    /// - Parameter cellsByCount: for every count from 1 on that occurs, the number of cells with it.
    public static func fit(_ cellsByCount: [Int: Int]) -> GuideMixture? {
        let counts = cellsByCount.keys.filter { $0 > 0 }.sorted()
        guard let largest = counts.last, counts.count > 1 else { return nil }
        let levels = counts.map { count in
            let y = log2(Double(count))
            return Level(y: y, cells: Double(cellsByCount[count] ?? 0), logFactorial: lgamma(y + 1).0)
        }
        var best: GuideMixture?
        var split = 1.0
        while split <= log2(Double(largest)) {
            let start = maximising(levels, levels.map { $0.y >= split ? 1 : 0 })
            if let end = climb(from: start, levels, until: coarse),
                end.logLikelihood > best?.logLikelihood ?? -.infinity
            {
                best = end
            }
            split += 1
        }
        return best.flatMap { climb(from: $0, levels, until: fine) }
    }

    /// The probability that a cell with so many molecules of the guide carries it.
    /// - Parameter count: at least 1.
    public func foregroundProbability(of count: Int) -> Double {
        precondition(count >= 1, "the mixture describes cells that show the guide")
        let y = log2(Double(count))
        return probability(Level(y: y, cells: 1, logFactorial: lgamma(y + 1).0)).foreground
    }

    /// The least count from which on up to the mean of carriers every count speaks for carrying the guide; all higher ones
    /// do then, though the tails of the densities may cross again. nil where not even the mean does.
    /// - Parameter posterior: the probability asked for.
    public func threshold(posterior: Double) -> Int? {
        var least = max(1, Int(exp2(min(foregroundMean, 40)).rounded()))
        func isCarried(_ count: Int) -> Bool { foregroundProbability(of: count) >= posterior }
        guard isCarried(least) else { return nil }
        // Down in steps of 1 or 1 %, until a count is none of a carrier, and up again to the least one.
        while least > 1 {
            var below = min(least - 1, Int(Double(least) * 0.99))
            if isCarried(below) {
                least = below
                continue
            }
            while least - below > 1 {
                let middle = (below + least) / 2
                if isCarried(middle) { least = middle } else { below = middle }
            }
            break
        }
        return least
    }
}

extension GuideMixture {
    /// Cells of one count.
    private struct Level {
        let y: Double
        let cells: Double
        /// ln Γ(y + 1)
        let logFactorial: Double
    }

    /// - Returns: the posterior of the foreground, and ln p(y).
    private func probability(_ level: Level) -> (foreground: Double, logDensity: Double) {
        let z = (level.y - foregroundMean) / foregroundDeviation
        let foreground =
            log(foregroundShare) - 0.5 * z * z - log(foregroundDeviation) - 0.5 * log(2 * Double.pi)
        let background =
            log1p(-foregroundShare) + level.y * log(backgroundMean) - backgroundMean - level.logFactorial
        let larger = max(foreground, background)
        let logDensity = larger + log(exp(foreground - larger) + exp(background - larger))
        return (exp(foreground - logDensity), logDensity)
    }

    /// The parameters that maximise the expected likelihood, given the posterior of the foreground at each level.
    private static func maximising(_ levels: [Level], _ foreground: [Double]) -> GuideMixture {
        var (cells, carriers, carrierSum, backgroundSum) = (0.0, 0.0, 0.0, 0.0)
        for (level, share) in zip(levels, foreground) {
            cells += level.cells
            carriers += level.cells * share
            carrierSum += level.cells * share * level.y
            backgroundSum += level.cells * (1 - share) * level.y
        }
        let mean = carriers > 0 ? carrierSum / carriers : 0
        var squares = 0.0
        for (level, share) in zip(levels, foreground) {
            squares += level.cells * share * (level.y - mean) * (level.y - mean)
        }
        let background = cells > carriers ? backgroundSum / (cells - carriers) : 0
        return GuideMixture(
            backgroundMean: max(background, smallestBackground), foregroundMean: mean,
            foregroundDeviation: carriers > 0
                ? max((squares / carriers).squareRoot(), smallestDeviation) : smallestDeviation,
            foregroundShare: min(carriers / cells, 1), logLikelihood: -.infinity)
    }

    /// Steps of expectation and maximisation; nil where the foreground ends below the background or vanishes.
    private static func climb(from start: GuideMixture, _ levels: [Level], until tolerance: Double) -> GuideMixture? {
        var current = start
        for _ in 0..<mostSteps {
            let probabilities = levels.map(current.probability)
            let logLikelihood = zip(levels, probabilities).reduce(0) { $0 + $1.0.cells * $1.1.logDensity }
            guard logLikelihood.isFinite, current.foregroundMean > current.backgroundMean else { return nil }
            let hasEnded = logLikelihood - current.logLikelihood <= tolerance * max(1, abs(logLikelihood))
            current = GuideMixture(
                backgroundMean: current.backgroundMean, foregroundMean: current.foregroundMean,
                foregroundDeviation: current.foregroundDeviation, foregroundShare: current.foregroundShare,
                logLikelihood: logLikelihood)
            if hasEnded { break }
            let next = maximising(levels, probabilities.map(\.foreground))
            current = GuideMixture(
                backgroundMean: next.backgroundMean, foregroundMean: next.foregroundMean,
                foregroundDeviation: next.foregroundDeviation, foregroundShare: next.foregroundShare,
                logLikelihood: logLikelihood)
        }
        return current
    }
}
