import Foundation
import Matrices
import Networks

/// Where the worlds of a training lie, so that data of another kind are noticed.
///
/// Every world is a `PanelSummary`. Those of a domain scatter around its centre, those of all domains with one shared
/// covariance; a panel's distance is that to the nearest centre (Mahalanobis 1936; Lee et al. 2018, "A simple unified
/// framework for detecting out-of-distribution samples", section 2). What a distance means is read from worlds of the
/// training that neither centres nor covariance have seen.
public struct TrainingSupport: Sendable, Equatable {
    /// Of the features that summaries sum up.
    let features: [String]
    /// Places of a summary that are compared, K of them: those that vary and do not only repeat others.
    let places: [Int]
    /// Domains × K.
    let centres: Matrix<Double>
    /// Of each place: the standard deviation around the centres.
    let scales: [Double]
    /// K × K, the inverse of the shrunk correlations around the centres.
    let precision: Matrix<Double>
    /// Of training worlds not used for the above, rising.
    var distances = [Double]()

    /// To be made at the end of a training, from a few thousand worlds as it meets them:
    ///
    ///     tensors.add(TrainingSupport(summaries: worlds.map { PanelSummary($0.features) }, domains: worlds.map(\.domain)))
    ///
    /// Every second world of a domain tells the distances of the rest.
    public init(summaries: [PanelSummary], domains: [String]) {
        precondition(!summaries.isEmpty && summaries.count == domains.count, "a domain for each of some summaries")
        features = summaries[0].features
        precondition(summaries.allSatisfy { $0.features == summaries[0].features }, "summaries of different features")
        var number = [String: Int]()
        var fitted = [(values: [Double], domain: Int)]()
        var held = [PanelSummary]()
        var domainNumbers = [String: Int]()
        for (summary, name) in zip(summaries, domains) {
            let domain = domainNumbers[name] ?? domainNumbers.count
            domainNumbers[name] = domain
            if number[name, default: 0].isMultiple(of: 2) {
                fitted.append((summary.values, domain))
            } else {
                held.append(summary)
            }
            number[name, default: 0] += 1
        }
        let all = Matrix(
            rows: fitted.count, columns: summaries[0].values.count, values: fitted.flatMap(\.values))
        let total = all.columnMoments(ddof: 0)
        // Values of simulated worlds are of order 1; what varies less than this does not vary.
        let varying = total.variances.indices.filter { total.variances[$0] > 1e-12 }
        let correlations = all.selectingColumns(varying).correlation()
        var kept = [Int]()
        for place in varying.indices {
            // Of a feature and its reverse the sums over all pairs agree.
            if kept.allSatisfy({ abs(correlations[place, $0]) < 0.9999 }) { kept.append(place) }
        }
        let places = kept.map { varying[$0] }

        let chosen = all.selectingColumns(places)
        var centres = Matrix<Double>(rows: domainNumbers.count, columns: places.count)
        for domain in 0..<domainNumbers.count {
            let members = fitted.indices.filter { fitted[$0].domain == domain }
            centres.values.replaceSubrange(
                domain * places.count..<(domain + 1) * places.count, with: chosen.columnMeans(rows: members))
        }
        var residuals = chosen
        for (row, world) in fitted.enumerated() {
            for column in places.indices { residuals[row, column] -= centres[world.domain, column] }
        }
        let around = residuals.columnMoments(ddof: 0).variances
        // A flag that is one value in each domain still has the spread that the domains differ by.
        let scales = places.indices.map { (around[$0] + 0.01 * total.variances[places[$0]]).squareRoot() }
        for row in 0..<residuals.rows { for column in places.indices { residuals[row, column] /= scales[column] } }
        var correlation = residuals.covariance(ddof: 0)
        for place in correlation.values.indices { correlation.values[place] *= 1 - Self.shrinkage }
        for column in places.indices { correlation[column, column] += Self.shrinkage }
        precision = CholeskyFactor(correlation)!.inverse
        (self.places, self.centres, self.scales) = (places, centres, scales)
        distances = held.map { distance(of: $0) }.sorted()
    }

    /// Weight of the identity beside the correlations.
    private static let shrinkage = 0.05

    /// How far a panel is from the nearest centre.
    func distance(of summary: PanelSummary) -> Double {
        (0..<centres.rows).map { norm(deviations(of: summary, from: $0)) }.min()!
    }

    /// From a domain's centre, in standard deviations of the worlds around it.
    private func deviations(of summary: PanelSummary, from domain: Int) -> [Double] {
        places.indices.map { (summary.values[places[$0]] - centres[domain, $0]) / scales[$0] }
    }

    /// √(xᵀ P x)
    private func norm(_ x: [Double]) -> Double {
        var sum = 0.0
        for (row, a) in x.enumerated() {
            for (column, b) in x.enumerated() { sum += a * precision[row, column] * b }
        }
        return max(0, sum).squareRoot()
    }
}
