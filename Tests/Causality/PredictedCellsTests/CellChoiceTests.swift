import Foundation
import Matrices
import Probability
import Screens
import Testing

@testable import PredictedCells

struct CellChoiceTests {
    @Test func energyDistanceOfFewPoints() {
        let a = EnergyDistance(Matrix<Float>(rows: 2, columns: 1, values: [0, 2]))
        let b = EnergyDistance(Matrix<Float>(rows: 3, columns: 1, values: [1, 4, 4]))
        // Between: (1 + 4 + 4 + 1 + 2 + 2)/6; within a: 2; within b: (3 + 3 + 0)/3.
        #expect(abs(a.value(to: b) - (2 * 14.0 / 6 - 2 - 2)) < 1e-12)
    }

    /// Treated cells of counts at twice the rate.
    func generator() throws -> CellGenerator {
        var planted = PlantedScreen()
        let rates = [0.1, 0.3, 0.6, 1, 2, 0.5, 0.2]
        planted.add(PlantedScreen.control, PlantedScreen.counts(300, rates: rates, seed: 1))
        for place in 0..<6 {
            let own = rates.enumerated().map { $0 % 3 == place % 3 ? $1 * 4 : $1 }
            planted.add(
                Context(perturbation: "p\(place)"), PlantedScreen.counts(150, rates: own, seed: UInt64(10 + place)))
        }
        return try CellGenerator(training: planted.screen, stream: RandomStream(seed: 1))
    }

    func trials(_ generator: CellGenerator, _ cells: (Int) -> [CellMaking: Matrix<Float>]) -> [CellTrial] {
        generator.contexts.indices.map { place in
            CellTrial(
                context: place, shift: (0..<generator.genes).map { Double(generator.shifts[place, $0]) },
                cells: cells(place))
        }
    }

    @Test func realCellsOfACausalModelAreChosen() throws {
        var generator = try generator()
        let wrong = generator.controls
        let rows = generator.contexts.indices.map { Array(generator.treatedRows($0)) }
        let right = rows.map { generator.treated.selectingRows($0) }
        try generator.choose(
            by: trials(generator) { [.counterfactual: right[$0], .ancestral: wrong] }, stream: RandomStream(seed: 2))
        let choice = try #require(generator.choice)
        #expect(choice.source == .counterfactual)
        #expect(CellMaking.ownSources.contains(choice.ownSource))
        #expect(choice.treatments == 6)
        let energies = Dictionary(uniqueKeysWithValues: choice.scores.map { ($0.source, $0.energyDistance) })
        // The measured cells themselves.
        #expect((energies[.counterfactual] ?? 1) < 0)
        #expect((energies[.ancestral] ?? 0) > (energies[.transported] ?? 1))
    }

    @Test func transportStaysWithoutReason() throws {
        var generator = try generator()
        let wrong = generator.controls
        try generator.choose(by: trials(generator) { _ in [.ancestral: wrong] }, stream: RandomStream(seed: 2))
        let choice = try #require(generator.choice)
        #expect(CellMaking.ownSources.contains(choice.source))
        let scores = Dictionary(uniqueKeysWithValues: choice.scores.map { ($0.source, $0) })
        // Moved controls have the variance of controls, less than treated cells of four times the rate in a third of the
        // genes.
        #expect((scores[.transported]?.energyDistance ?? 1) < (scores[.shifted]?.energyDistance ?? 0))
        // Variances of 150 cells, of which a third are of a changed gene.
        #expect(abs((scores[.transported]?.varianceRatio ?? 0) - 1) < 0.1)
    }

    @Test func choicesRepeatWhateverTheThreads() throws {
        var (one, three) = (try generator(), try generator())
        try one.choose(by: trials(one) { _ in [:] }, stream: RandomStream(seed: 2), workers: 1)
        try three.choose(by: trials(three) { _ in [:] }, stream: RandomStream(seed: 2), workers: 3)
        #expect(one == three)
    }

    @Test func badTrialsAreRefused() throws {
        var generator = try generator()
        let shift = [Double](repeating: 0, count: 7)
        #expect(throws: PredictedCellsError.self) {
            try generator.choose(by: [CellTrial(context: 6, shift: shift)], stream: RandomStream(seed: 1))
        }
        #expect(throws: PredictedCellsError.self) {
            try generator.choose(
                by: [CellTrial(context: 0, shift: shift, cells: [.ancestral: Matrix(rows: 5, columns: 2)])],
                stream: RandomStream(seed: 1))
        }
        try generator.choose(by: [], stream: RandomStream(seed: 1))
        #expect(generator.choice == nil)
    }
}
