import Foundation
import Probability

/// The score of one group in one gene and the probability of one as far from 0.
struct GeneScore {
    var score: Double
    var pValue: Double

    /// - Parameters:
    ///   - twiceExcess: twice the rank sum less its expectation, a whole number.
    ///   - ties: Σ(t³ − t) over the values that t cells share; 0 takes no account of ties.
    static func wilcoxon(twiceExcess: Int, cells: Int, reference: Int, ties: Double) -> GeneScore {
        let (n, m) = (Double(cells), Double(reference))
        let all = n + m
        let correction = 1 - ties / (all * all * all - all)
        let deviation = (correction * n * m * (all + 1) / 12).squareRoot()
        // Where all values are equal, nothing is known: 0, as scanpy.
        let z = deviation > 0 ? Double(twiceExcess) / 2 / deviation : 0
        return GeneScore(score: z, pValue: erfc(abs(z) / 2.0.squareRoot()))
    }

    /// - Parameters:
    ///   - a: mean, Σ(x − mean)² and number of cells of the group.
    ///   - b: the same of the reference.
    ///   - countB: the number of cells that the reference's mean is taken to rest on.
    static func welch(_ a: ValueMoments, _ b: ValueMoments, countB: Int) -> GeneScore {
        let (n, m) = (Double(a.count), Double(countB))
        let errorA = a.squares / Double(a.count - 1) / n
        let errorB = b.squares / Double(b.count - 1) / m
        let error = errorA + errorB
        let difference = a.mean - b.mean
        // 0 / 0, two populations of one and the same value, says nothing.
        guard difference != 0 else { return GeneScore(score: 0, pValue: 1) }
        let t = difference / error.squareRoot()
        guard error > 0 else { return GeneScore(score: t, pValue: 0) }
        let degrees = error * error / (errorA * errorA / (n - 1) + errorB * errorB / (m - 1))
        return GeneScore(score: t, pValue: StudentDistribution(degreesOfFreedom: degrees).bothTails(t))
    }
}
