import Foundation
import Testing

/// Screens, features and questions that a model can't use, or only in part: each an error that says so, or a result with
/// a note of what follows.
struct ScreenBadInputTests {
    private static let genes = ["a", "b", "c", "d", "e", "f"]

    /// Cells of drugs d1 to d5, of which d_i raises the i-th gene by 3 of its deviations, and of controls.
    private struct Cells {
        var values: [[Double]] = []
        var labels: [String] = []
        /// Texts of the column `dose`; empty for none.
        var doses: [String] = []
        /// Texts of the column `cell_line`; empty for none.
        var lines: [String] = []

        /// Cells in turn of two lines, the second of which has 4 more of every gene.
        func ofTwoLines() -> Cells {
            var cells = self
            cells.lines = values.indices.map { $0 % 2 == 0 ? "low" : "high" }
            cells.values = zip(values, cells.lines).map { row, line in row.map { line == "high" ? $0 + 4 : $0 } }
            return cells
        }

        /// - Parameter counts: Cells of each drug.
        init(counts: [Int] = [12, 12, 12, 12, 12], controls: Int = 40, dose: (Int) -> String? = { _ in nil }) {
            for (drug, count) in ([controls] + counts).enumerated() {
                for cell in 0..<count {
                    let row = labels.count
                    // Sums of three numbers that are spread evenly over 0…1 by the golden ratio and the like.
                    values.append(
                        (1...6).map { gene in
                            let steps = [0.6180339887, 0.7548776662, 0.5698402910].map { Double(row * 7 + gene) * $0 }
                            let noise = steps.reduce(0) { $0 + $1 - $1.rounded(.down) } - 1.5
                            return 5 + 2 * noise + (gene == drug ? 3 : 0)
                        })
                    labels.append(drug == 0 ? "control" : "d\(drug)")
                    if let text = dose(drug == 0 ? -1 : cell) { doses.append(text) }
                }
            }
        }
    }

    private let panel: StructurePanel

    init() throws { panel = try StructurePanel() }

    private static let features = [
        "perturbation\tx\ty", "d1\t0\t1", "d2\t1\t0.5", "d3\t2\t-1", "d4\t3\t2", "d5\t4\t0",
    ]

    private func table(_ name: String, _ lines: [String]) throws -> String {
        try panel.file(name, lines.joined(separator: "\n") + "\n")
    }

    private func fit(_ cells: Cells, _ arguments: [String] = [], to model: String = "model") throws -> Binary.Result {
        let store = try panel.store(
            cells.values, labels: cells.labels,
            columns: ["dose": cells.doses, "cell_line": cells.lines].filter { !$0.value.isEmpty }, genes: Self.genes,
            name: "\(model).zarr")
        let screen = panel.path("\(model).h5ad")
        // Values that are no numbers are refused here already.
        let converted = try Binary.run(["convert", store, screen, "--force"])
        guard converted.status == 0 else { return converted }
        return try Binary.run(
            ["fit", screen, "-o", panel.path(model)]
                + [
                    "preprocess.scale=scaled", "preprocess.minGenesPerCell=0", "preprocess.minCellsPerGene=0",
                    "fit.responses.draws=3", "fit.responses.restarts=1", "fit.responses.particles=50",
                ].flatMap { ["--set", $0] } + arguments)
    }

    private func predict(_ lines: [String]?, of model: String = "model", to output: String = "out") throws
        -> Binary.Result
    {
        try Binary.run(
            ["predict", panel.path(model), "-o", panel.path(output + ".h5ad"), "--cells", "5", "--force"]
                + (try lines.map { ["--perturbations", try table("asked.tsv", $0)] } ?? []))
    }

    /// Perturbations of which shifts were predicted.
    private func predicted(_ output: String = "out") throws -> Set<String> {
        let lines = try String(contentsOfFile: panel.path(output + ".shifts.tsv"), encoding: .utf8).split(
            separator: "\n")
        return Set(lines.dropFirst().map { String($0.prefix { $0 != "\t" }) })
    }

    private func expectDone(
        _ result: Binary.Result, saying words: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.status == 0, "\(result.error)", sourceLocation: sourceLocation)
        let notes = result.error.split(separator: "\n").filter { $0.hasPrefix("note: ") }
        #expect(
            words.isEmpty || notes.contains { $0.contains(words) }, "\(result.error)", sourceLocation: sourceLocation)
    }

    // MARK: Features

    @Test func aPerturbationWithoutFeaturesIsFittedFromItsCells() throws {
        let some = try table("features.tsv", Self.features.filter { !$0.hasPrefix("d3") })
        let fitted = try fit(Cells(), ["--features", some])
        expectDone(fitted, saying: "1 of 5 perturbations have no features")
        #expect(fitted.error.contains("d3"))
        expectDone(try predict(nil))
        #expect(try predicted() == ["d1", "d2", "d3", "d4", "d5"])
        let targets = try String(contentsOfFile: panel.path("model/targets.tsv"), encoding: .utf8)
        #expect(targets.contains("\nd3\t"))
    }

    @Test func aFeatureWithoutItsNumberCountsAsMissing() throws {
        let lines = Self.features.map { $0.hasPrefix("d3") ? "d3\t\t-1" : $0 }
        expectDone(
            try fit(Cells(), ["--features", try table("features.tsv", lines)]),
            saying: "1 of 5 perturbations have no features")
    }

    @Test func constantFeaturesTellNothingOfOthers() throws {
        let lines = Self.features.map { $0.hasPrefix("d") ? "\($0.prefix(2))\t1\t1" : $0 }
        let constant = try table("features.tsv", lines)
        expectDone(try fit(Cells(), ["--features", constant]), saying: "unseen ones can't be predicted")
        expectDone(try predict(["perturbation", "d2"]))
        expectFourLines(
            try predict(["perturbation\tx\ty", "new\t1\t2"]), status: 65, code: "UNSEEN_WITHOUT_FEATURES", in: "new")
    }

    @Test func aConstantFeatureBesideOthersDoesNoHarm() throws {
        let lines = Self.features.map { $0 + ($0.hasPrefix("d") ? "\t7" : "\tz") }
        expectDone(try fit(Cells(), ["--features", try table("features.tsv", lines)]))
        expectDone(try predict(["perturbation\tx\ty\tz", "new\t0.5\t1\t7"]))
    }

    @Test func anUnseenPerturbationWithoutFeatures() throws {
        expectDone(try fit(Cells()))
        expectFourLines(
            try predict(["perturbation", "new"]), status: 65, code: "UNSEEN_WITHOUT_FEATURES", in: "new",
            says: "knows no features")
        let features = try table("features.tsv", Self.features)
        expectDone(try fit(Cells(), ["--features", features], to: "other"))
        expectFourLines(
            try predict(["perturbation", "d1", "new"], of: "other"), status: 65, code: "UNSEEN_WITHOUT_FEATURES",
            in: "new", says: "2 features expected")
        #expect(!FileManager.default.fileExists(atPath: panel.path("out.h5ad")))
    }

    @Test func columnsOfFeaturesAreFoundByName() throws {
        expectDone(try fit(Cells(), ["--features", try table("features.tsv", Self.features)]))
        expectDone(try predict(["perturbation\tx\ty", "new\t0.5\t1"], to: "one"))
        expectDone(try predict(["perturbation\tz\ty\tx", "new\t9\t1\t0.5"], to: "two"))
        let tables = try ["one", "two"].map { try Data(contentsOf: URL(filePath: panel.path($0 + ".shifts.tsv"))) }
        #expect(tables[0] == tables[1])
        expectFourLines(
            try predict(["perturbation\ty", "new\t1"]), status: 65, code: "BAD_FEATURES", in: "asked.tsv", says: "x")
    }

    // MARK: Doses

    @Test func oneDoseOnly() throws {
        expectDone(try fit(Cells { $0 < 0 ? "0" : "2" }), saying: "one dose tells nothing of a dose curve")
        expectDone(try predict(["perturbation\tdose", "d1\t2", "d1\t4"]))
        expectFourLines(try predict(["perturbation", "d1"]), status: 65, code: "DOSE", in: "d1")
    }

    @Test func dosesOfSeveralUnitsAreBroughtToOne() throws {
        let fitted = try fit(Cells { $0 < 0 ? "0 nM" : $0 % 2 == 0 ? "500 nM" : "2 uM" })
        expectDone(fitted, saying: "Doses were read from texts")
        expectDone(try predict(nil))
        let lines = try String(contentsOfFile: panel.path("out.shifts.tsv"), encoding: .utf8).split(separator: "\n")
        let doses = Set(lines.dropFirst().map { Double($0.split(separator: "\t")[1]) ?? .nan })
        // One is four times the other in whatever unit.
        #expect(doses.count == 2 && abs((doses.max() ?? 0) / (doses.min() ?? 1) - 4) < 1e-9)
    }

    @Test func dosesThatCantBeCompared() throws {
        let units = try fit(Cells { $0 < 0 ? "0 nM" : $0 % 2 == 0 ? "500 nM" : "2 mg/ml" })
        #expect(units.status == 65 && units.error.contains("dose"), "\(units.error)")
        let bare = try fit(Cells { $0 < 0 ? "0 nM" : $0 % 2 == 0 ? "500 nM" : "2" })
        #expect(bare.status == 65 && bare.error.contains("dose"), "\(bare.error)")
    }

    // MARK: Questions

    /// Of `out.shifts.tsv`, by the fields of a row.
    private func rows(_ columns: [String]) throws -> [[String]] {
        let lines = try String(contentsOfFile: panel.path("out.shifts.tsv"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        let places = try columns.map { try #require(lines[0].firstIndex(of: $0)) }
        return lines.dropFirst().map { line in places.map { line[$0] } }
    }

    @Test func dosesOfAQuestionAreBroughtToTheUnitOfTheScreen() throws {
        expectDone(try fit(Cells { $0 < 0 ? "0 nM" : $0 % 2 == 0 ? "500 nM" : "2000 nM" }))
        expectDone(
            try predict(["perturbation\tdose\tdose_unit", "d1\t0.5\tuM", "d2\t2000\tnM", "d2\t2\tuM"]),
            saying: "converted to nM")
        #expect(try Set(rows(["perturbation", "dose"])) == [["d1", "500.0"], ["d2", "2000.0"]])
        expectFourLines(
            try predict(["perturbation\tdose\tdose_unit", "d1\t0.5\tmg/ml"]), status: 65, code: "DOSE_VALUE",
            in: "dose, row 1")
        expectFourLines(
            try predict(["perturbation\tdose", "d1\t500", "\t500"]), status: 65, code: "MISSING_ELEMENT", in: "row 2")
    }

    @Test func rowsOfAGroupAreGivenTogether() throws {
        expectDone(try fit(Cells()))
        expectDone(try predict(["perturbation\tgroup", "d1\tboth", "d2\tboth", "d3\t"]))
        let shifts = try Dictionary(
            rows(["perturbation", "gene", "shift"]).map { ("\($0[0]) \($0[1])", Double($0[2]) ?? .nan) },
            uniquingKeysWith: { first, _ in first })
        #expect(shifts.count == 12)
        // Each drug raises its own gene by 3: 2 is no chance of sampled cells, whose mean errs by about .3.
        for gene in ["a", "b"] { #expect((shifts["both \(gene)"] ?? 0) > 2) }
        #expect(abs(shifts["d3 a"] ?? .nan) < 1)
        expectFourLines(
            try predict(["perturbation\tgroup", "d1\tboth", "d1\tboth"]), status: 65, code: "BAD_GROUP", in: "both")
    }

    @Test func aKindOfCellsThatIsLeftOpenMeansAllOfThem() throws {
        let covariates = ["--set", "screen.covariates=[cell_line]"]
        expectDone(try fit(Cells().ofTwoLines(), covariates))
        expectDone(
            try predict(["perturbation\tcell_line", "d1\t", "d2\thigh", "d3\tstrange"]),
            saying: "predicted in each of high, low")
        #expect(
            try Set(rows(["perturbation", "cell_line"]))
                == [["d1", "low"], ["d1", "high"], ["d2", "high"], ["d3", "strange"]])
        // Controls of each line are its own: 4 apart, with standard errors of about .35 each.
        let controls = try rows(["perturbation", "cell_line", "gene", "control_mean"]).filter { $0[0] == "d1" }
        for gene in Self.genes {
            let means = controls.filter { $0[2] == gene }.sorted { $0[1] < $1[1] }.compactMap { Double($0[3]) }
            #expect(means.count == 2 && abs(means[0] - means[1] - 4) < 2)
        }
        // The lines differ by 4 in every gene, which is no shift: only the drug's own gene moves.
        for row in try rows(["perturbation", "gene", "shift"]) where row[0] == "d1" {
            let shift = try #require(Double(row[2]))
            #expect(abs(shift - (row[1] == "a" ? 3 : 0)) < 1.5)
        }
        let cells = try Binary.run(["inspect", panel.path("out.h5ad"), "--json"])
        #expect(!cells.output.contains("DUPLICATE_NAMES"))
    }

    @Test func effectsBesideHiddenCauses() throws {
        expectDone(try fit(Cells()))
        func explain(_ hidden: [String]) throws -> Binary.Result {
            try Binary.run(
                ["explain", panel.path("model"), "-o", panel.path("why"), "--force"]
                    + hidden.flatMap { ["--hidden", $0] })
        }
        expectDone(try explain(["batch", "phase=a,b"]))
        let table = try String(contentsOfFile: panel.path("why/identifiability.tsv"), encoding: .utf8)
        #expect(table.hasPrefix("source\ttarget\tprobability\tevidence\tagreement\t"))
        // Of every drug either what control cells would have been, or why that is not known.
        let counterfactuals = try String(contentsOfFile: panel.path("why/counterfactuals.tsv"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        #expect(counterfactuals[0].count == 14 && counterfactuals.allSatisfy { $0.count == 14 })
        #expect(Set(counterfactuals.dropFirst().map { $0[0] }).count == 5)
        #expect(counterfactuals.dropFirst().allSatisfy { $0[2].isEmpty != $0[13].isEmpty })
        let page = try String(contentsOfFile: panel.path("why/report.html"), encoding: .utf8)
        #expect(page.contains("What the control cells would have been"))
        #expect(page.contains("What hidden causes leave open") && page.contains("phase (on a, b)"))
        expectFourLines(try explain(["phase=a,z"]), status: 65, code: "UNKNOWN_NODES", in: "z")
    }

    // MARK: Cells

    @Test func aPerturbationOfThreeCells() throws {
        expectDone(try fit(Cells(counts: [12, 3, 12, 12, 12])), saying: "fewer than 10 cells")
        expectDone(try predict(nil))
        #expect(try predicted().contains("d2"))
    }

    @Test func noControls() throws {
        expectFourLines(try fit(Cells(controls: 0)), status: 65, code: "NO_CONTROLS", in: "perturbation")
        expectFourLines(try fit(Cells(controls: 1)), status: 65, code: "NO_CONTROL", says: "2 control cells")
    }

    @Test(arguments: [Double.nan, .infinity]) func valuesThatAreNoNumbers(value: Double) throws {
        var cells = Cells()
        cells.values[50][2] = value
        let result = try fit(cells)
        #expect(result.status == 65 && result.error.contains("NONFINITE"), "\(result.error)")
    }

    // MARK: Genes

    @Test func anotherPanelOfGenesAtPrediction() throws {
        expectDone(try fit(Cells()))
        var fewer = Cells()
        fewer.values = fewer.values.map { Array($0.prefix(5)) }
        let screen = try panel.store(
            fewer.values, labels: fewer.labels, genes: Array(Self.genes.prefix(5)), name: "fewer.zarr")
        let controls = panel.path("model/controls.h5ad")
        try FileManager.default.removeItem(atPath: controls)
        expectDone(try Binary.run(["convert", screen, controls]))
        expectFourLines(
            try predict(nil), status: 65, code: "SHAPE_MISMATCH", in: "controls.h5ad", says: "6 genes")
    }

    @Test func anotherPanelOfGenesAtEvaluation() throws {
        expectDone(try fit(Cells()))
        expectDone(try predict(nil))
        let more = try panel.store(
            Cells().values.map { $0 + [$0[0]] }, labels: Cells().labels, genes: Self.genes + ["g"], name: "more.zarr")
        let truth = panel.path("more.h5ad")
        expectDone(try Binary.run(["convert", more, truth]))
        let result = try Binary.run(
            [
                "evaluate", panel.path("out.h5ad"), truth, "--training", truth, "-o", panel.path("scores.tsv"), "--set",
                "preprocess.scale=scaled",
            ])
        #expect(result.status == 65, "\(result.error)")
        #expect(result.error.contains("gene"), "\(result.error)")
    }
}
