import AnnotatedData
import Matrices
import Screens
import Testing

struct ScreenReadingTests {
    private func data(
        _ columns: [(String, ColumnValues)], genes: [String] = ["A", "B", "C"], layers: [String: CellMatrix] = [:]
    ) -> AnnotatedMatrix {
        let count = columns.first?.1.count ?? 0
        return AnnotatedMatrix(
            x: .dense(
                Matrix(rows: count, columns: genes.count, values: (0..<count * genes.count).map { Float($0) + 0.5 })),
            cells: AnnotationTable(
                names: (0..<count).map { "c\($0)" },
                columns: columns.map { AnnotationColumn(name: $0.0, values: $0.1) }),
            genes: AnnotationTable(names: genes), layers: layers)
    }

    private func code(_ data: AnnotatedMatrix, _ options: ScreenOptions = .init()) -> String? {
        do throws(ScreenError) {
            _ = try PerturbationScreen(data, scale: .log1p, options: options)
            return nil
        } catch {
            return "\(error.code): \(error.remedy)"
        }
    }

    @Test func labelsDosesAndUnits() throws {
        let screen = try PerturbationScreen(
            data([
                ("drug", .strings(["x", "DMSO", "y", "x"])), ("dose", .floats([10, .nan, 1, 2])),
                ("dose_unit", .strings(["uM", nil, "uM", "uM"])),
            ]), scale: .log1p)
        #expect(
            screen.contexts == [
                Context(perturbation: "DMSO", isControl: true), Context(perturbation: "x", dose: 2, doseUnit: "uM"),
                Context(perturbation: "x", dose: 10, doseUnit: "uM"),
                Context(perturbation: "y", dose: 1, doseUnit: "uM"),
            ])
        #expect(screen.contextOfCell == [2, 0, 3, 1])
        #expect(screen.controlCells == [1])
        #expect(screen.perturbations == ["x", "y"])
        #expect(screen.notices.map(\.code) == ["CONTROL_LABEL"])
    }

    @Test func repeatedGeneNamesAreNumbered() throws {
        let names = ["A", "A", "A-1", "A", "B"]
        let screen = try PerturbationScreen(data([("drug", .strings(["x", "DMSO"]))], genes: names), scale: .log1p)
        #expect(screen.genes == ["A", "A-2", "A-1", "A-3", "B"])
        #expect(screen.notices.contains { $0.code == "DUPLICATE_NAMES" })
    }

    @Test func dosesAreReadFromTexts() throws {
        func read(_ doses: [String?], units: [String?]? = nil, asked: String? = nil) throws -> [Context] {
            var options = ScreenOptions()
            options.doseUnit = asked
            var columns: [(String, ColumnValues)] = [
                ("drug", .strings(["x", "DMSO", "y", "x"])), ("dose", .strings(doses)),
            ]
            if let units { columns.append(("dose_unit", .strings(units))) }
            return try PerturbationScreen(data(columns), scale: .log1p, options: options).contexts.filter {
                !$0.isControl
            }
        }
        func contexts(_ values: [Double], _ unit: String) -> [Context] {
            zip(["x", "x", "y"], values).map { Context(perturbation: $0, dose: $1, doseUnit: unit) }
        }
        // One unit stays; several become the common one; one that is asked for wins.
        #expect(try read(["10 nM", "vehicle", "1nM", "2 nM"]) == contexts([2, 10, 1], "nM"))
        #expect(try read(["10 nM", nil, "1 uM", "1e-6 M"]) == contexts([0.01, 1, 1], "uM"))
        #expect(try read(["10 nM", nil, "1 uM", "2 \u{B5}M"], asked: "nM") == contexts([10, 2000, 1000], "nM"))
        #expect(
            try read(["10 uM", nil, "1 uM", "2 uM"], units: ["uM", nil, "uM", "uM"]) == contexts([2, 10, 1], "uM"))
        #expect(try read(["10", nil, "1", "2"], units: ["uM", nil, "uM", "uM"]) == contexts([2, 10, 1], "uM"))
        func refusal(_ doses: [String?], units: [String?]? = nil, asked: String? = nil) -> String? {
            let error = #expect(throws: ScreenError.self) { try read(doses, units: units, asked: asked) }
            return error.map { "\($0.code): \($0.message)" }
        }
        let kinds = refusal(["10 nM", nil, "1 mg/ml", "2 nM"])
        #expect(kinds == "DOSE_VALUE: doses of one kind expected, found mass concentration and molar concentration")
        #expect(refusal(["10 nM", nil, "1", "2 nM"])?.hasPrefix("DOSE_VALUE") == true)
        #expect(refusal(["10 nM;1 nM", nil, "1 nM", "2 nM"])?.contains("one dose expected") == true)
        #expect(refusal(["1-10 nM", nil, "1 nM", "2 nM"])?.contains("cell c0") == true)
        #expect(refusal(["1 nM", nil, "1 nM", "2 nM"], asked: "mg/ml")?.contains("mass concentration") == true)
        #expect(
            refusal(["1 nM", nil, "1 nM", "2 nM"], units: ["uM", nil, "uM", "uM"])?.hasPrefix("AMBIGUOUS") == true)
    }

    /// Every case names the option that settles it.
    @Test func whatIsNotClearIsRefused() {
        #expect(code(data([("batch", .strings(["a", "b"]))]))?.contains("perturbationColumn") == true)
        let labels = ColumnValues.strings(["x", "y", "control"])
        #expect(code(data([("drug", labels), ("condition", .strings(["p", "r", "q"]))])) == nil)
        #expect(
            code(
                data([("drug", .strings(["x", "y", "x", "control"])), ("condition", .strings(["p", "p", "q", "q"]))]))
                == "AMBIGUOUS: set perturbationColumn to one of them")
        #expect(code(data([("drug", .strings(["x", "y"]))]))?.hasPrefix("NO_CONTROLS") == true)
        #expect(code(data([("drug", .strings(["DMSO", "y", "untreated"]))]))?.contains("controlLabels") == true)
        #expect(
            code(data([("drug", labels), ("dose", .strings(["1", "10 uM", nil]))]))?.hasPrefix("DOSE_VALUE") == true)
        #expect(code(data([("drug", labels), ("dose", .floats([1, -1, 0]))]))?.contains("useDoses") == true)
        #expect(
            code(
                data([
                    ("drug", labels), ("dose", .floats([1, 1, 0])), ("dose_unit", .strings(["uM", "nM", "uM"])),
                ]))?.contains("doseUnit") == true)
        #expect(
            code(data([("drug", labels), ("is_control", .strings(["maybe", "no", "yes"]))]))?.contains("controlLabels")
                == true)
    }

    @Test func optionsWinOverHabits() throws {
        var options = ScreenOptions()
        options.perturbationColumn = "arm"
        options.controlLabels = ["zero"]
        options.useDoses = false
        options.where = ["donor": ["d1"]]
        let screen = try PerturbationScreen(
            data([
                ("drug", .strings(["x", "y", "control", "x"])), ("arm", .strings(["one", "zero", "two", "zero"])),
                ("donor", .strings(["d1", "d1", "d1", "d2"])), ("dose", .strings(["?", "?", "?", "?"])),
            ]), scale: .log1p, options: options)
        #expect(screen.cellCount == 3 && screen.perturbations == ["one", "two"] && screen.controlCells == [1])
        options.controlLabels = ["nought"]
        #expect(
            code(data([("arm", .strings(["one", "zero"])), ("donor", .strings(["d1", "d1"]))]), options)?
                .hasPrefix("NO_CONTROLS") == true)
        options.where = ["donor": ["d3"]]
        #expect(
            code(data([("arm", .strings(["one", "zero"])), ("donor", .strings(["d1", "d1"]))]), options)?
                .hasPrefix("MISSING_ELEMENT") == true)
    }

    /// Matched controls carry the drug's name, as in Open TG-GATEs.
    @Test func matchedControlsArePooled() throws {
        let screen = try PerturbationScreen(
            data([
                ("drug", .strings(["x", "x", "y", "y"])), ("is_control", .booleans([true, false, true, false])),
                ("dose", .floats([0, 1, 0, 2])), ("dose_unit", .strings(["uM", "uM", "uM", "uM"])),
            ]), scale: .logIntensity)
        #expect(screen.contexts.map(\.perturbation) == ["control", "x", "y"])
        #expect(screen.contextOfCell == [0, 1, 0, 2])
        #expect(screen.notices.map(\.code) == ["CONTROLS_POOLED"])
    }

    @Test func cellsWithoutALabelAreLeftOut() throws {
        let screen = try PerturbationScreen(data([("drug", .strings(["x", nil, "ctrl"]))]), scale: .log1p)
        #expect(screen.cellCount == 2)
        #expect(screen.expression.row(1).elementsEqual([6.5, 7.5, 8.5]))
        #expect(Set(screen.notices.map(\.code)) == ["NO_LABEL", "CONTROL_LABEL"])
        let uncalled = try PerturbationScreen(data([("drug", .strings(["x", "Not assigned", "ctrl"]))]), scale: .log1p)
        #expect(uncalled.cellCount == 3)
        #expect(uncalled.notices.contains { $0.code == "UNCALLED_CELLS" && $0.message.contains("Not assigned") })
    }

    @Test func targetsFromAColumnALabelOrALayer() throws {
        let byColumn = try PerturbationScreen(
            data([
                ("condition", .strings(["inhibitor", "both", "other", "control"])),
                ("target", .strings(["B", "A, C", "none", "none"])),
            ]), scale: .log1p)
        #expect(byColumn.knownTargets == ["inhibitor": ["B"], "both": ["A", "C"]])
        let byLabel = try PerturbationScreen(
            data([("perturbation", .strings(["A+B", "C+ctrl", "unmeasured", "control"]))]), scale: .log1p)
        #expect(byLabel.knownTargets == ["A+B": ["A", "B"], "C+ctrl": ["C"]])
        let mask = CellMatrix.dense(Matrix(rows: 2, columns: 3, values: [0, 0, 1, 0, 0, 0]))
        let byLayer = try PerturbationScreen(
            data([("perturbation", .strings(["A", "control"]))], layers: ["interventions": mask]), scale: .log1p)
        #expect(byLayer.knownTargets == ["A": ["C"]])
        #expect(
            try PerturbationScreen.targetGenes(
                of: data([("perturbation", .strings(["A+B", "C+ctrl", "unmeasured", "control"]))])) == ["A", "B", "C"])
        var options = ScreenOptions()
        options.useKnownTargets = false
        #expect(
            try PerturbationScreen(
                data([("perturbation", .strings(["A", "control"]))]), scale: .log1p, options: options
            ).knownTargets.isEmpty)
    }

    @Test func observationalCellsAreControls() throws {
        let screen = try PerturbationScreen.observational(
            data([("batch", .strings(["a", "b"]))], genes: ["A", "A", "A-1"]), scale: .scaled)
        #expect(screen.genes == ["A", "A-2", "A-1"])
        #expect(screen.controlCells == [0, 1])
    }
}
