import Foundation
import Matrices

/// How often perturbations act on genes, learnt from the screen itself.
///
/// Of thousands of pairs some stand out by chance. A fixed prior probability claims its share of them also where nothing
/// moves at all; a rate that all pairs have in common falls with what the screen shows, and with it what a pair must
/// show to be believed (Scott & Berger 2010, "Bayes and empirical-Bayes multiplicity adjustment in the variable-selection
/// problem"). The rate has a beta prior with the given probability as its mean and the weight of `pairs` targets, and is
/// set to the posterior's mode by expectation and maximisation over the evidence of all pairs. It is never above what
/// was given: targets are to stay few.
enum TargetRate {
    /// As if so many targets had been seen before.
    private static let pairs = 2.0
    /// Log odds that change by less are left as they are.
    private static let least = 0.25

    /// What is known of pairs of a perturbation and a gene; every matrix is perturbations × genes.
    struct Pairs {
        /// Log odds before the screen was seen; what is fixed stays fixed.
        let given: Matrix<Double>
        /// The same as they are now.
        let present: Matrix<Double>
        /// Log odds after, by those of now.
        let evidence: Matrix<Double>
        /// What is to be taken from the evidence.
        let discounts: Matrix<Double>
    }

    /// Log odds at the rate that the evidence speaks for, less what is to be taken from it, and that rate; nil where they
    /// stay as they are.
    static func learnt(_ pairs: Pairs) -> (logOdds: Matrix<Double>, rate: Double)? {
        let given = pairs.given.values
        let open = given.indices.filter { given[$0].isFinite }
        guard let before = mean(given) else { return nil }
        // What cells say, at even odds.
        let factors = open.map {
            pairs.evidence.values[$0] - pairs.present.values[$0] - pairs.discounts.values[$0]
        }
        let weight = Self.pairs / before
        var (shift, rate) = (0.0, before)
        for _ in 0..<200 {
            let expected = zip(open, factors).reduce(0.0) { $0 + probability(given[$1.0] + shift + $1.1) }
            rate = min(before, (Self.pairs + expected) / (weight + Double(open.count)))
            let next = logit(rate) - logit(before)
            defer { shift = next }
            if abs(next - shift) < 1e-3 { break }
        }
        var learnt = pairs.given
        for place in open { learnt.values[place] += shift - pairs.discounts.values[place] }
        let isNew = open.contains { abs(learnt.values[$0] - pairs.present.values[$0]) > least }
        return isNew ? (learnt, rate) : nil
    }

    /// Of what is open; nil where nothing is.
    static func mean(_ logOdds: [Double]) -> Double? {
        let open = logOdds.filter(\.isFinite)
        return open.isEmpty ? nil : open.reduce(0) { $0 + probability($1) } / Double(open.count)
    }

    /// Σ ln(1 − p) of all that is open.
    static func logProbabilityOfNone(_ logOdds: [Double]) -> Double {
        logOdds.reduce(0.0) { $0 - ($1.isFinite ? log1p(exp($1)) : 0) }
    }

    private static func probability(_ logOdds: Double) -> Double { 1 / (1 + exp(-logOdds)) }

    private static func logit(_ p: Double) -> Double { log(p / (1 - p)) }
}
