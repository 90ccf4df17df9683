import AnnotatedData
import Formats
import Foundation
import Testing

struct TableTests {
    private let text = #"""
        dataset,drug,smiles,dose,count,control,code
        d1,aspirin,"C,C",0.5,1,True,007
        d1,"x ""y""",,1,,False,012
        d2,none,CC,,3,True,100

        """#

    @Test func columnsAreTyped() throws {
        let scratch = try Scratch()
        let table = try readTable(try scratch.file("t.csv", text), namesColumn: "drug")
        #expect(table.names == ["aspirin", "x \"y\"", "none"])
        #expect(table.columns.map(\.name) == ["dataset", "smiles", "dose", "count", "control", "code"])
        #expect(table["smiles"] == .strings(["C,C", nil, "CC"]))
        #expect(table["count"] == .integers([1, nil, 3]))
        #expect(table["control"] == .booleans([true, false, true]))
        #expect(table["code"] == .strings(["007", "012", "100"]))
        guard case .floats(let doses)? = table["dose"] else {
            Issue.record("dose is not of floats")
            return
        }
        #expect(doses[0] == 0.5 && doses[1] == 1 && doses[2].isNaN)
    }

    @Test func theFirstColumnHoldsNamesUnlessAnotherIsAskedFor() throws {
        let scratch = try Scratch()
        let path = try scratch.file("t.csv", text)
        #expect(try readTable(path).names == ["d1", "d1", "d2"])
        let error = #expect(throws: FormatError.self) { try readTable(path, namesColumn: "compound") }
        #expect(error?.code == "MISSING_ELEMENT" && error?.message.contains("drug") == true)
        let twice = #expect(throws: FormatError.self) { try readTable(scratch.file("u.csv", "a,b,b\n1,2,3\n")) }
        #expect(twice?.code == "DUPLICATE_NAMES")
    }

    @Test(arguments: ["t.csv", "t.tsv"])
    func whatIsWrittenIsReadBack(name: String) throws {
        let scratch = try Scratch()
        let table = AnnotationTable(
            names: ["a", "b,\t\"c\"", "#d"],
            columns: [
                AnnotationColumn(name: "shift", values: .floats([0.1, -1e-12, 1e300])),
                AnnotationColumn(name: "gene", values: .strings(["TP53", nil, "line\nbreak"])),
                AnnotationColumn(name: "n", values: .integers([1, nil, -3])),
                AnnotationColumn(name: "hit", values: .booleans([true, false, nil])),
            ])
        try writeTable(table, to: scratch.path(name), namesColumn: "perturbation")
        #expect(try readTable(scratch.path(name)) == table)
        #expect(try readTable(scratch.path(name), namesColumn: "gene")["perturbation"] == .strings(table.names))
    }
}
