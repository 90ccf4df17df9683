import Foundation
import Matrices
import Probability

/// Where the worlds of a training lie, so that data of another kind are noticed.
///
/// Every world is a `PanelSummary`. What is the same for all pairs of a panel (numbers of cells, share of cells with
/// interventions, whether these are counts) is a setting; worlds that agree in which settings are 0 form a group and are
/// compared among themselves. What a distance means is read from training worlds that were not used to define it.
/// Sources: Mahalanobis 1936; Lee et al. 2018, "A simple unified framework for detecting out-of-distribution samples and
/// adversarial attacks", section 2.1.
/// Deviation from the paper: statistics of pairs in place of a network's layers, and groups by setting in place of classes.
public struct TrainingSupport: Sendable, Equatable {
    /// Of the features that summaries sum up.
    let features: [String]
    /// Features that are the same for all pairs of a panel. Of panels, ln of the number of genes comes last.
    let settings: [Int]
    let groups: [SupportGroup]

    /// Groups of fewer worlds say too little of how they scatter.
    static let smallestGroup = 60

    /// To be made at the end of a training, from a few thousand worlds as it meets them:
    ///
    ///     tensors.add(TrainingSupport(summaries: worlds.map { PanelSummary($0.features) }))
    ///
    /// Half of the worlds of a group, drawn at random, tell the distances of the rest.
    public init(summaries: [PanelSummary]) {
        precondition(!summaries.isEmpty, "no worlds")
        let features = summaries[0].features
        precondition(summaries.allSatisfy { $0.features == features }, "summaries of different features")
        self.features = features
        let values = Matrix(
            rows: summaries.count, columns: summaries[0].values.count, values: summaries.flatMap(\.values))
        let variances = values.columnMoments(ddof: 0).variances
        let settings = features.indices.filter { feature in
            variances[PanelSummary.place(.mean, feature, of: features.count)] > 1e-8
                && summaries.allSatisfy { $0.values[PanelSummary.place(.spread, feature, of: features.count)] < 1e-5 }
        }
        self.settings = settings
        // Those of pairs: those of genes, which are fewer, scatter more and say little else.
        let candidates = (0..<2 * features.count).filter { !settings.contains($0 % features.count) }

        var members = [[Bool]: [Int]]()
        var stream = RandomStream(seed: 0).stream("training support")
        for world in stream.permutation(summaries.count) {
            members[Self.pattern(summaries[world], settings), default: []].append(world)
        }
        let conditions = summaries.map { Self.conditions($0, settings) }
        groups = members.filter { $0.value.count >= Self.smallestGroup }
            .sorted { $0.key.map { $0 ? "1" : "0" }.joined() < $1.key.map { $0 ? "1" : "0" }.joined() }
            .map { pattern, worlds in
                let (fitted, held) = (worlds[..<(worlds.count / 2)], worlds[(worlds.count / 2)...])
                var group = SupportGroup.fitted(
                    pattern: pattern, worlds: values.selectingRows(Array(fitted)),
                    conditions: Matrix(
                        rows: fitted.count, columns: settings.count + 1, values: fitted.flatMap { conditions[$0] }),
                    candidates: candidates)
                group.distances = held.map {
                    group.distance(of: summaries[$0].values, conditions: conditions[$0]).distance
                }.sorted()
                return group
            }
    }

    init(features: [String], settings: [Int], groups: [SupportGroup]) {
        self.features = features
        self.settings = settings
        self.groups = groups
    }

    /// Of a panel from the training, with the statistics that are most unlike it.
    func distance(of summary: PanelSummary) -> TrainingDistance {
        precondition(summary.features == features, "a summary of other features")
        let pattern = Self.pattern(summary, settings)
        guard let group = groups.first(where: { $0.pattern == pattern }) else {
            let present = zip(settings, pattern).filter(\.1).map { PanelSummary.separated(features[$0.0]) }
            return TrainingDistance(
                relative: nil, percentile: 100,
                unlike: ["no training worlds with " + present.joined(separator: ", ") + " and the other settings 0"])
        }
        let (distance, deviations) = group.distance(
            of: summary.values, conditions: Self.conditions(summary, settings))
        guard distance.isFinite else { return TrainingDistance(relative: nil, percentile: 100, unlike: []) }
        let nearer = group.distances.prefix { $0 < distance }.count
        let largest = deviations.indices.sorted { (abs(deviations[$0]), $1) > (abs(deviations[$1]), $0) }.prefix(3)
        return TrainingDistance(
            relative: distance, percentile: 100 * Double(nearer) / Double(max(1, group.distances.count)),
            unlike: largest.filter { abs(deviations[$0]) > TrainingDistance.tellingDeviation }.map {
                (deviations[$0] > 0 ? "high " : "low ")
                    + PanelSummary.words(group.places[$0], features: features)
            })
    }

    /// Of the settings those that are not 0.
    private static func pattern(_ summary: PanelSummary, _ settings: [Int]) -> [Bool] {
        settings.map { abs(summary.values[$0]) > 1e-9 }
    }

    private static func conditions(_ summary: PanelSummary, _ settings: [Int]) -> [Double] {
        settings.map { summary.values[$0] } + [summary.values.last!]
    }
}
