import Probability
import Screens

/// What is expected of one treatment.
public struct ShiftPrediction: Sendable, Equatable {
    public let context: Context
    /// Of the true shift of each gene.
    public let mean: [Double]
    /// Of the true shift of each gene, without sampling error.
    public let variance: [Double]
    /// How much of what treatments differ in the measured ones leave open: 1 for one that is like none, summed over
    /// genes.
    public let openShare: Double

    /// The interval of each gene that holds the true shift with this probability.
    public func interval(level: Double = 0.9) -> (lower: [Double], upper: [Double]) {
        precondition((0..<1).contains(level), "a level from 0 to 1 expected, found \(level)")
        let reach = NormalDistribution.standard.quantile((1 + level) / 2)
        let halves = variance.map { reach * $0.squareRoot() }
        return (zip(mean, halves).map { $0 - $1 }, zip(mean, halves).map { $0 + $1 })
    }

    /// ln density of measured shifts, genes taken as independent of each other.
    /// - Parameter sampling: variance of the sampling error of each measured shift.
    public func logDensity(of shifts: [Double], sampling: [Double]) -> Double {
        precondition(shifts.count == mean.count && sampling.count == mean.count, "one shift and variance a gene")
        return mean.indices.reduce(0) { sum, gene in
            sum
                + NormalDistribution(
                    mean: mean[gene], standardDeviation: (variance[gene] + sampling[gene]).squareRoot()
                ).logDensity(shifts[gene])
        }
    }
}
