import AnnotatedData
import Testing

@testable import Screens

struct TreatmentRequestsTests {
    private static func table(_ columns: [(String, [String?])]) -> AnnotationTable {
        AnnotationTable(
            names: columns[0].1.indices.map { "row \($0)" },
            columns: columns.map { AnnotationColumn(name: $0.0, values: .strings($0.1)) })
    }

    private static let inMicromolar = [
        Context(perturbation: "control", isControl: true), Context(perturbation: "a", dose: 1, doseUnit: "uM"),
    ]

    private static let ofTwoLines = ["x", "y"].map {
        Context(perturbation: "a", covariates: ["line": $0, "batch": "1"])
    }

    private func requests(
        _ columns: [(String, [String?])], of contexts: [Context] = [Context(perturbation: "a")],
        combinations: [String: [String]] = [:]
    ) throws(ScreenError) -> TreatmentRequests {
        try TreatmentRequests(Self.table(columns), of: contexts, combinations: combinations)
    }

    private func refusal(
        _ columns: [(String, [String?])], of contexts: [Context] = [Context(perturbation: "a")]
    ) -> ScreenError? {
        do throws(ScreenError) {
            _ = try requests(columns, of: contexts)
            return nil
        } catch { return error }
    }

    @Test func dosesComeInAnyUnitOfTheKind() throws {
        let read = try requests(
            [
                ("perturbation", ["a", "a", "a", "a", "a"]), ("dose", ["2", "300 nM", "4", "0.1", nil]),
                ("dose_unit", ["uM", nil, "mM", nil, "uM"]),
            ], of: Self.inMicromolar)
        // By the definitions of the units, rounded once; a bare number is in the unit of the screen.
        #expect(read.requests.map(\.context.dose) == [2, 0.3, 4000, 0.1, nil])
        #expect(read.notices.map(\.code) == ["DOSES_CONVERTED"])
        #expect(read.notices[0].message.contains("mM, nM"))
    }

    @Test func dosesThatCantBeCompared() {
        let wrong = refusal([("perturbation", ["b", "a"]), ("dose", ["1", "2 mg/ml"])], of: Self.inMicromolar)
        #expect(wrong?.code == "DOSE_VALUE" && wrong?.element == "dose, row 2")
        #expect(refusal([("perturbation", ["a"]), ("dose", ["-1"])])?.code == "DOSE_VALUE")
        #expect(refusal([("perturbation", ["a"]), ("dose", ["1 nM + 2 nM"])])?.code == "DOSE_VALUE")
        let mixed = refusal([("perturbation", ["a", "a"]), ("dose", ["1", "1"]), ("dose_unit", ["nM", "uM"])])
        #expect(mixed?.code == "DOSE_VALUE" && mixed?.element == "dose_unit")
    }

    @Test func perturbationsGivenTogether() throws {
        let read = try requests(
            [("perturbation", ["b", "c", "a", "d"]), ("group", ["one", nil, "one", "alone"])],
            combinations: ["a+b": ["a", "b"]])
        #expect(read.requests.map(\.context.perturbation) == ["a+b", "c", "d"])
        #expect(read.requests.map(\.parts) == [["b", "a"], nil, nil])
        let unknown = try requests([("perturbation", ["b", "c"]), ("group", ["one", "one"])])
        #expect(unknown.requests.map(\.combinations) == [["one": ["b", "c"]]])
        let doses = refusal([("perturbation", ["a", "b"]), ("group", ["one", "one"]), ("dose", ["1", "2"])])
        #expect(doses?.code == "BAD_GROUP" && doses?.element == "one")
        #expect(refusal([("perturbation", ["a", "a"]), ("group", ["one", "one"])])?.code == "BAD_GROUP")
    }

    @Test func covariatesLeftOpenMeanAllKinds() throws {
        let read = try requests(
            [("perturbation", ["a", "b", "c", "b"]), ("line", [nil, "y", "z", "y"])], of: Self.ofTwoLines)
        #expect(
            read.requests.map(\.context.covariates) == [
                ["line": "x", "batch": "1"], ["line": "y", "batch": "1"], ["line": "y", "batch": "1"], ["line": "z"],
            ])
        #expect(read.notices.map(\.code) == ["UNKNOWN_COVARIATE", "ALL_KINDS"])
    }

    @Test func rowsWithoutAPerturbationAreRefused() {
        let missing = refusal([("perturbation", ["a", nil])])
        #expect(missing?.code == "MISSING_ELEMENT" && missing?.element == "perturbation, row 2")
    }

    @Test func rowsAreNamedWhereNoColumnIs() throws {
        #expect(try requests([("dose", ["1"])]).requests.map(\.context.perturbation) == ["row 0"])
    }
}
