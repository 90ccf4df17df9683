import AnnotatedData
import Foundation
import Interventions
import Matrices
import Probability
import Screens
import ShiftProcesses
import Testing

@testable import ScreenModels

/// Screens in which labels say nothing, made of screens in which they do.
struct NegativeControlTests {
    private static let planted = ChainScreen(measured: 14, doses: [nil], cells: 40)

    private static var screen: PerturbationScreen {
        var screen = planted.screen
        screen.features = nil
        return screen
    }

    private func claims(_ model: ScreenModel) -> Int { model.targetProbabilities.count { $0 >= 0.5 } }

    private func fitted(_ screen: PerturbationScreen) throws -> ScreenModel {
        try ScreenModel.fit(screen, options: ScreenModelTests.options)
    }

    @Test func whatWasPlantedIsClaimedAndSaidToStandOut() throws {
        let model = try fitted(Self.screen)
        #expect(claims(model) == 14)
        let moved = try #require(model.diagnostics.first { $0.name == "mean shifts beyond noise" })
        // Fourteen drugs, each of one gene and those after it in a chain of six.
        #expect(moved.value >= 14 && moved.note.hasPrefix("of 84 "))
        #expect(!model.notices.contains { $0.code == "NO_EVIDENCE" || $0.code == "EVIDENCE_OF_FEW" })
        #expect(!model.notices.contains { $0.code == "CLAIMS_WITHOUT_SHIFT" })
    }

    /// The labels of all cells shuffled, controls among them, twenty times.
    @Test func permutedLabelsClaimNothing() throws {
        var (claimed, silent, missed, intervals) = (0, 0, 0, 0)
        for seed in 0..<20 {
            var screen = Self.screen
            var random = RandomStream(seed: UInt64(seed)).stream("permuted")
            screen.contextOfCell = random.permutation(screen.contextOfCell.count).map { Self.screen.contextOfCell[$0] }
            let model = try fitted(screen)
            claimed += claims(model)
            silent += model.notices.contains { $0.code == "NO_EVIDENCE" } ? 1 : 0
            for context in model.contexts {
                let found = try model.predict(.init(perturbation: context.perturbation))
                missed += zip(found.lower, found.upper).count { $0 > 0 || $1 < 0 }
                intervals += model.genes.count
            }
        }
        // Of 1,680 pairs one in 15,000 shows by chance what is more probable than not at a rate of one in fifty: z = 4.
        #expect(claimed <= 1)
        // The test's own rate is one false alarm in twenty screens: four or more in twenty have probability .016.
        #expect(silent >= 17)
        // 90 % intervals of the truth, which is nothing.
        #expect(Double(missed) / Double(intervals) < 0.1)
    }

    /// Control cells alone, some of them called treatments at random.
    @Test func controlsSplitAtRandomClaimNothing() throws {
        let all = Self.screen
        var random = RandomStream(seed: 3).stream("split")
        let chosen = random.permutation(all.controlCells.count).map { all.controlCells[$0] }
        let size = 40
        let contexts =
            [Context(perturbation: "vehicle", isControl: true)] + (1...5).map { Context(perturbation: "half\($0)") }
        let screen = PerturbationScreen(
            genes: all.genes, expression: all.expression.selectingRows(chosen), scale: all.scale, contexts: contexts,
            contextOfCell: chosen.indices.map { $0 / size < 5 ? 1 + $0 / size : 0 })
        let model = try fitted(screen)
        #expect(claims(model) == 0)
        #expect(model.notices.contains { $0.code == "NO_EVIDENCE" })
    }

    /// One drug of many: said by name, and that the others show nothing.
    @Test func evidenceOfFewIsSaidToBeThat() throws {
        var screen = Self.screen
        var random = RandomStream(seed: 5).stream("few")
        // All cells but those of the first drug are shuffled.
        let others = screen.contextOfCell.indices.filter { Self.screen.contextOfCell[$0] != 1 }
        let order = random.permutation(others.count)
        for (place, other) in others.enumerated() {
            screen.contextOfCell[other] = Self.screen.contextOfCell[others[order[place]]]
        }
        let model = try fitted(screen)
        let notice = try #require(model.notices.first { $0.code == "EVIDENCE_OF_FEW" })
        #expect(notice.message.contains("of 14 treatments only: drug0 (g0"), "\(notice.message)")
    }

    /// Half of each treatment's and of the controls' cells kept aside: the shift of that half lies within the interval and
    /// its own sampling error in nine of ten cases.
    @Test(arguments: [0.0, 1]) func intervalsHoldTheShiftsOfOtherCells(strength: Double) throws {
        let planted = ChainScreen(measured: 12, doses: [nil], cells: 80, strength: strength)
        var all = planted.screen
        all.features = nil
        var seen: [Int: Int] = [:]
        var halves: [[Int]] = [[], []]
        for (cell, context) in all.contextOfCell.enumerated() {
            halves[seen[context, default: 0] % 2].append(cell)
            seen[context, default: 0] += 1
        }
        let screens = halves.map { cells in
            PerturbationScreen(
                genes: all.genes, expression: all.expression.selectingRows(cells), scale: all.scale,
                contexts: all.contexts, contextOfCell: cells.map { all.contextOfCell[$0] })
        }
        let model = try fitted(screens[0])
        let table = try ShiftTable(screens[1])
        var held = 0
        for (treatment, context) in table.contexts.enumerated() {
            let found = try model.predict(.init(perturbation: context.perturbation))
            for gene in model.genes.indices {
                let width = (found.upper[gene] - found.lower[gene]) / 2
                let noise =
                    ShiftCalibration.normalQuantile
                    * table.samplingVariance(treatment: treatment, gene: gene).squareRoot()
                let error = abs(table.shifts[treatment, gene] - found.shift[gene])
                held += error <= (width * width + noise * noise).squareRoot() ? 1 : 0
                // Without any evidence of how far genes move unseen, an interval is a point where nothing is seen to.
                #expect(width > 0.01 * noise)
            }
        }
        // Of 72: three standard deviations of a share of .9, of which genes of a treatment and controls are not independent.
        #expect(Double(held) / 72 > 0.9 - 3 * (0.09 / 24).squareRoot())
    }
}
