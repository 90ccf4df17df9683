import AnnotatedData
import Formats
import Foundation
import Matrices
import Testing

@testable import Runs

struct CheckupTests {
    /// A screen of counts: `labels` one a cell, further columns beside.
    private func checkup(
        _ labels: [String], genes: [String] = ["TP53", "PTEN", "MYC"], columns: [(String, [String])] = [],
        value: (Int) -> Float = { Float($0 % 4) }, settings: (inout RunConfiguration) -> Void = { _ in }
    ) throws -> Checkup {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).h5ad").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let table = [("perturbation", labels)] + columns
        try writeH5AD(
            AnnotatedMatrix(
                x: .dense(
                    Matrix(
                        rows: labels.count, columns: genes.count, values: (0..<labels.count * genes.count).map(value))),
                cells: AnnotationTable(
                    names: labels.indices.map { "c\($0)" },
                    columns: table.map { AnnotationColumn(name: $0.0, values: .strings($0.1)) }),
                genes: AnnotationTable(names: genes)),
            to: path)
        var configuration = RunConfiguration()
        settings(&configuration)
        return try Checkup.of(file: path, configuration: configuration)
    }

    private func repeated(_ groups: [(String, Int)]) -> [String] {
        groups.flatMap { Array(repeating: $0.0, count: $0.1) }
    }

    @Test func aSoundScreenHasNoProblem() throws {
        let checkup = try checkup(repeated([("control", 20), ("TP53", 3), ("PTEN", 3)]))
        #expect(checkup.problems == [])
        #expect(checkup.text.hasSuffix("no problem found"))
        #expect(checkup.notes.contains { $0.message.contains("2 of 2 perturbations have a measured target") })
    }

    @Test func everyProblemIsNamedWithItsRemedy() throws {
        func codes(_ checkup: Checkup) -> [String] { checkup.problems.map { "\($0.effect) \($0.code)" } }
        let few = try checkup(repeated([("control", 19), ("TP53", 3), ("PTEN", 2)]))
        #expect(codes(few) == ["misleads FEW_CONTROLS", "misleads FEW_CELLS"])
        #expect(few.problems[1].message.hasPrefix("1 of 2 ") && few.problems[1].message.hasSuffix("such as PTEN"))
        #expect(
            codes(try checkup(repeated([("control", 20), ("TP53", 3), ("tp53 ", 3)]))) == ["misleads SIMILAR_LABELS"])
        let none = try checkup(repeated([("MYC", 20), ("TP53", 3)]))
        #expect(codes(none) == ["stops NO_CONTROLS"])
        #expect(none.problems[0].remedy.contains("screen.controlLabels"))
        let unclear = try checkup(repeated([("control", 20), ("TP53", 3)]), value: { Float($0 % 2) })
        #expect(codes(unclear) == ["stops AMBIGUOUS"])
        #expect(unclear.problems[0].remedy.hasPrefix("set preprocess.scale to one of counts, log1p"))
        let scaled = try checkup(repeated([("control", 20), ("TP53", 3)]), value: { Float($0 % 4) - 1.5 })
        #expect(codes(scaled) == ["misleads NOT_COUNTS"])
        let repeatedGene = try checkup(repeated([("control", 20), ("TP53", 3)]), genes: ["MYC", "MYC"])
        #expect(codes(repeatedGene) == ["misleads DUPLICATE_NAMES"])
    }

    @Test func dosesAreChecked() throws {
        let labels = repeated([("control", 20), ("TP53", 6)])
        func problems(_ doses: [String], _ more: [(String, [String])] = []) throws -> [String] {
            let column = repeated([("0", 20)]) + doses
            return try checkup(labels, columns: [("dose", column)] + more).problems.map { "\($0.effect) \($0.code)" }
        }
        let bare = ["1", "1", "1", "10", "10", "10"]
        #expect(try problems(bare) == ["misleads UNKNOWN_DOSE_UNIT"])
        #expect(try problems(bare, [("dose_unit", repeated([("nM", 26)]))]) == [])
        #expect(try problems(bare.map { $0 + " uM" }) == [])
        // A plus sign of an exponent divides nothing.
        #expect(try problems(bare.map { $0 + "e+2 nM" }) == [])
        #expect(try problems(["1 nM", "1 nM", "1 nM", "1 %", "1 %", "1 %"]) == ["stops DOSE_VALUE"])
        // What else is wrong is told beside doses that can't be read.
        #expect(try problems(bare.dropLast() + ["much"]) == ["stops DOSE_VALUE"])
        #expect(
            try problems(bare, [("dose_unit", repeated([("nM", 23), ("uM", 3)]))]) == ["stops AMBIGUOUS"])
        let lists = try checkup(labels, columns: [("dose", repeated([("0", 20), ("10+5", 6)]))])
        #expect(lists.problems.map(\.code) == ["DOSE_LISTS"])
        #expect(lists.problems.first?.message.contains("10+5") == true)
        // So many copies of guides are no doses, and leaving them out is right.
        let copies = try checkup(labels, columns: [("dose", repeated([("1", 23), ("1+1", 3)]))])
        #expect(copies.problems == [] && copies.notes.contains { $0.code == "NOT_DOSES" })
        #expect(lists.problems.first?.remedy.contains("screen.doseColumn") == true)
    }

    @Test func whatIsSaidByOptionIsNoProblem() throws {
        let labels = repeated([("MYC", 20), ("TP53", 3)])
        let checkup = try checkup(labels, value: { Float($0 % 2) }) {
            $0.screen.controlLabels = ["MYC"]
            $0.preprocess.scale = .counts
        }
        #expect(checkup.problems == [])
    }

    /// A batch without controls confounds; one with controls is only mentioned.
    @Test func batchesWithoutControls() throws {
        let labels = repeated([("control", 20), ("TP53", 3), ("PTEN", 3)])
        let confounded = try checkup(labels, columns: [("batch", repeated([("b1", 23), ("b2", 3)]))])
        #expect(confounded.problems.map(\.code) == ["CONFOUNDED"])
        #expect(confounded.problems.first?.message.hasPrefix("3 treated cells are of 1 values of batch") == true)
        let controlled = try checkup(labels, columns: [("batch", repeated([("b1", 10), ("b2", 16)]))])
        #expect(controlled.problems == [])
        #expect(controlled.notes.contains { $0.code == "BATCHES" })
    }

    /// Damage is a problem of the file, a missing file is an error of the call.
    @Test func damageIsAProblem() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).h5ad").path
        #expect(throws: Failure.self) { try Checkup.of(file: path) }
        try Data("<html>".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let checkup = try Checkup.of(file: path)
        #expect(checkup.problems.map(\.code) == ["NOT_HDF5"])
    }
}
