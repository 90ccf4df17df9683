import AnnotatedData
import Matrices
import Screens
import Testing

struct SplitTests {
    /// Ten drugs at two doses and a control; the value of a cell is its place.
    private let screen = PerturbationScreen(
        genes: ["A"], expression: Matrix(rows: 21, columns: 1, values: (0..<21).map { Float($0) }), scale: .scaled,
        contexts: [Context(perturbation: "control", isControl: true)]
            + (0..<20).map { Context(perturbation: "drug\($0 / 2)", dose: Double($0 % 2)) },
        contextOfCell: Array((0..<21).reversed()), knownTargets: ["drug3": ["A"]])

    @Test func namedPerturbationsAreHeldOut() throws {
        let parts = try Split(heldOut: ["drug3", "drug1"]).divide(screen)
        #expect(parts.heldOut.perturbations == ["drug1", "drug3"])
        #expect(parts.training.perturbations.count == 8)
        #expect(parts.training.controlCells.count == 1 && parts.heldOut.controlCells.count == 1)
        #expect(parts.training.knownTargets.isEmpty && parts.heldOut.knownTargets == ["drug3": ["A"]])
        // Cell i stands in context 20 − i.
        #expect(parts.heldOut.expression.values == [12, 13, 16, 17, 20])
        for cell in 0..<5 {
            let place = 20 - Int(parts.heldOut.expression.values[cell])
            #expect(parts.heldOut.contexts[parts.heldOut.contextOfCell[cell]] == screen.contexts[place])
        }
    }

    @Test func aShareIsDrawnBySeed() throws {
        let split = Split(fraction: 0.3, seed: 4)
        let drawn = try split.heldOutPerturbations(of: screen)
        #expect(drawn.count == 3 && drawn == drawn.sorted())
        let reordered = screen.subset(cells: Array((0..<21).reversed()))
        #expect(try split.heldOutPerturbations(of: reordered) == drawn)
        let others = try (0..<20).map { try Split(fraction: 0.3, seed: $0).heldOutPerturbations(of: screen) }
        #expect(Set(others).count > 10)
    }

    /// Places are those of the table, although a cell without a label is left out.
    @Test func trainingCellsAreKnownBeforeExpressionIsRead() throws {
        let table = AnnotationTable(
            names: ["a", "b", "c", "d", "e"],
            columns: [AnnotationColumn(name: "drug", values: .strings([nil, "x", "DMSO", "y", "x"]))])
        let labels = try CellLabels(table)
        #expect(labels.cells == [1, 2, 3, 4])
        #expect(try Split(heldOut: ["x"]).trainingCells(of: labels) == [2, 3])
    }

    @Test func impossibleSplitsAreRefused() {
        #expect { try Split(heldOut: ["drug99"]).divide(screen) } throws: {
            ($0 as? ScreenError)?.code == "UNKNOWN_PERTURBATIONS"
        }
        for split in [
            Split(fraction: 1), Split(fraction: -0.1), Split(fraction: .nan), Split(heldOut: screen.perturbations),
            Split(heldOut: ["drug1"], fraction: 0.1), Split(fraction: 0.99),
        ] {
            #expect { try split.divide(screen) } throws: { ($0 as? ScreenError)?.code == "BAD_SPLIT" }
        }
    }

    @Test func canonicalTextTellsSplitsApart() {
        #expect(Split(heldOut: ["b", "a"]).canonicalText == Split(heldOut: ["a", "b", "a"]).canonicalText)
        #expect(Split(heldOut: ["a\nheld out 1 b"]).canonicalText != Split(heldOut: ["a", "b"]).canonicalText)
        #expect(Split(fraction: 0.1, seed: 1).canonicalText != Split(fraction: 0.1, seed: 2).canonicalText)
        #expect(Split(heldOut: ["a"], seed: 1).canonicalText != Split(heldOut: ["a"], seed: 2).canonicalText)
        var fewer = Split()
        fewer.heldOutCells = 0.1
        #expect(fewer.canonicalText != Split().canonicalText)
    }

    /// Three drugs with controls of their own: held-out drug x takes both of its controls along, y keeps both.
    @Test func matchedControlsFollowTheirStratum() throws {
        let contexts =
            [Context(perturbation: "control", isControl: true)]
            + ["x", "y", "z"].map { Context(perturbation: $0) }
        let screen = PerturbationScreen(
            genes: ["A"], expression: Matrix(rows: 9, columns: 1), scale: .scaled, contexts: contexts,
            contextOfCell: [0, 0, 1, 0, 0, 2, 0, 0, 3])
        let roles = try Split(heldOut: ["x"]).roles(in: screen, strata: [0, 0, 0, 1, 1, 1, 2, 2, 2])
        #expect(roles == [.test, .test, .test] + [CellRole](repeating: .training, count: 6))
        // One plate for all: its controls are halved, the same ones in every run.
        let shared = try Split(heldOut: ["x"]).roles(in: screen, strata: [Int](repeating: 0, count: 9))
        #expect([0, 1, 3, 4, 6, 7].count { shared[$0] == .test } == 3)
        #expect(try Split(heldOut: ["x"]).roles(in: screen, strata: [Int](repeating: 0, count: 9)) == shared)
    }

    /// A plate with cells of both roles and a single control keeps it for training.
    @Test func theOddControlIsForTraining() throws {
        let screen = PerturbationScreen(
            genes: ["A"], expression: Matrix(rows: 4, columns: 1), scale: .scaled,
            contexts: [
                Context(perturbation: "control", isControl: true), .init(perturbation: "x"), .init(perturbation: "y"),
            ],
            contextOfCell: [0, 1, 2, 0])
        #expect(
            try Split(heldOut: ["x"]).roles(in: screen, strata: [0, 0, 0, 1]) == [
                .training, .test, .training, .training,
            ])
    }

    @Test func strataAreReadFromColumns() throws {
        let table = AnnotationTable(
            names: ["a", "b", "c", "d"],
            columns: [
                AnnotationColumn(name: "drug", values: .strings(["x", "DMSO", "DMSO", "x"])),
                AnnotationColumn(name: "plate", values: .integers([2, 2, 1, nil])),
                AnnotationColumn(name: "donor", values: .strings(["m", "m", "m", "m"])),
            ])
        var options = ScreenOptions()
        #expect(try CellLabels(table, options: options).strata == nil)
        options.matchControlsBy = ["plate", "donor"]
        #expect(try CellLabels(table, options: options).strata == [2, 2, 1, 0])
        // Covariates match controls, too, unless all are asked for; they don't centre.
        #expect(try CellLabels(table, options: options).isCentred)
        options = ScreenOptions()
        options.covariates = ["donor", "plate"]
        let matched = try CellLabels(table, options: options)
        #expect(matched.strata == [2, 2, 1, 0] && !matched.isCentred)
        #expect(matched.notices.contains { $0.code == "CONTROLS_BY_KIND" && $0.message.contains("donor and plate") })
        options.matchControlsBy = []
        #expect(try CellLabels(table, options: options).strata == nil)
        options.matchControlsBy = ["well"]
        #expect { try CellLabels(table, options: options) } throws: {
            let error = $0 as? ScreenError
            return error?.code == "MISSING_ELEMENT" && error?.remedy.contains("matchControlsBy") == true
        }
    }
}
