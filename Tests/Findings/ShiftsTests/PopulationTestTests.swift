import Foundation
import Matrices
import Probability
import Testing

@testable import Shifts

struct PopulationTestTests {
    private static func golden() throws -> (Matrix<Float>, ComparedGroups) {
        let labels = try GoldenTable.labels()
        return (
            try GoldenTable("coordinates").numbers,
            ComparedGroups(labels: labels, comparing: ["a", "b"], reference: "control")
        )
    }

    /// scperturb's `edist_to_control` for the E-distance, sums over scipy's `cdist` and so on for the others.
    @Test func everyMetricAsItsDefinition() throws {
        let (points, groups) = try Self.golden()
        let found = PopulationTest(metrics: DistanceMetric.allCases).distances(
            points, space: "5 dimensions", groups: groups, random: RandomStream(seed: 0))
        let golden = try GoldenTable("distances")
        #expect(found.count == golden.rows.count)
        for (one, row) in zip(found, golden.rows) {
            #expect(one.group == row[0] && one.metric.rawValue == row[1])
            let expected = try #require(Double(row[2]))
            // Sums of some thousand doubles in another order.
            #expect(abs(one.measure.value - expected) < 1e-10 * max(1, abs(expected)), "\(row) \(one.measure.value)")
            #expect(one.pValue == nil)
            #expect(one.measure.variant.hasSuffix(", 5 dimensions"))
        }
    }

    /// Against the reference or the rest; a group larger than its reference, where the reference's cells are the ones chosen.
    @Test(arguments: ["control", nil])
    func permutedValuesAreThoseOfTheLabels(reference: String?) throws {
        let (points, groups) = try Self.golden()
        let all = CentredPoints(points, groups: groups)
        let own = all.cellsOfCode[0] + (reference == nil ? [] : all.cellsOfCode[2])
        let other = all.cellsOfCode[1]
        // The pair sums of a selection, and of the same cells taken as a population.
        let pooled = PairwiseSums(all.points.selectingRows(own + other))
        var selections = Selections(size: own.count)
        var order = (0..<Int32(own.count + other.count)).map { $0 }
        var random = RandomStream(seed: 3)
        selections.draw(4, order: &order, random: &random)
        let sums = pooled.sums(.euclidean, selections: selections)
        for selection in 0..<selections.count {
            let chosen = selections.withCells(of: selection) { $0.map { Int($0) } }
            #expect(chosen == chosen.sorted() && Set(chosen).count == own.count)
            let left = (0..<pooled.count).filter { !chosen.contains($0) }
            let rows = all.points.selectingRows(own + other)
            let (a, b) = (PairwiseSums(rows.selectingRows(chosen)), PairwiseSums(rows.selectingRows(left)))
            #expect(abs(sums[selection].within - a.sumWithin(.euclidean)) < 1e-8)
            #expect(abs(sums[selection].between - a.sum(.euclidean, with: b)) < 1e-8)
            #expect(abs(sums[selection].rest - b.sumWithin(.euclidean)) < 1e-8)
        }
    }

    /// More cells than a tile's side, so that tiles meet.
    @Test func tilesMakeTheWhole() {
        var random = RandomStream(seed: 1)
        let points = Matrix<Double>(rows: 300, columns: 2, values: (0..<600).map { _ in random.normal() })
        var expected = 0.0
        for i in 0..<300 {
            for j in 0..<300 where i != j {
                expected += hypot(points[i, 0] - points[j, 0], points[i, 1] - points[j, 1])
            }
        }
        let sums = PairwiseSums(points)
        #expect(abs(sums.sumWithin(.euclidean) - expected) < 1e-9 * expected)
        #expect(abs(sums.sum(.euclidean, with: sums) - expected) < 1e-6 * expected)
        var selections = Selections(size: 300)
        var order = (0..<Int32(300)).map { $0 }
        selections.draw(1, order: &order, random: &random)
        #expect(abs(sums.sums(.euclidean, selections: selections)[0].within - expected) < 1e-9 * expected)
    }

    /// Three cells against four: all 35 divisions can be looked at, and the share of those as far apart is the p-value.
    @Test(arguments: DistanceMetric.allCases)
    func pValuesAsByEnumeration(metric: DistanceMetric) throws {
        let points = Matrix<Float>(
            rows: 7, columns: 2, values: [0.1, 1, 1.2, 0.4, 0.6, 2.1, 2.5, 1.1, 1.9, 3, 0.8, 0.9, 3.1, 2.2])
        func distance(_ chosen: Set<Int>, permutations: Int) -> GroupDistance {
            let labels = (0..<7).map { chosen.contains($0) ? "a" : "c" }
            let groups = ComparedGroups(labels: labels, comparing: ["a"], reference: "c")
            return PopulationTest(metrics: [metric], permutations: permutations).distances(
                points, space: "two", groups: groups, random: RandomStream(seed: 5))[0]
        }
        let observed = distance([0, 2, 5], permutations: 3000)
        var reached = 0
        for i in 0..<7 {
            for j in i + 1..<7 {
                for k in j + 1..<7 {
                    let value = distance([i, j, k], permutations: 0).measure.value
                    if value >= observed.measure.value - 1e-9 * abs(observed.measure.value) { reached += 1 }
                }
            }
        }
        // Four standard deviations of a share of 3,000 draws.
        let share = Double(reached) / 35
        let pValue = try #require(observed.pValue)
        #expect(abs(pValue - share) < 4 * (share * (1 - share) / 3000).squareRoot() + 1e-3, "\(pValue) \(share)")
    }

    @Test func separatedGroupsAndEqualOnes() throws {
        var random = RandomStream(seed: 8)
        let values: [[Float]] = (0..<90).map { cell in
            (0..<3).map { _ in Float(random.normal()) + (cell < 30 ? 3 : 0) }
        }
        let points = Matrix<Float>(rows: 90, columns: 3, values: values.flatMap { $0 })
        let labels = (0..<90).map { $0 < 30 ? "far" : $0 < 60 ? "near" : "control" }
        let groups = ComparedGroups(labels: labels, comparing: ["far", "near"], reference: "control")
        for (convention, least) in [(PermutationConvention.addOne, 1.0 / 200), (.scPerturb, 1.0 / 199)] {
            let found = PopulationTest(
                metrics: [.eDistance, .energyDistance], permutations: 199, convention: convention
            ).distances(points, space: "", groups: groups, random: RandomStream(seed: 0))
            #expect(found.prefix(2).allSatisfy { $0.pValue == least })
            #expect(found.suffix(2).allSatisfy { ($0.pValue ?? 0) > 0.05 })
        }
    }

    @Test func cellsAllAlike() {
        let points = Matrix<Float>(rows: 12, columns: 2, repeating: 0.1)
        let groups = ComparedGroups(
            labels: (0..<12).map { $0 < 6 ? "a" : "c" }, comparing: ["a"], reference: "c")
        let found = PopulationTest(metrics: [.eDistance, .energyDistance, .wasserstein, .meanShift], permutations: 50)
            .distances(points, space: "", groups: groups, random: RandomStream(seed: 0))
        #expect(found.allSatisfy { $0.measure.value == 0 && $0.pValue == 1 })
    }

    /// A group's permutations depend on its name only, not on the groups beside it.
    @Test func eachGroupHasItsOwnStream() throws {
        let (points, groups) = try Self.golden()
        let test = PopulationTest(metrics: [.energyDistance, .meanDiscrepancyBiased], permutations: 99)
        let both = test.distances(points, space: "s", groups: groups, random: RandomStream(seed: 1))
        #expect(both == test.distances(points, space: "s", groups: groups, random: RandomStream(seed: 1)))
        let labels = try GoldenTable.labels()
        let alone = ComparedGroups(labels: labels, comparing: ["b"], reference: "control")
        let energy = PopulationTest(metrics: [.energyDistance], permutations: 99)
        let one = energy.distances(points, space: "s", groups: alone, random: RandomStream(seed: 1))
        #expect(one[0].pValue == both[2].pValue)
        // Centred about other cells, so equal but for rounding.
        #expect(abs(one[0].measure.value - both[2].measure.value) < 1e-12)
    }
}
