import Foundation
import Matrices
import Networks
import Probability
import Testing

@testable import Structure

@Suite struct TrainingSupportTests {
    private typealias Panel = (values: Matrix<Float>, interventions: Matrix<Float>?)

    /// A linear world: 6 to 9 genes in a random order, each with up to two parents, with Gaussian noise; in every second
    /// world a third of the cells has a gene set to 3.
    private static func linear(_ stream: RandomStream, interventional: Bool? = nil) -> Panel {
        var stream = stream
        let (n, d) = (50 + stream.index(below: 50), 6 + stream.index(below: 4))
        let interventional = interventional ?? stream.bernoulli(0.5)
        let order = stream.permutation(d)
        let weights = (0..<2 * d).map { _ in (stream.bernoulli(0.5) ? 1 : -1) * stream.uniform(1, 3) }
        let parents = (0..<d).map { place in
            (0..<2).compactMap { _ in place > 0 && stream.bernoulli(0.7) ? stream.index(below: place) : nil }
        }
        var values = Matrix<Float>(rows: n, columns: d)
        var interventions = values
        for cell in 0..<n {
            for place in 0..<d {
                var value = stream.normal()
                for (number, parent) in parents[place].enumerated() {
                    value += weights[2 * place + number] * Double(values[cell, order[parent]])
                }
                if interventional, cell < n / 3, cell % d == place {
                    value = 3
                    interventions[cell, order[place]] = 1
                }
                values[cell, order[place]] = Float(value)
            }
        }
        return (values, interventional ? interventions : nil)
    }

    /// Data that no linear Gaussian world gives.
    private static func other(_ kind: String, _ stream: RandomStream) -> Panel {
        var stream = stream
        let (n, d) = (100, 8)
        var values = Matrix<Float>(rows: n, columns: d)
        let centres = (0..<4).map { _ in (0..<d).map { _ in 6 * stream.normal() } }
        let frequencies = (0..<d).map { _ in stream.uniform(1, 8) }
        for cell in 0..<n {
            let (batch, spread) = (stream.index(below: 4), abs(stream.cauchy()))
            for gene in 0..<d {
                let value: Double =
                    switch kind {
                    case "heavy tails": spread * stream.cauchy()
                    case "batches": centres[batch][gene] + stream.normal()
                    case "waves": sin(6.28 * frequencies[gene] * Double(cell) / Double(n)) + 0.05 * stream.normal()
                    default: stream.bernoulli(0.3) ? 1 : 0
                    }
                values[cell, gene] = Float(value)
            }
        }
        return (values, nil)
    }

    private static func summary(_ panel: Panel) -> PanelSummary {
        PanelSummary(PairFeatures(values: panel.values, interventions: panel.interventions))
    }

    private static let support = TrainingSupport(
        summaries: (0..<360).map { summary(linear(RandomStream(seed: 1).stream("training").stream($0))) })

    @Test func groupsAreThoseWithAndWithoutInterventions() {
        // Of all features only the numbers of cells and interventions are one for a whole panel and vary.
        #expect(
            Self.support.settings.map { PairFeatures.names[$0] }.contains("intervenedShare")
                && Self.support.groups.count == 2)
        for group in Self.support.groups { #expect(group.places.count > 20 && group.distances.count > 60) }
    }

    /// 5 in 100 lie beyond the level. 60 fresh worlds, and a level from 90 others: a standard deviation of
    /// √(0.05 · 0.95 · (1/60 + 1/90)) = 0.036; three of them above 0.05 are 9 worlds.
    @Test func worldsLikeThoseOfTheTrainingAreRarelyOutside() {
        let distances = (0..<60).map { number in
            Self.support.distance(of: Self.summary(Self.linear(RandomStream(seed: 2).stream("fresh").stream(number))))
        }
        #expect(distances.count { $0.isOutside } <= 9)
        // The usual distance is 1 by definition; worlds that defined nothing lie a little farther.
        let middle = TrainingDistance.middle(of: distances)?.relative ?? 0
        #expect(middle > 0.8 && middle < 1.6, "\(middle) \(Self.support.groups.map(\.places.count))")
    }

    /// Half of them at least would be too few for a warning; the four kinds are far off with eight genes and 100 cells.
    @Test(arguments: ["heavy tails", "batches", "waves", "two values"])
    func otherDataAreOutside(_ kind: String) {
        let distances = (0..<10).map { number in
            Self.support.distance(of: Self.summary(Self.other(kind, RandomStream(seed: 3).stream(kind).stream(number))))
        }
        #expect(distances.count { $0.isOutside } >= 9)
        #expect(distances.contains { !$0.unlike.isEmpty } && distances[0].notice?.code == "OUTSIDE_TRAINING")
    }

    @Test func settingsThatTrainingNeverHadAreOutside() throws {
        let panel = Self.linear(RandomStream(seed: 4), interventional: false)
        let counts = TrainingSupport(
            summaries: (0..<120).map { number in
                let panel = Self.linear(RandomStream(seed: 5).stream(number))
                return PanelSummary(
                    PairFeatures(values: panel.values, interventions: panel.interventions, areCounts: number % 2 == 0))
            })
        // Each of the four groups has some thirty worlds: too few.
        #expect(counts.groups.isEmpty)
        var tensors = try StructurePredictorTests.tensors()
        tensors.add(counts)
        #expect(try TrainingSupport(tensors) == nil)
        let distance = counts.distance(of: Self.summary(panel))
        #expect(distance.isOutside && distance.relative == nil && distance.notice?.message.contains("cells") == true)
    }

    @Test func aFileKeepsIt() throws {
        var tensors = try StructurePredictorTests.tensors()
        let panel = Self.other("batches", RandomStream(seed: 6))
        let genes = (0..<8).map { "g\($0)" }
        let without = try StructurePredictor(tensors).predict(values: panel.values, genes: genes)
        #expect(without.distance == nil && !without.notices.contains { $0.code == "OUTSIDE_TRAINING" })

        tensors.add(Self.support)
        let file = tensors.encoded()
        let read = try SafeTensors(data: file)
        let support = try #require(try TrainingSupport(read))
        let (there, here) = (support.distance(of: Self.summary(panel)), Self.support.distance(of: Self.summary(panel)))
        // 32 bits for the numbers of the file: 6e-8 times the condition of the precision, 1/0.05 at most, and a few sums.
        #expect(abs(there.relative! / here.relative! - 1) < 1e-4 && there.unlike == here.unlike)
        // Small beside any network.
        #expect(support.entries.reduce(0) { $0 + 4 * $1.values.count } < 200_000)

        let with = try StructurePredictor(read).predict(values: panel.values, genes: genes)
        #expect(with.beliefs == without.beliefs && with.distance?.unlike == there.unlike)
        // The predictor brings genes into another order, and statistics round anew in 32 bits.
        #expect(abs(with.distance!.relative! / there.relative! - 1) < 1e-3)
        #expect(with.notices.contains { $0.code == "OUTSIDE_TRAINING" })
    }

    @Test func damagedFilesAreRefused() throws {
        var tensors = try StructurePredictorTests.tensors()
        tensors.add(Self.support)
        var cut = tensors
        cut.entries.removeAll { $0.name == "support.0.scale" }
        #expect(throws: WeightsError.self) { try StructurePredictor(cut) }
        var other = tensors
        other.metadata[TrainingSupport.metadataKey] = "{}"
        #expect(throws: WeightsError.self) { try StructurePredictor(other) }
        var short = tensors
        short.entries = short.entries.map { entry in
            entry.name == "support.1.precision"
                ? SafeTensors.Entry(name: entry.name, shape: [1], values: [1]) : entry
        }
        #expect(throws: WeightsError.self) { try StructurePredictor(short) }
        // Settings, places and statistics that repeat themselves would ask for more than the file holds.
        for (list, name) in [
            ("settings", #""settings":["#), ("places", #""places":["#), ("features", #""features":["#),
        ] {
            var repeating = tensors
            let text = try #require(tensors.metadata[TrainingSupport.metadataKey])
            let first = try #require(text.range(of: name))
            let element = text[first.upperBound...].prefix { $0 != "," && $0 != "]" }
            repeating.metadata[TrainingSupport.metadataKey] = text.replacingCharacters(
                in: first, with: "\(name)\(element),")
            let error = #expect(throws: WeightsError.self) { try StructurePredictor(repeating) }
            #expect(error?.element == TrainingSupport.metadataKey, "\(list)")
        }
        let twice = try StructurePredictorTests.tensors(features: ["correlation", "shift", "correlation"])
        #expect(throws: WeightsError.self) { try StructurePredictor(twice) }
    }

    /// Numbers of a file that no training gives: what is beyond all numbers is not near.
    @Test func distancesBeyondAllNumbersAreOutside() throws {
        var tensors = try StructurePredictorTests.tensors()
        tensors.add(Self.support)
        for place in tensors.entries.indices where tensors.entries[place].name == "support.0.scale" {
            let entry = tensors.entries[place]
            // The first row holds the intercepts: e to the power of them is 0.
            tensors.entries[place] = SafeTensors.Entry(
                name: entry.name, shape: entry.shape,
                values: entry.values.indices.map { $0 < entry.shape[1] ? -3e38 : 0 })
        }
        let support = try #require(try TrainingSupport(tensors))
        let distance = support.distance(of: Self.summary(Self.linear(RandomStream(seed: 9), interventional: false)))
        #expect(distance.isOutside && distance.relative == nil)
    }

    @Test func summariesDoNotDependOnTheOrderOfGenes() {
        let panel = Self.linear(RandomStream(seed: 7))
        let order = RandomStream(seed: 8).order(panel.values.columns)
        let moved = panel.values.selectingColumns(order)
        let (a, b) = (
            Self.summary((panel.values, nil)).values, Self.summary((moved, nil)).values
        )
        // Sums over pairs in another order, of features that round in 32 bits.
        for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-4) }
    }
}
